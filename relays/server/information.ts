import type { AccessPolicy } from '../access/policy.js';
import type { RelaySettings } from '../relay.js';
import type { RelayInformation } from '../strategy.js';

/** The NIP-11 document of a relay: what it can do and the limits that it keeps. */
export function relayInformation(
  name: string,
  { limits }: RelaySettings,
  access: AccessPolicy,
): RelayInformation {
  return {
    name,
    description: `Reference relay of reqbench with the strategy ${name}. It keeps events in memory only.`,
    // NIP-42 in an open relay too: publishing a protected event (NIP-70) asks for it.
    supported_nips: [1, 11, 42, 45, 67, 70],
    limitation: {
      max_message_length: limits.maxMessageBytes,
      max_subscriptions: limits.maxSubscriptions,
      max_filters: limits.maxFilters,
      max_limit: limits.maxLimit,
      default_limit: limits.maxLimit,
      max_subid_length: limits.maxSubscriptionIdLength,
      max_event_tags: limits.maxEventTags,
      auth_required: access.needsAuth,
      payment_required: false,
      restricted_writes: false,
    },
  };
}

import type { RelaySettings } from '../relay.js';
import type { RelayInformation, Substrate } from '../strategy.js';

const STORE_DESCRIPTION = { memory: 'in memory only', lmdb: 'on disk' } as const;

/** The NIP-11 document of a relay: what it can do and the limits that it keeps. */
export function relayInformation(
  name: string,
  settings: RelaySettings,
  { access, verifier }: Pick<Substrate, 'access' | 'verifier'>,
): RelayInformation {
  const { limits } = settings;
  return {
    name,
    description: `Reference relay of reqbench with the strategy ${name}. It keeps events ${STORE_DESCRIPTION[settings.store.engine]}.`,
    // An open relay asks for AUTH too, when a protected event (NIP-70) comes.
    supported_nips: [1, 9, 11, 40, 42, 45, ...(settings.completenessHints ? [67] : []), 70],
    // Not of the NIP: what a result needs to be understood.
    verify_threads: verifier.threads,
    limitation: {
      max_message_length: limits.maxMessageBytes,
      max_subscriptions: limits.maxSubscriptions,
      max_filters: limits.maxFilters,
      max_limit: limits.maxLimit,
      default_limit: limits.maxLimit,
      max_subid_length: limits.maxSubscriptionIdLength,
      max_event_tags: limits.maxEventTags,
      ...(limits.maxConnections > 0 ? { max_connections: limits.maxConnections } : {}),
      ...(limits.maxConnectionsPerAddress > 0
        ? { max_connections_per_address: limits.maxConnectionsPerAddress }
        : {}),
      auth_required: access.needsAuth,
      payment_required: false,
      restricted_writes: settings.access === 'follows' || settings.access === 'managed',
    },
  };
}

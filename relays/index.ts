/** Library entry `reqbench/relay`: the reference relays, and what a strategy of one's own is made of. */
export { batched } from './batched/index.js';
export type {
  FoundEvents,
  HookClient,
  HookQuery,
  Refusal,
  RelayHooks,
} from './hooks/hooks.js';
export type { NostrEvent } from './protocol/event.js';
export type { Filter, TagCondition } from './protocol/filter.js';
export {
  type AccessLevel,
  type AccessMembers,
  type AccessMode,
  type BatchedSettings,
  DEFAULT_LIMITS,
  type DeviationId,
  type RelayLimits,
  type RelaySettings,
  type RelaySettingsInput,
  relaySettings,
  type SourceTraits,
} from './relay.js';
export {
  type ReferenceRelay,
  type ReferenceRelayConfig,
  startReferenceRelay,
} from './server/reference-relay.js';
export type {
  Clock,
  Connection,
  Conversation,
  Outbox,
  RelayInformation,
  Strategy,
  Substrate,
  Turn,
  Turns,
} from './strategy.js';
export { createStreaming, type StreamingOptions, streaming } from './streaming/index.js';

/** Library entry `reqbench/relay`: the reference relays, and what a strategy of one's own is made of. */
export { batched } from './batched/index.js';
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
  Strategy,
  Substrate,
  Turn,
  Turns,
} from './strategy.js';
export { streaming } from './streaming/index.js';

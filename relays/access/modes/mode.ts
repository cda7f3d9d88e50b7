import type { AccessLevel } from '../../relay.js';
import type { EventStore } from '../../store/event-store.js';
import type { LiveIndex } from '../../subscriptions/live-index.js';

/** Who may do what, apart from the public keys that the settings name: those have their level in every mode. */
export interface Mode {
  /** What a client may do that hasn't authenticated. */
  readonly stranger: AccessLevel;
  /** Privileged kinds and `private` tags are kept from third parties. */
  readonly isPrivate: boolean;
  /** What the holder of a public key may do that the settings don't name. */
  levelOf(pubkey: string): AccessLevel;
}

/** What a mode is made from. */
export interface ModeContext {
  /** Public keys of owners and admins. */
  readonly admins: ReadonlySet<string>;
  readonly store: EventStore;
  /** Where a mode that hangs on events hears of new ones. */
  readonly live: LiveIndex;
}

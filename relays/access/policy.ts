import type { NostrEvent, RelayEvent } from '../protocol/event.js';
import type { Filter } from '../protocol/filter.js';
import type { AccessLevel, AccessMembers, RelaySettings } from '../relay.js';
import { asksForPrivileged, isParty, isPrivilegedKind, privateAudience } from './audience.js';
import { highest, reaches } from './levels.js';
import { MODES } from './modes/index.js';
import type { Mode, ModeContext } from './modes/mode.js';

/** Who asks, as far as NIP-42 says. */
export interface Reader {
  /** Every public key that this connection has authenticated. */
  readonly pubkeys: ReadonlySet<string>;
}

/**
 * Who may see and write what. One module for both strategies, and for stored, live, counted and cached events: they differ
 * in *when* they ask, never in what is answered. A refusal is the text that is sent, with its prefix, or undefined.
 */
export interface AccessPolicy {
  /** True when a client gets nowhere without AUTH. */
  readonly needsAuth: boolean;
  /** True when AUTH can gain a client something beyond writing protected events: any mode but `open`. */
  readonly usesAuth: boolean;
  /** Of one filter of a REQ or COUNT; without a filter, of reading at all. */
  refusalToRead(reader: Reader, filter?: Filter): string | undefined;
  refusalToWrite(writer: Reader, event: NostrEvent): string | undefined;
  /** Whether `reader` may see the event: {@link maySeeKind} and {@link maySeePrivate}. */
  maySee(event: RelayEvent, reader: Reader): boolean;
  /** False for a privileged kind that is nothing to `reader`. */
  maySeeKind(event: RelayEvent, reader: Reader): boolean;
  /** False for an event whose `private` tag doesn't name `reader`. */
  maySeePrivate(event: RelayEvent, reader: Reader): boolean;
}

/** The policy that the settings declare, for a relay with this store and these listeners. */
export function accessPolicy(
  { access, members }: Pick<RelaySettings, 'access' | 'members'>,
  { store, live }: Pick<ModeContext, 'store' | 'live'>,
): AccessPolicy {
  const admins = new Set([...(members.owner ?? []), ...(members.admin ?? [])]);
  return new ModePolicy(MODES[access]({ admins, store, live }), levelsOf(members), access !== 'open');
}

class ModePolicy implements AccessPolicy {
  readonly needsAuth: boolean;
  readonly usesAuth: boolean;
  readonly #mode: Mode;
  readonly #levels: ReadonlyMap<string, AccessLevel>;

  constructor(mode: Mode, levels: ReadonlyMap<string, AccessLevel>, usesAuth: boolean) {
    this.needsAuth = !reaches(mode.stranger, 'read');
    this.usesAuth = usesAuth;
    this.#mode = mode;
    this.#levels = levels;
  }

  refusalToRead(reader: Reader, filter?: Filter): string | undefined {
    const refusal = this.#refusal(reader, 'read');
    if (refusal !== undefined || filter === undefined) return refusal;
    const isNothingToStrangers = this.#mode.isPrivate && asksForPrivileged(filter);
    return isNothingToStrangers && reader.pubkeys.size === 0
      ? 'auth-required: events of these kinds go to those they concern'
      : undefined;
  }

  refusalToWrite(writer: Reader, event: NostrEvent): string | undefined {
    if (this.#levels.get(event.pubkey) === 'blocked') return 'blocked: this author is blocked here';
    return this.#refusal(writer, 'write');
  }

  maySee(event: RelayEvent, reader: Reader): boolean {
    return this.maySeeKind(event, reader) && this.maySeePrivate(event, reader);
  }

  maySeeKind(event: RelayEvent, reader: Reader): boolean {
    if (!this.#mode.isPrivate || !isPrivilegedKind(event.kind)) return true;
    return isParty(event, reader.pubkeys) || this.#isAdmin(reader);
  }

  maySeePrivate(event: RelayEvent, reader: Reader): boolean {
    const audience = this.#mode.isPrivate ? privateAudience(event) : undefined;
    if (audience === undefined) return true;
    return [...reader.pubkeys].some((pubkey) => audience.has(pubkey)) || this.#isAdmin(reader);
  }

  #refusal(reader: Reader, needed: 'read' | 'write'): string | undefined {
    const level = this.#levelOf(reader);
    if (reaches(level, needed)) return undefined;
    if (reader.pubkeys.size === 0) return `auth-required: to ${needed}, authenticate`;
    return level === 'blocked'
      ? 'blocked: this public key is blocked here'
      : `restricted: this public key may not ${needed} here`;
  }

  #isAdmin(reader: Reader): boolean {
    return reader.pubkeys.size > 0 && reaches(this.#levelOf(reader), 'admin');
  }

  /** Of several public keys, the one that may do most counts. */
  #levelOf({ pubkeys }: Reader): AccessLevel {
    if (pubkeys.size === 0) return this.#mode.stranger;
    return highest([...pubkeys].map((pubkey) => this.#levels.get(pubkey) ?? this.#mode.levelOf(pubkey)));
  }
}

function levelsOf(members: AccessMembers): ReadonlyMap<string, AccessLevel> {
  const levels = new Map<string, AccessLevel>();
  for (const level of MEMBER_LEVELS) for (const pubkey of members[level] ?? []) levels.set(pubkey, level);
  return levels;
}

/** In the order in which a public key that is named twice gets the last. */
const MEMBER_LEVELS = ['read', 'write', 'admin', 'owner', 'blocked'] as const;

/** Whether a refusal says that AUTH would help: then the client must have been given a challenge (NIP-42). */
export function asksForAuth(refusal: string): boolean {
  return refusal.startsWith('auth-required:');
}

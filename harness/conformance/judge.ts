import type { NostrEvent } from 'nostr-tools/pure';
import type { AccessMode } from '../../relays/relay.js';
import type { KnownEvents } from '../client/known-events.js';
import type { ReceivedMessage, SentMessage } from '../client/message.js';
import type { Conformance, ExcerptLine } from '../results.js';
import type { AnswerCounts } from './stored-answers.js';
import type { Clocks } from './wall-clock.js';

/** What a judge has to know beforehand. */
export interface JudgeContext {
  readonly known: KnownEvents;
  /** Events 0 to loaded - 1 of `known` were given to the relay before the load. */
  readonly loaded: number;
  /** Of those, the ones that the relay didn't accept; default none. */
  readonly refusedAtLoad?: ReadonlySet<number> | undefined;
  /** False: nobody loaded the relay (attached), so what it should answer is unknown; default true. */
  readonly holdingsKnown?: boolean | undefined;
  /**
   * Others write to the relay too: it may hold events that match and that the harness knows nothing of. Only filters that name
   * authors or ids of the run ask for nothing of theirs.
   */
  readonly shared?: boolean | undefined;
  readonly access: AccessMode;
  /** Public keys of admins and owners, who may read everything; undefined: not known, so anybody may be one. */
  readonly admins?: ReadonlySet<string> | undefined;
  /** For the time of day of stamps; default: the clocks of this machine. */
  readonly clocks?: Clocks | undefined;
  /** NIPs that the relay claims (NIP-11, `supported_nips`). */
  readonly claims: ReadonlySet<number>;
  /** After this an answer is late, and an event that didn't come is missing. */
  readonly deadlineMs: number;
  /** How long after its OK, or after a REQ was replaced, messages may still be on their way; default 1 s. */
  readonly graceMs?: number | undefined;
  /** Whether an event has the right id and signature; asked only for events that the harness doesn't know. */
  readonly verify: (event: NostrEvent) => boolean;
  /** How many events may be verified in all, since it is slow; default 5,000. Others are set aside. */
  readonly verifications?: number | undefined;
  /** Count failed SHOULD checks as failed. */
  readonly strict?: boolean | undefined;
}

/** A connection whose missing answers can only be judged once it has been silent and answered a fresh REQ. */
export interface OpenQuestion {
  readonly connection: number;
  /** What is missing, for the progress line: `EOSE of r12`. */
  readonly missing: readonly string[];
  /** When anything was last got on the connection. */
  readonly lastGotNs: number;
}

/**
 * What happened on a connection that another judge of the same relay sees. Nothing else of it matters to the
 * connections of this one: not what was asked or served there.
 */
export type DistantNotice =
  /** An EVENT was sent; `known` is its number in `KnownEvents`. */
  | { readonly kind: 'published'; readonly known: number; readonly atNs: number }
  /** An OK for an EVENT of that connection was got. `duplicate`: it said that the relay had the event before. */
  | {
      readonly kind: 'answered';
      readonly known: number;
      readonly accepted: boolean;
      readonly duplicate: boolean;
      readonly atNs: number;
    }
  /** An AUTH challenge was got, so the relay supports NIP-42. */
  | { readonly kind: 'challenged'; readonly atNs: number };

/**
 * Applies every invariant to a wire trace as it happens (conformance.md). Stamps are `nowNs()`: `sent` taken
 * before the write, `got` on arrival. One judge sees all connections of one relay in one round, in stamp order; or
 * several share the connections, and each is told of the others' publishes at their place in that order.
 */
export interface Judge {
  opened(connection: number, atNs: number): void;
  sent(connection: number, message: SentMessage, atNs: number): void;
  got(connection: number, message: ReceivedMessage, atNs: number): void;
  /** Something happened on a connection of another judge. */
  elsewhere(notice: DistantNotice): void;
  /** The client reads slowly on purpose from now on: nothing that it gets is late. */
  readsSlowly(connection: number): void;
  /** The connection ended; `detail` is its close code and reason (hostile), or the error that ended it. */
  closed(connection: number, by: 'client' | 'relay', detail: string, atNs: number): void;
  /** The last messages of a connection about a subscription, for a check of the scenario's own. */
  excerpt(connection: number, subscription: string): readonly ExcerptLine[];
  /** Whether a live event or an OK is overdue on a connection, so that it has to stay open until that can be judged. */
  isOwed(connection: number, atNs: number): boolean;
  /** After the load: connections on which something is still missing; with `of`, that one alone. */
  openQuestions(of?: number): readonly OpenQuestion[];
  /** The outcome of the silence and the fresh REQ on a connection with open questions. */
  probed(connection: number, answered: boolean, atNs: number): void;
  /** Judges what is left and reports; nothing may be fed afterwards. */
  finish(atNs: number): JudgeReport;
}

export interface JudgeReport {
  readonly conformance: Conformance;
  /** EOSE, OK and live events that were owed and never came. */
  readonly lost: number;
  /** EOSE, OK and live events that came after the deadline. */
  readonly late: number;
  /** How the stored answers were. */
  readonly answers: AnswerCounts;
  /** Messages of the relay that came, and those that were judged, where a judge may have had to give up; undefined: all were. */
  readonly messages?: { readonly came: number; readonly judged: number } | undefined;
}

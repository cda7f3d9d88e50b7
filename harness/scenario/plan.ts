/**
 * The plan: every client, step, filter and publish of a scenario, drawn from the seed before anything runs. It
 * names events by corpus position and times by their offset from the epoch, so its fingerprint is the same for
 * every epoch. A {@link Workload} (workload.ts) is a plan made concrete against a corpus.
 */

import type { NostrEvent } from 'nostr-tools/pure';
import type { OtherText } from '../client/sent-text.js';
import type { ReadRate } from './pacing.js';
import type { RawPayload } from './raw.js';

/** A value that depends on the corpus or its epoch, named without either. */
export type CorpusReference =
  /** Id of the event at this corpus position. */
  | { readonly event: number }
  /** Public key of the author with this index: the order of first appearance in the corpus. */
  | { readonly author: number }
  /** Public key of a session's own identity. */
  | { readonly identity: number }
  /** A unix time, as seconds from the corpus epoch. */
  | { readonly epochPlusS: number };

export type PlanValue = string | number | CorpusReference;

/** A NIP-01 filter whose values are {@link PlanValue}s; keys as in the NIP. */
export type PlanFilter = Readonly<Record<string, PlanValue | readonly PlanValue[]>>;

/** An event that a script publishes; signed by its session's identity. */
export interface PlannedEvent {
  readonly identity: number;
  readonly kind: number;
  readonly createdAtEpochPlusS: number;
  readonly tags: readonly (readonly PlanValue[])[];
  readonly content: string;
}

/**
 * One step of a session, shared by plan and workload. `request` and `publish` are indices into the lists of the
 * plan or workload. Times are due times relative to the previous step (contracts.md, "When a step is due").
 */
export type Step =
  | { readonly do: 'connect' }
  /** Wait up to `withinMs` for a challenge and answer it; in any case answer later refusals by AUTH and resend once. */
  | { readonly do: 'auth'; readonly withinMs: number }
  | {
      readonly do: 'req';
      /** Label of the request in metrics and `expect`. */
      readonly as: string;
      readonly request: number;
      /** Subscription id to use; undefined: one that this connection has not used before. */
      readonly subscription?: string | undefined;
      readonly await: 'eose' | 'none';
      /** `close`: send CLOSE once EOSE came. */
      readonly then: 'close' | 'keep';
    }
  | { readonly do: 'count'; readonly as: string; readonly request: number; readonly await: 'answer' | 'none' }
  | { readonly do: 'publish'; readonly as: string; readonly publish: number; readonly await: 'ok' | 'none' }
  /** HTTP load for so long; `perS` of all connections together. */
  | {
      readonly do: 'http';
      readonly as: string;
      readonly request: 'nip11' | 'upgrade';
      readonly connections: number;
      readonly perS?: number | undefined;
      readonly forMs: number;
    }
  /** Send a message as it is. `means`: what it is, in a workload; a plan doesn't say. */
  | (RawPayload & { readonly do: 'raw'; readonly as: string; readonly means?: RawMeaning | undefined })
  /** CLOSE the latest open REQ with this label. */
  | { readonly do: 'close'; readonly of: string }
  /** A check of the scenario's own about the latest REQ with this label. */
  | {
      readonly do: 'expect';
      readonly of: string;
      /** From when that REQ was due. */
      readonly withinMs: number;
      /** Events, stored and live, that must have come (exactly this many when EOSE is awaited). */
      readonly events?: number | undefined;
      /** The prefix of a CLOSED that must have come, e.g. `auth-required`. */
      readonly closed?: string | undefined;
    }
  | { readonly do: 'wait'; readonly ms: number }
  /** Read no faster from the connection, in bytes per second, from here on; 0: not at all. */
  | { readonly do: 'slow-read'; readonly rate: ReadRate }
  | { readonly do: 'disconnect' }
  /** Iterations on a schedule of their own, each due at its offset whatever is unanswered. */
  | {
      readonly do: 'repeat';
      readonly iterations: readonly { readonly atUs: number; readonly steps: readonly Step[] }[];
    };

/** What a raw message is. `request` as in a step; `known`: the event's number in `KnownEvents`. */
export type RawMeaning =
  | { readonly label: 'REQ' | 'COUNT'; readonly subscription: string; readonly request: number }
  | { readonly label: 'CLOSE'; readonly subscription: string }
  | { readonly label: 'EVENT'; readonly event: NostrEvent; readonly known: number }
  | { readonly label: 'AUTH'; readonly event: NostrEvent }
  | (OtherText & { readonly known?: number | undefined });

export interface PlannedPhase {
  readonly name: string;
  readonly measure: boolean;
  /** Time until the next phase begins; undefined: when all sessions of this phase have ended. */
  readonly durationMs: number | undefined;
  /**
   * True in every phase of a scenario with slices: the relays of a round may take turns, phase by phase. So it lasts until its
   * sessions have ended, whatever its duration. A sliced phase is several of these in a row, of one name.
   */
  readonly inTurns?: true | undefined;
}

/** One virtual client. */
export interface PlannedSession {
  /** Name of the client kind. */
  readonly client: string;
  /** Index into `phases`. */
  readonly phase: number;
  /** Start, in µs from the beginning of its phase. */
  readonly startUs: number;
  readonly identity: number;
  readonly steps: readonly Step[];
}

export interface Plan {
  readonly seed: number;
  readonly phases: readonly PlannedPhase[];
  /** Sessions in order of phase and start. */
  readonly sessions: readonly PlannedSession[];
  /** The distinct filter lists of all REQs and COUNTs. */
  readonly requests: readonly (readonly PlanFilter[])[];
  readonly publishes: readonly PlannedEvent[];
  /** How many identities the sessions use; identity i is corpus author i where the corpus knows its key. */
  readonly identities: number;
  /** sha256 (hex) over the canonical JSON of all of the above. */
  readonly fingerprint: string;
}

import type { ReceivedMessage, SentMessage } from '../client/message.js';
import type { Conformance } from '../results.js';

/** A connection whose missing answers can only be judged once it has been silent and answered a fresh REQ. */
export interface OpenQuestion {
  readonly connection: number;
  /** What is missing, for the progress line: `EOSE of r12`. */
  readonly missing: readonly string[];
  /** When anything was last got on the connection. */
  readonly lastGotNs: number;
}

/**
 * Applies every invariant to a wire trace as it happens (conformance.md). Stamps are `nowNs()`: `sent` taken
 * before the write, `got` on arrival. One judge sees all connections of one relay in one round, in stamp order.
 */
export interface Judge {
  opened(connection: number, atNs: number): void;
  sent(connection: number, message: SentMessage, atNs: number): void;
  got(connection: number, message: ReceivedMessage, atNs: number): void;
  /** The connection ended; `detail` is its close code and reason (hostile), or the error that ended it. */
  closed(connection: number, by: 'client' | 'relay', detail: string, atNs: number): void;
  /** After the load: connections on which something is still missing. */
  openQuestions(): readonly OpenQuestion[];
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
  /** REQs whose stored answer held what the oracle says, of those that could be judged. */
  readonly answers: { readonly judged: number; readonly equal: number };
}

import { readFileSync } from 'node:fs';
import type { CannedAnswers } from '../relay.js';
import { frameBytes, Opcode, writeHeader } from './frames.js';

/** Answers that are kept ready take at most this much memory; the oldest go first. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024;

const NEWLINE = 0x0a;
const EVENT_OPEN = Buffer.from('["EVENT","');
const EVENT_AFTER_ID = Buffer.from('",');
const EVENT_CLOSE = Buffer.from(']');
const EVENT_ENVELOPE_BYTES = EVENT_OPEN.length + EVENT_AFTER_ID.length + EVENT_CLOSE.length;
const EOSE_OPEN = Buffer.from('["EOSE","');
const EOSE_CLOSE = Buffer.from('"]');

/** All frames of an answer in one buffer, made for one subscription id that stands in it at `idAt`. */
interface PreparedAnswer {
  readonly subscription: string;
  readonly bytes: Buffer;
  readonly idAt: readonly number[];
}

/** The script of the null relay, ready to be sent. Text is latin1, as in `slices.ts`. */
export class CannedBook {
  readonly #indexOf = new Map<string, number>();
  readonly #deliveries = new Map<string, readonly number[]>();
  readonly #kept = new Map<number, PreparedAnswer>();
  #keptBytes = 0;

  constructor(
    private readonly answers: CannedAnswers['answers'],
    deliveries: CannedAnswers['deliveries'],
    private readonly corpus: Lines,
  ) {
    for (const [index, answer] of answers.entries()) this.#indexOf.set(asLatin1(answer.filters), index);
    for (const { id, to } of deliveries) this.#deliveries.set(id, to);
  }

  /** Index of the answer to these filters, or undefined: EOSE alone. */
  answerTo(filters: string): number | undefined {
    return this.#indexOf.get(filters);
  }

  /** How many events the answer to these filters has. */
  countOf(filters: string): number {
    const index = this.#indexOf.get(filters);
    return index === undefined ? 0 : (this.answers[index]?.events.length ?? 0);
  }

  /** Indices of the answers whose subscriptions get this event. */
  deliveriesOf(eventId: string): readonly number[] | undefined {
    return this.#deliveries.get(eventId);
  }

  /** EVENT frames and the EOSE of an answer. The buffer is shared: it may be sent, not changed. */
  frames(answer: number | undefined, subscription: string): Buffer {
    if (answer === undefined) return prepare([], subscription, this.corpus).bytes;
    const kept = this.#kept.get(answer);
    if (kept?.subscription === subscription) return kept.bytes;
    const prepared =
      kept?.subscription.length === subscription.length
        ? readdress(kept, subscription)
        : prepare(this.answers[answer]?.events ?? [], subscription, this.corpus);
    this.#keep(answer, prepared);
    return prepared.bytes;
  }

  #keep(answer: number, prepared: PreparedAnswer): void {
    this.#forget(answer);
    this.#kept.set(answer, prepared);
    this.#keptBytes += prepared.bytes.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#keptBytes <= MAX_KEPT_BYTES) return;
      this.#forget(oldest);
    }
  }

  #forget(answer: number): void {
    this.#keptBytes -= this.#kept.get(answer)?.bytes.length ?? 0;
    this.#kept.delete(answer);
  }
}

/**
 * Reads the script and its corpus; without a file, every REQ gets EOSE alone.
 * @throws {Error} when a file can't be read, isn't JSON, or names an event past the end of the corpus.
 */
export function readCannedBook(file: string | undefined): CannedBook {
  if (file === undefined) return new CannedBook([], [], new Lines(Buffer.alloc(0)));
  const canned: CannedAnswers = JSON.parse(readFileSync(file, 'utf8'));
  const corpus = new Lines(readFileSync(canned.corpusFile));
  const last = canned.answers.reduce((max, { events }) => events.reduce((a, b) => Math.max(a, b), max), -1);
  if (last >= corpus.count) {
    throw new Error(`${file} names event ${last}, but ${canned.corpusFile} has ${corpus.count} lines`);
  }
  return new CannedBook(canned.answers, canned.deliveries, corpus);
}

/** The lines of a file, not copied out of it. */
export class Lines {
  readonly #bounds: number[] = [];

  constructor(private readonly bytes: Buffer) {
    for (let begin = 0; begin < bytes.length; ) {
      const newline = bytes.indexOf(NEWLINE, begin);
      const end = newline === -1 ? bytes.length : newline;
      this.#bounds.push(begin, end);
      begin = end + 1;
    }
  }

  get count(): number {
    return this.#bounds.length / 2;
  }

  /** Length of line `index` in bytes. */
  length(index: number): number {
    return (this.#bounds[index * 2 + 1] ?? 0) - (this.#bounds[index * 2] ?? 0);
  }

  /** Copies line `index` to `at`; returns where it ends. */
  copy(index: number, target: Buffer, at: number): number {
    const begin = this.#bounds[index * 2] ?? 0;
    return at + this.bytes.copy(target, at, begin, begin + this.length(index));
  }
}

/** One EVENT frame around the JSON text of an event. */
export function eventFrame(subscription: string, event: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(frameBytes(EVENT_ENVELOPE_BYTES + subscription.length + event.length));
  const at = openEvent(bytes, 0, subscription, event.length);
  EVENT_CLOSE.copy(bytes, at + event.copy(bytes, at));
  return bytes;
}

function prepare(events: readonly number[], subscription: string, corpus: Lines): PreparedAnswer {
  const idBytes = subscription.length;
  const eoseBytes = EOSE_OPEN.length + idBytes + EOSE_CLOSE.length;
  let size = frameBytes(eoseBytes);
  for (const event of events) size += frameBytes(EVENT_ENVELOPE_BYTES + idBytes + corpus.length(event));
  const bytes = Buffer.allocUnsafe(size);
  const idAt: number[] = [];
  let at = 0;
  for (const event of events) {
    at = openEvent(bytes, at, subscription, corpus.length(event));
    idAt.push(at - EVENT_AFTER_ID.length - idBytes);
    at = corpus.copy(event, bytes, at);
    at += EVENT_CLOSE.copy(bytes, at);
  }
  at = writeHeader(bytes, at, Opcode.text, eoseBytes);
  at += EOSE_OPEN.copy(bytes, at);
  idAt.push(at);
  at += bytes.write(subscription, at, 'latin1');
  EOSE_CLOSE.copy(bytes, at);
  return { subscription, bytes, idAt };
}

/** Writes an EVENT frame up to where the event begins, and returns that place. */
function openEvent(target: Buffer, begin: number, subscription: string, eventBytes: number): number {
  const payloadBytes = EVENT_ENVELOPE_BYTES + subscription.length + eventBytes;
  let at = writeHeader(target, begin, Opcode.text, payloadBytes);
  at += EVENT_OPEN.copy(target, at);
  at += target.write(subscription, at, 'latin1');
  return at + EVENT_AFTER_ID.copy(target, at);
}

/** The same answer for another subscription id of the same length. */
function readdress(prepared: PreparedAnswer, subscription: string): PreparedAnswer {
  const bytes = Buffer.from(prepared.bytes);
  const id = Buffer.from(subscription, 'latin1');
  for (const at of prepared.idAt) bytes.set(id, at);
  return { subscription, bytes, idAt: prepared.idAt };
}

function asLatin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

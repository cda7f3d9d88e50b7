import type { Tables } from './environment.js';
import { RecordedEvent } from './record.js';

/** Bytes of records that are kept in memory. */
const MOST_BYTES = 32 * 1024 * 1024;

/** Records are copied into slabs of this size, one after another: a buffer for each would cost more than the copy. */
const SLAB_BYTES = 64 * 1024;
/** Longer records get bytes of their own. */
const MOST_BYTES_IN_SLAB = SLAB_BYTES / 8;

/**
 * The events that were read or saved last. They come in two generations: when the young one has half of all bytes, the old one
 * goes as a whole, and its slabs with it. What is asked for again doesn't get younger: it would keep its whole slab.
 */
export class Records {
  readonly #tables: Tables;
  #young = new Map<number, RecordedEvent>();
  #old = new Map<number, RecordedEvent>();
  #youngBytes = 0;
  #slab: Buffer = Buffer.alloc(0);
  #slabUsed = 0;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** The event of that sequence, if it is still there. */
  event(sequence: number): RecordedEvent | undefined {
    const known = this.#young.get(sequence) ?? this.#old.get(sequence);
    if (known !== undefined) return known;
    const bytes = this.#tables.events.getBinaryFast(sequence);
    if (bytes === undefined) return undefined;
    // They are overwritten by the next read, and `length` is all that is right about their size.
    const event = this.#copied(sequence, new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length));
    this.keep(event);
    return event;
  }

  keep(event: RecordedEvent): void {
    this.#young.set(event.sequence, event);
    this.#youngBytes += event.json.length;
    if (this.#youngBytes < MOST_BYTES / 2) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#youngBytes = 0;
  }

  forget(sequence: number): void {
    this.#young.delete(sequence);
    this.#old.delete(sequence);
  }

  #copied(sequence: number, bytes: Uint8Array): RecordedEvent {
    if (bytes.length > MOST_BYTES_IN_SLAB)
      return new RecordedEvent(sequence, Buffer.from(bytes), 0, bytes.length);
    if (this.#slabUsed + bytes.length > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#slabUsed = 0;
    }
    const start = this.#slabUsed;
    this.#slab.set(bytes, start);
    this.#slabUsed += bytes.length;
    return new RecordedEvent(sequence, this.#slab, start, bytes.length);
  }
}

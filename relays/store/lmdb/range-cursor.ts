import type { Order } from '../merge.js';
import type { Cursor } from '../timeline.js';
import type { Tables } from './environment.js';
import { entryOf, type IndexEntry, rangeAfter, rangeEnd, rangeStart } from './keys.js';

/** The order of index entries, as their keys have it: newest first, ties by lowest id. */
export const ENTRY_ORDER: Order<IndexEntry> = {
  comesBefore: (a, b) =>
    a.createdAt === b.createdAt ? Buffer.compare(a.suffix, b.suffix) < 0 : a.createdAt > b.createdAt,
  isSame: (a, b) => a.sequence === b.sequence,
};

const MOST_ENTRIES_A_READ = 256;

/**
 * The entries of one range of the index, read a few at a time, each time in the view of that moment. No read transaction
 * stays open while nobody pulls: a client that rests doesn't keep the pages of what was removed from being used again.
 */
export class RangeCursor implements Cursor<IndexEntry> {
  readonly #tables: Tables;
  readonly #prefix: Buffer;
  readonly #end: Buffer;
  #start: Buffer;
  #entries: IndexEntry[] = [];
  #next = 0;
  #readNext: number;
  #isExhausted = false;

  /** @param firstRead how many entries the first read takes; each read after it takes twice as many. */
  constructor(
    tables: Tables,
    prefix: Buffer,
    times: { readonly since: number | undefined; readonly until: number | undefined },
    firstRead: number,
  ) {
    this.#tables = tables;
    this.#prefix = prefix;
    this.#start = rangeStart(prefix, times.until);
    this.#end = rangeEnd(prefix, times.since);
    this.#readNext = firstRead;
  }

  next(): IndexEntry | undefined {
    if (this.#next === this.#entries.length) this.read();
    const entry = this.#entries[this.#next];
    this.#next += 1;
    return entry;
  }

  /** Reads the next entries, if those read before are used up. */
  read(): void {
    if (this.#next < this.#entries.length) return;
    this.#entries = [];
    this.#next = 0;
    if (this.#isExhausted) return;
    const limit = this.#readNext;
    for (const suffix of this.#tables.index.getKeys({ start: this.#start, end: this.#end, limit })) {
      this.#entries.push(entryOf(suffix));
    }
    this.#isExhausted = this.#entries.length < limit;
    this.#readNext = Math.min(limit * 2, MOST_ENTRIES_A_READ);
    const last = this.#entries.at(-1);
    if (last !== undefined) this.#start = rangeAfter(this.#prefix, last.suffix);
  }
}

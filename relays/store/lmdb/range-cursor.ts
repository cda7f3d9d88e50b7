import type { Order } from '../merge.js';
import type { Cursor } from '../timeline.js';
import type { Tables } from './environment.js';
import { entryComesBefore, type IndexEntry, type IndexRange } from './keys.js';
import { type RangeHead, type RangeReader, readerOf } from './range-head.js';

/** The order of index entries. */
export const ENTRY_ORDER: Order<IndexEntry> = {
  comesBefore: entryComesBefore,
  isSame: (a, b) => a.sequence === b.sequence,
};

interface Times {
  readonly since: number | undefined;
  readonly until: number | undefined;
}

/**
 * The entries of one range within two times: first those that the range's head keeps, then what is read of the rest. No read
 * transaction stays open while nobody pulls: a client that rests doesn't keep the pages of what was removed from
 * being used again.
 */
export class RangeCursor implements Cursor<IndexEntry> {
  readonly #tables: Tables;
  readonly #range: IndexRange;
  readonly #head: RangeHead;
  readonly #times: Times;
  readonly #firstRead: number;
  #hasBegun = false;
  /** Of the head, while `#rest` is undefined; then of `#read`. */
  #next = 0;
  #rest: RangeReader | undefined;
  #read: IndexEntry[] = [];

  /** @param firstRead how many entries are read at first where none are kept. */
  constructor(tables: Tables, range: IndexRange, head: RangeHead, times: Times, firstRead: number) {
    this.#tables = tables;
    this.#range = range;
    this.#head = head;
    this.#times = times;
    this.#firstRead = firstRead;
  }

  /** Sees to it that the first entry is in memory. */
  begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#head.at(0, this.#firstRead);
    const { until } = this.#times;
    if (until === undefined) return;
    const index = this.#head.indexOf(until);
    if (index !== undefined) this.#next = index;
    else {
      this.#rest = readerOf(this.#tables, this.#range, this.#times, this.#firstRead);
      this.#rest.read(this.#read);
    }
  }

  next(): IndexEntry | undefined {
    this.begin();
    const entry = this.#rest === undefined ? this.#nextOfHead() : this.#nextOfRest(this.#rest);
    if (entry === undefined || entry.createdAt < (this.#times.since ?? 0)) return undefined;
    this.#next += 1;
    return entry;
  }

  #nextOfHead(): IndexEntry | undefined {
    const entry = this.#head.at(this.#next, this.#firstRead);
    if (entry !== undefined) return entry;
    const rest = this.#head.rest(this.#times.since);
    if (rest === undefined) return undefined;
    this.#rest = rest;
    this.#next = 0;
    return this.#nextOfRest(rest);
  }

  #nextOfRest(rest: RangeReader): IndexEntry | undefined {
    if (this.#next === this.#read.length) {
      this.#read = [];
      this.#next = 0;
      rest.read(this.#read);
    }
    return this.#read[this.#next];
  }
}

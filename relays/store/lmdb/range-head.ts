import type { Tables } from './environment.js';
import { entryComesBefore, IndexEntry, type IndexRange, rangeAfter, rangeEnd, rangeStart } from './keys.js';

/** Most entries that are taken from the index in one go. */
const MOST_ENTRIES_A_READ = 256;

/** Most entries that a head keeps. */
export const MOST_ENTRIES_A_HEAD = 1_024;

/** Reads a range of the index a few entries at a time, each time in the view of that moment. */
export class RangeReader {
  readonly #tables: Tables;
  readonly #prefix: Buffer;
  readonly #end: Buffer;
  #start: Buffer;
  #readNext: number;
  #isExhausted = false;

  /** @param firstRead how many entries the first read takes; each read after it takes twice as many. */
  constructor(tables: Tables, prefix: Buffer, start: Buffer, end: Buffer, firstRead: number) {
    this.#tables = tables;
    this.#prefix = prefix;
    this.#start = start;
    this.#end = end;
    this.#readNext = firstRead;
  }

  /** True when there is nothing after what was read. */
  get isExhausted(): boolean {
    return this.#isExhausted;
  }

  /** Appends the next entries to `into`. */
  read(into: IndexEntry[]): void {
    if (this.#isExhausted) return;
    const limit = this.#readNext;
    const before = into.length;
    const keys: Iterable<unknown> = this.#tables.index.getKeys({
      start: this.#start,
      end: this.#end,
      limit,
    });
    for (const key of keys) if (key instanceof IndexEntry) into.push(key);
    this.#isExhausted = into.length - before < limit;
    this.#readNext = Math.min(limit * 2, MOST_ENTRIES_A_READ);
    const last = into.at(-1);
    if (last !== undefined) this.#start = rangeAfter(this.#prefix, last);
  }
}

/**
 * The newest entries of a range, read when they are asked for and kept. A head says what was there when its scan began: a save
 * puts another in its place ({@link RangeHead.with}), so that whoever walks over this one keeps their place.
 */
export class RangeHead {
  readonly #tables: Tables;
  readonly #range: IndexRange;
  readonly #grew: () => void;
  readonly #entries: IndexEntry[];
  #isWhole: boolean;
  #reader: RangeReader | undefined;

  /** @param grew called when entries have been read. */
  constructor(
    tables: Tables,
    range: IndexRange,
    grew: () => void,
    entries: IndexEntry[] = [],
    isWhole = false,
  ) {
    this.#tables = tables;
    this.#range = range;
    this.#grew = grew;
    this.#entries = entries;
    this.#isWhole = isWhole;
  }

  /** How many entries it keeps. */
  get length(): number {
    return this.#entries.length;
  }

  /**
   * The entry at `index`, counted from the newest. Undefined past the end of the range, or of what a head keeps:
   * {@link RangeHead.rest} goes on from there.
   * @param firstRead how many entries to read where none were read yet.
   */
  at(index: number, firstRead: number): IndexEntry | undefined {
    const entry = this.#entries[index];
    if (entry !== undefined || this.#isWhole || this.#entries.length >= MOST_ENTRIES_A_HEAD) return entry;
    this.#reader ??= this.#readerFrom(undefined, firstRead);
    this.#reader.read(this.#entries);
    this.#isWhole = this.#reader.isExhausted;
    this.#grew();
    return this.#entries[index];
  }

  /** Reads what comes after the entries of this head, down to `since`; undefined where nothing does. */
  rest(since: number | undefined): RangeReader | undefined {
    return this.#isWhole ? undefined : this.#readerFrom(since, MOST_ENTRIES_A_READ);
  }

  /** The index of the newest entry that is not newer than `until`; undefined when it may be past what the head keeps. */
  indexOf(until: number): number | undefined {
    const index = firstThat(this.#entries, (entry) => entry.createdAt <= until);
    return index === this.#entries.length && !this.#isWhole ? undefined : index;
  }

  /** The head with an entry more; the same one where the entry comes after all that is kept and may not be the next. */
  with(entry: IndexEntry): RangeHead {
    const index = firstThat(this.#entries, (each) => entryComesBefore(entry, each));
    if (index === this.#entries.length && !this.#isWhole) return this;
    const entries = this.#entries.toSpliced(index, 0, entry);
    const isWhole = this.#isWhole && entries.length <= MOST_ENTRIES_A_HEAD;
    if (entries.length > MOST_ENTRIES_A_HEAD) entries.length = MOST_ENTRIES_A_HEAD;
    return new RangeHead(this.#tables, this.#range, this.#grew, entries, isWhole);
  }

  #readerFrom(since: number | undefined, firstRead: number): RangeReader {
    const prefix = this.#range.prefix();
    const last = this.#entries.at(-1);
    const start = last === undefined ? prefix : rangeAfter(prefix, last);
    return new RangeReader(this.#tables, prefix, start, rangeEnd(prefix, since), firstRead);
  }
}

/** Reads a range from `until` down to `since`, without keeping anything. */
export function readerOf(
  tables: Tables,
  range: IndexRange,
  times: { readonly since: number | undefined; readonly until: number | undefined },
  firstRead: number,
): RangeReader {
  const prefix = range.prefix();
  const [start, end] = [rangeStart(prefix, times.until), rangeEnd(prefix, times.since)];
  return new RangeReader(tables, prefix, start, end, firstRead);
}

/** The index of the first entry that `holds` is true of, which must be true of all after it; their number if there is none. */
function firstThat(entries: readonly IndexEntry[], holds: (entry: IndexEntry) => boolean): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = entries[middle];
    if (entry !== undefined && !holds(entry)) low = middle + 1;
    else high = middle;
  }
  return low;
}

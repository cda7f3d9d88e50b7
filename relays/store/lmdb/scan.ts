import { isExpired } from '../../protocol/expiration.js';
import { type Filter, matches } from '../../protocol/filter.js';
import type { Scan, ScanOptions, StoredEvent } from '../event-store.js';
import { merged } from '../merge.js';
import { type Cursor, comesBefore } from '../timeline.js';
import type { IndexEntry } from './keys.js';
import { ENTRY_ORDER, type RangeCursor } from './range-cursor.js';
import { planRanges, type RangePlan } from './ranges.js';
import type { RecentReads } from './recent-reads.js';

/** Entries that the first read of a range takes when it is the only one, and when it is one of many. */
const FIRST_READ = { alone: 64, ofMany: 4 } as const;

/** A walk over ranges of the index. Beginning a range counts as looking at a candidate. */
export class RangeScan implements Scan {
  readonly #reads: RecentReads;
  readonly #plan: RangePlan;
  readonly #upToSequence: number;
  readonly #nowS: () => number;
  readonly #cursors: readonly RangeCursor[];
  #begun = 0;
  #entries: Cursor<IndexEntry> | undefined;
  #remaining: number;

  constructor(reads: RecentReads, filter: Filter, options: ScanOptions, nowS: () => number) {
    this.#reads = reads;
    this.#plan = planRanges(filter);
    this.#upToSequence = options.upToSequence;
    this.#remaining = isEmptyTime(filter) ? 0 : options.limit;
    this.#nowS = nowS;
    const { ranges } = this.#plan;
    const firstRead = ranges.length === 1 ? FIRST_READ.alone : FIRST_READ.ofMany;
    this.#cursors = ranges.map((range) => reads.cursor(range, filter, firstRead));
  }

  pull(into: StoredEvent[], examine: number): boolean {
    let left = examine;
    while (this.#begun < this.#cursors.length && left > 0 && this.#remaining > 0) {
      this.#cursors[this.#begun]?.begin();
      this.#begun += 1;
      left -= 1;
    }
    if (this.#begun === this.#cursors.length) this.#pullEntries(into, left);
    return this.#remaining > 0;
  }

  #pullEntries(into: StoredEvent[], examine: number): void {
    this.#entries ??= merged(this.#cursors, ENTRY_ORDER);
    const nowS = this.#nowS();
    for (let i = 0; i < examine && this.#remaining > 0; i += 1) {
      const entry = this.#entries.next();
      if (entry === undefined) {
        this.#remaining = 0;
        return;
      }
      const event = this.#answerAt(entry, nowS);
      if (event === undefined) continue;
      into.push(event);
      this.#remaining -= 1;
    }
  }

  #answerAt({ sequence, kind }: IndexEntry, nowS: number): StoredEvent | undefined {
    const { kinds, residual } = this.#plan;
    if (sequence > this.#upToSequence || kinds?.has(kind) === false) return undefined;
    const event = this.#reads.event(sequence);
    if (event === undefined || isExpired(event, nowS)) return undefined;
    return residual === undefined || matches(residual, event) ? event : undefined;
  }
}

/** No time is at once as late as `since` and as early as `until`, or before 0. */
function isEmptyTime({ since, until }: Filter): boolean {
  return (until !== undefined && until < 0) || (since ?? 0) > (until ?? Number.MAX_SAFE_INTEGER);
}

/** A walk over the events that a filter names by id. Each id counts as a candidate; the answer is sorted at the end. */
export class IdScan implements Scan {
  readonly #reads: RecentReads;
  /** What is asked of an event besides its id. */
  readonly #residual: Filter;
  readonly #options: ScanOptions;
  readonly #nowS: () => number;
  readonly #ids: Iterator<string>;
  readonly #found: StoredEvent[] = [];

  constructor(
    reads: RecentReads,
    filter: Filter,
    ids: ReadonlySet<string>,
    options: ScanOptions,
    nowS: () => number,
  ) {
    this.#reads = reads;
    this.#residual = { ...filter, ids: undefined };
    this.#options = options;
    this.#nowS = nowS;
    this.#ids = ids.values();
  }

  pull(into: StoredEvent[], examine: number): boolean {
    const nowS = this.#nowS();
    for (let i = 0; i < examine; i += 1) {
      const { value: id, done } = this.#ids.next();
      if (done === true) {
        this.#found.sort((a, b) => (comesBefore(a, b) ? -1 : 1));
        into.push(...this.#found.splice(0).slice(0, this.#options.limit));
        return false;
      }
      this.#look(id, nowS);
    }
    return true;
  }

  #look(id: string, nowS: number): void {
    const event = this.#reads.eventOf(id);
    if (event === undefined || event.sequence > this.#options.upToSequence || isExpired(event, nowS)) return;
    if (matches(this.#residual, event)) this.#found.push(event);
  }
}

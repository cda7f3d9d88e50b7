import type { RelayEvent } from '../../protocol/event.js';
import type { Tables } from './environment.js';
import { entryOf, type IndexRange, rangesOf } from './keys.js';
import { RangeHead } from './range-head.js';
import { RecentlyUsed } from './recently-used.js';

/** Entries that are kept in memory, over all ranges: some 100 B each. */
const MOST_ENTRIES = 200_000;
/** What a head weighs besides its entries, in entries. */
const WEIGHT_OF_HEAD = 4;
/** Ranges of longer names (long tag values) are not kept: a name would weigh more than entries. */
const MOST_NAME_LENGTH = 128;

/** The heads of one author, tag value or kind, by index. */
type HeadsOfName = Map<string, RangeHead>;

/** The heads of the ranges that were asked for last. Reading the same timelines again then costs no look into the index. */
export class RangeHeads {
  readonly #tables: Tables;
  readonly #byName = new RecentlyUsed<string, HeadsOfName>(MOST_ENTRIES);

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  headOf(range: IndexRange): RangeHead {
    const { name, index } = range;
    if (name.length > MOST_NAME_LENGTH) return new RangeHead(this.#tables, range, () => undefined);
    const heads = this.#headsOf(name);
    const known = heads.get(index);
    if (known !== undefined) return known;
    const head = new RangeHead(this.#tables, range, () => this.#weighAgain(name));
    heads.set(index, head);
    return head;
  }

  /** An event has been saved: it stands in all its ranges. */
  added(event: RelayEvent, sequence: number): void {
    const entry = entryOf(event, sequence);
    for (const { name, index } of rangesOf(event)) {
      const heads = this.#byName.get(name);
      const head = heads?.get(index);
      if (head !== undefined) heads?.set(index, head.with(entry));
    }
  }

  /** An event has been removed: its entries are gone. */
  removed(event: RelayEvent): void {
    for (const { name, index } of rangesOf(event)) this.#byName.get(name)?.delete(index);
  }

  /** Forgets everything. */
  clear(): void {
    this.#byName.clear();
  }

  #headsOf(name: string): HeadsOfName {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const heads: HeadsOfName = new Map();
    this.#byName.put(name, heads, WEIGHT_OF_HEAD);
    return heads;
  }

  #weighAgain(name: string): void {
    const heads = this.#byName.get(name);
    if (heads === undefined) return;
    let weight = 0;
    for (const head of heads.values()) weight += WEIGHT_OF_HEAD + head.length;
    this.#byName.put(name, heads, weight);
  }
}

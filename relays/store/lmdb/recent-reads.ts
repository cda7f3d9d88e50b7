import type { Tables } from './environment.js';
import type { IndexRange } from './keys.js';
import { RangeCursor } from './range-cursor.js';
import { RangeHeads } from './range-heads.js';
import { RecentlyUsed } from './recently-used.js';
import type { RecordedEvent } from './record.js';
import { Records } from './records.js';
import { hexBytes } from './shelf.js';

/** Ids of which the sequence is kept in memory. */
const IDS = 32_768;

/** A transaction with more changes than this has loaded a corpus: what was read before it is forgotten instead of changed. */
const MOST_CHANGES = 1_000;

/**
 * The tables as scans read them: through a bounded memory of what was read last, which each commit brings up to date. Events
 * never change, and a sequence is never given out twice; so what is kept is right as long as removed events leave it.
 */
export class RecentReads {
  readonly #tables: Tables;
  readonly #heads: RangeHeads;
  readonly #records: Records;
  /** Sequences by id, of those that were asked for by id. */
  readonly #sequences = new RecentlyUsed<string, number>(IDS);

  constructor(tables: Tables) {
    this.#tables = tables;
    this.#heads = new RangeHeads(tables);
    this.#records = new Records(tables);
  }

  /** A walk over a range of the index. @param firstRead see {@link RangeCursor}. */
  cursor(
    range: IndexRange,
    times: { readonly since: number | undefined; readonly until: number | undefined },
    firstRead: number,
  ): RangeCursor {
    return new RangeCursor(this.#tables, range, this.#heads.headOf(range), times, firstRead);
  }

  /** The event of that sequence, if it is still there. */
  event(sequence: number): RecordedEvent | undefined {
    return this.#records.event(sequence);
  }

  /** The event of that id, if there is one. */
  eventOf(id: string): RecordedEvent | undefined {
    const known = this.#sequences.get(id);
    if (known !== undefined) return this.event(known);
    const sequence = this.#tables.ids.get(hexBytes(id));
    if (sequence === undefined) return undefined;
    this.#sequences.put(id, sequence, 1);
    return this.event(sequence);
  }

  /** Takes over what a transaction has changed; to be called as soon as it is committed. */
  committed(added: readonly RecordedEvent[], removed: readonly RecordedEvent[]): void {
    const isLoad = added.length + removed.length > MOST_CHANGES;
    if (isLoad) this.#heads.clear();
    for (const event of isLoad ? [] : added) {
      this.#records.keep(event);
      this.#heads.added(event, event.sequence);
    }
    for (const event of removed) {
      this.#records.forget(event.sequence);
      this.#sequences.delete(event.id);
      if (!isLoad) this.#heads.removed(event);
    }
  }
}

import type { NostrEvent } from '../../protocol/event.js';
import type { Filter } from '../../protocol/filter.js';
import type { SyncMode } from '../../relay.js';
import {
  type EventStore,
  type EventToSave,
  type SaveOutcome,
  type Scan,
  type ScanOptions,
  StoreError,
} from '../event-store.js';
import { keep } from '../keeping.js';
import { type Inconsistency, inconsistencies } from './check.js';
import { messageOf, openTables, type Tables } from './environment.js';
import { RecentReads } from './recent-reads.js';
import { IdScan, RangeScan } from './scan.js';
import { LmdbShelf, readEvent } from './shelf.js';

/** Most saves in one transaction: a longer one would hold up everybody else for too long. */
const MOST_SAVES_A_COMMIT = 128;

interface WaitingSave extends EventToSave {
  readonly settle: (outcome: SaveOutcome) => void;
}

export interface LmdbStoreOptions {
  /** The data folder; it is made if it isn't there. */
  readonly dir: string;
  readonly sync: SyncMode;
  /** Unix time in seconds. */
  readonly nowS?: () => number;
}

/**
 * An {@link EventStore} on disk. Saves that arrive in the same pass of the event loop share a transaction, over the events
 * and all that is indexed of them; they are acknowledged when it has been committed. An event is in the store for
 * queries, and its sequence counts, from that moment too.
 */
export class LmdbEventStore implements EventStore {
  readonly #tables: Tables;
  readonly #reads: RecentReads;
  readonly #nowS: () => number;
  #sequence: number;
  #size: number;
  #waiting: WaitingSave[] = [];
  #isClosed = false;

  /** @throws {StoreError} */
  constructor({ dir, sync, nowS = () => Math.floor(Date.now() / 1000) }: LmdbStoreOptions) {
    this.#tables = openTables(dir, sync);
    this.#reads = new RecentReads(this.#tables);
    this.#nowS = nowS;
    const { events } = this.#tables;
    const [last = 0] = events.getKeys({ reverse: true, limit: 1 });
    this.#sequence = last;
    this.#size = events.getKeysCount();
  }

  get sequence(): number {
    return this.#sequence;
  }

  get size(): number {
    return this.#size;
  }

  save(event: NostrEvent, json: Uint8Array): Promise<SaveOutcome> {
    return new Promise((settle) => {
      if (this.#waiting.length === 0) setImmediate(this.#commitWaiting);
      this.#waiting.push({ event, json, settle });
    });
  }

  load(events: readonly EventToSave[]): void {
    const nowS = this.#nowS();
    this.#transaction((shelf) => {
      for (const each of events) keep(each, shelf, nowS);
    });
  }

  hasLoaded(corpus: string): boolean {
    return this.#tables.meta.get(corpusKey(corpus)) !== undefined;
  }

  markLoaded(corpus: string): void {
    this.#tables.meta.putSync(corpusKey(corpus), String(this.#nowS()));
  }

  scan(filter: Filter, options: ScanOptions): Scan {
    return filter.ids === undefined
      ? new RangeScan(this.#reads, filter, options, this.#nowS)
      : new IdScan(this.#reads, filter, filter.ids, options, this.#nowS);
  }

  removeExpired(most: number): number {
    const { expiring } = this.#tables;
    const due = [...expiring.getKeys({ end: [this.#nowS() + 1, 0], limit: most })];
    if (due.length === 0) return 0;
    return this.#transaction((shelf) => {
      for (const [, sequence] of due) {
        const event = readEvent(this.#tables, sequence);
        if (event !== undefined) shelf.remove(event);
      }
      return due.length;
    });
  }

  /** What in the tables disagrees; empty for a sound store. Looks at everything: for tests and after an accident. */
  check(): readonly Inconsistency[] {
    return inconsistencies(this.#tables);
  }

  async close(): Promise<void> {
    while (this.#waiting.length > 0) this.#commit();
    this.#isClosed = true;
    await this.#tables.close();
  }

  readonly #commitWaiting = (): void => {
    this.#commit();
    // What is scheduled from inside an immediate runs in the next pass, after sockets were served.
    if (this.#waiting.length > 0) setImmediate(this.#commitWaiting);
  };

  #commit(): void {
    const batch = this.#waiting.splice(0, MOST_SAVES_A_COMMIT);
    if (batch.length === 0) return;
    const outcomes = this.#outcomesOf(batch);
    for (const [index, { settle }] of batch.entries()) settle(outcomes[index] ?? failed('it was not saved'));
  }

  #outcomesOf(batch: readonly WaitingSave[]): readonly SaveOutcome[] {
    const nowS = this.#nowS();
    try {
      return this.#transaction((shelf) => batch.map((each) => keep(each, shelf, nowS)));
    } catch (error) {
      return batch.map(() => failed(messageOf(error)));
    }
  }

  /** Commits what `change` does, or nothing of it. */
  #transaction<Result>(change: (shelf: LmdbShelf) => Result): Result {
    if (this.#isClosed) throw new StoreError('the store is closed');
    const shelf = new LmdbShelf(this.#tables, this.#sequence);
    try {
      const result = this.#tables.root.transactionSync(() => change(shelf));
      this.#sequence = shelf.sequence;
      this.#size += shelf.added.length - shelf.removed.length;
      this.#reads.committed(shelf.added, shelf.removed);
      return result;
    } catch (error) {
      throw new StoreError(`the event store can't be written: ${messageOf(error)}`);
    }
  }
}

function failed(reason: string): SaveOutcome {
  return { status: 'failed', reason };
}

function corpusKey(corpus: string): string {
  return `corpus:${corpus}`;
}

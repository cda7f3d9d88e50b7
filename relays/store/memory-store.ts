import type { NostrEvent, RelayEvent } from '../protocol/event.js';
import { isExpired } from '../protocol/expiration.js';
import { type Filter, matches } from '../protocol/filter.js';
import { EventBytes } from './event-bytes.js';
import type { EventStore, EventToSave, SaveOutcome, Scan, ScanOptions, StoredEvent } from './event-store.js';
import { EventIndexes } from './indexes.js';
import { keep, type Shelf } from './keeping.js';
import type { Cursor } from './timeline.js';

/** An {@link EventStore} in memory. */
export class MemoryEventStore implements EventStore {
  readonly #nowS: () => number;
  readonly #shelf = new MemoryShelf();
  readonly #bytes = new EventBytes();
  readonly #loaded = new Set<string>();

  /** @param nowS Unix time in seconds. */
  constructor(nowS: () => number = () => Math.floor(Date.now() / 1000)) {
    this.#nowS = nowS;
  }

  get sequence(): number {
    return this.#shelf.sequence;
  }

  get size(): number {
    return this.#shelf.indexes.size;
  }

  save(event: NostrEvent, json: Uint8Array): SaveOutcome {
    const outcome = keep({ event, json }, this.#shelf, this.#nowS());
    if (outcome.status === 'stored' && outcome.event instanceof KeptEvent) outcome.event.keepIn(this.#bytes);
    return outcome;
  }

  /** As the bytes are: a preload file is in memory in one piece. */
  load(events: readonly EventToSave[]): void {
    for (const each of events) keep(each, this.#shelf, this.#nowS());
  }

  hasLoaded(corpus: string): boolean {
    return this.#loaded.has(corpus);
  }

  markLoaded(corpus: string): void {
    this.#loaded.add(corpus);
  }

  scan(filter: Filter, options: ScanOptions): Scan {
    return new MemoryScan(this.#shelf.indexes.candidates(filter), filter, options, this.#nowS);
  }

  removeExpired(most: number): number {
    return this.#shelf.removeExpired(most, this.#nowS());
  }

  async close(): Promise<void> {
    // What is in memory goes with the process.
  }
}

class MemoryShelf implements Shelf {
  readonly indexes = new EventIndexes();
  /** The newest event of each replacement address. */
  readonly #byAddress = new Map<string, KeptEvent>();
  readonly #expiring = new Set<KeptEvent>();
  /** Author and id in one string. */
  readonly #deletedIds = new Set<string>();
  readonly #deletedAddresses = new Map<string, number>();
  sequence = 0;

  find(id: string): StoredEvent | undefined {
    return this.indexes.find(id);
  }

  versionAt(address: string): StoredEvent | undefined {
    return this.#byAddress.get(address);
  }

  add(event: RelayEvent, address: string | undefined): StoredEvent {
    this.sequence += 1;
    const kept = new KeptEvent(event, address, this.sequence, this.indexes);
    this.indexes.add(kept);
    if (address !== undefined) this.#byAddress.set(address, kept);
    if (kept.expiresAt !== undefined) this.#expiring.add(kept);
    return kept;
  }

  remove(event: StoredEvent): void {
    if (!(event instanceof KeptEvent)) return;
    event.removed = true;
    this.indexes.remove(event);
    if (event.address !== undefined) this.#byAddress.delete(event.address);
    this.#expiring.delete(event);
  }

  isDeleted(author: string, id: string): boolean {
    return this.#deletedIds.has(author + id);
  }

  markDeleted(author: string, id: string): void {
    this.#deletedIds.add(author + id);
  }

  deletedUpTo(address: string): number | undefined {
    return this.#deletedAddresses.get(address);
  }

  markDeletedUpTo(address: string, createdAt: number): void {
    this.#deletedAddresses.set(address, createdAt);
  }

  removeExpired(most: number, nowS: number): number {
    let removed = 0;
    for (const event of this.#expiring) {
      if (removed === most) break;
      if (!isExpired(event, nowS)) continue;
      this.remove(event);
      removed += 1;
    }
    return removed;
  }
}

class KeptEvent implements StoredEvent {
  readonly id: string;
  readonly pubkey: string;
  readonly createdAt: number;
  readonly kind: number;
  readonly indexedTags: readonly string[];
  readonly expiresAt: number | undefined;
  json: Uint8Array;
  readonly sequence: number;
  /** Its replacement address. */
  readonly address: string | undefined;
  /** Set when it leaves the store: a scan that holds it in its heap then passes over it. */
  removed = false;

  constructor(event: RelayEvent, address: string | undefined, sequence: number, indexes: EventIndexes) {
    this.id = event.id;
    this.pubkey = indexes.shared(event.pubkey);
    this.createdAt = event.createdAt;
    this.kind = event.kind;
    this.indexedTags = event.indexedTags.map((text) => indexes.shared(text));
    this.expiresAt = event.expiresAt;
    this.json = event.json;
    this.sequence = sequence;
    this.address = address;
  }

  /** Lets go of the buffer that its bytes came in. */
  keepIn(bytes: EventBytes): void {
    this.json = bytes.keep(this.json);
  }
}

class MemoryScan implements Scan {
  readonly #candidates: Cursor;
  readonly #filter: Filter;
  readonly #upToSequence: number;
  readonly #nowS: () => number;
  #remaining: number;

  constructor(candidates: Cursor, filter: Filter, options: ScanOptions, nowS: () => number) {
    this.#candidates = candidates;
    this.#filter = filter;
    this.#upToSequence = options.upToSequence;
    this.#remaining = options.limit;
    this.#nowS = nowS;
  }

  pull(into: StoredEvent[], examine: number): boolean {
    const since = this.#filter.since ?? Number.NEGATIVE_INFINITY;
    const nowS = this.#nowS();
    for (let i = 0; i < examine && this.#remaining > 0; i += 1) {
      const event = this.#candidates.next();
      if (event === undefined || event.createdAt < since) this.#remaining = 0;
      else if (this.#isAnswer(event, nowS)) {
        into.push(event);
        this.#remaining -= 1;
      }
    }
    return this.#remaining > 0;
  }

  #isAnswer(event: StoredEvent, nowS: number): boolean {
    if (event.sequence > this.#upToSequence || isExpired(event, nowS)) return false;
    if (event instanceof KeptEvent && event.removed) return false;
    return matches(this.#filter, event);
  }
}

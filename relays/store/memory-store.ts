import { type NostrEvent, type RelayEvent, relayEvent, replacementAddress } from '../protocol/event.js';
import { type Filter, matches } from '../protocol/filter.js';
import type { EventStore, SaveOutcome, Scan, ScanOptions, StoredEvent } from './event-store.js';
import { EventIndexes } from './indexes.js';
import { type Cursor, comesBefore } from './timeline.js';

/** An {@link EventStore} in memory. */
export class MemoryEventStore implements EventStore {
  readonly #indexes = new EventIndexes();
  /** The newest event of each {@link replacementAddress}. */
  readonly #byAddress = new Map<string, KeptEvent>();
  #sequence = 0;

  get sequence(): number {
    return this.#sequence;
  }

  get size(): number {
    return this.#indexes.size;
  }

  save(event: NostrEvent, json: Uint8Array): SaveOutcome {
    if (this.#indexes.has(event.id)) return { status: 'duplicate' };
    const kept = new KeptEvent(relayEvent(event, json), this.#sequence + 1, this.#indexes);
    const address = replacementAddress(event);
    if (address !== undefined && !this.#replaces(address, kept)) return { status: 'superseded' };
    this.#sequence = kept.sequence;
    this.#indexes.add(kept);
    return { status: 'stored', event: kept };
  }

  scan(filter: Filter, options: ScanOptions): Scan {
    return new MemoryScan(this.#indexes.candidates(filter), filter, options);
  }

  #replaces(address: string, event: KeptEvent): boolean {
    const previous = this.#byAddress.get(address);
    if (previous !== undefined && comesBefore(previous, event)) {
      // Of two versions, the newer stays, and at the same second the one with the lower id: NIP-01's order of answers.
      return false;
    }
    if (previous !== undefined) {
      previous.removed = true;
      this.#indexes.remove(previous);
    }
    this.#byAddress.set(address, event);
    return true;
  }
}

class KeptEvent implements StoredEvent {
  readonly id: string;
  readonly pubkey: string;
  readonly createdAt: number;
  readonly kind: number;
  readonly indexedTags: readonly string[];
  readonly json: Uint8Array;
  readonly sequence: number;
  /** Set when it leaves the store: a scan that holds it in its heap then passes over it. */
  removed = false;

  constructor(event: RelayEvent, sequence: number, indexes: EventIndexes) {
    this.id = event.id;
    this.pubkey = indexes.shared(event.pubkey);
    this.createdAt = event.createdAt;
    this.kind = event.kind;
    this.indexedTags = event.indexedTags.map((text) => indexes.shared(text));
    this.json = event.json;
    this.sequence = sequence;
  }
}

class MemoryScan implements Scan {
  readonly #candidates: Cursor;
  readonly #filter: Filter;
  readonly #upToSequence: number;
  #remaining: number;

  constructor(candidates: Cursor, filter: Filter, options: ScanOptions) {
    this.#candidates = candidates;
    this.#filter = filter;
    this.#upToSequence = options.upToSequence;
    this.#remaining = options.limit;
  }

  pull(into: StoredEvent[], examine: number): boolean {
    const since = this.#filter.since ?? Number.NEGATIVE_INFINITY;
    for (let i = 0; i < examine && this.#remaining > 0; i += 1) {
      const event = this.#candidates.next();
      if (event === undefined || event.createdAt < since) this.#remaining = 0;
      else if (this.#isAnswer(event)) {
        into.push(event);
        this.#remaining -= 1;
      }
    }
    return this.#remaining > 0;
  }

  #isAnswer(event: StoredEvent): boolean {
    if (event.sequence > this.#upToSequence) return false;
    if (event instanceof KeptEvent && event.removed) return false;
    return matches(this.#filter, event);
  }
}

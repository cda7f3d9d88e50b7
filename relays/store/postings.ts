import type { StoredEvent } from './event-store.js';
import { type Cursor, Timeline } from './timeline.js';

/** The events under one key of an index. */
export interface PostingList {
  readonly length: number;
  cursor(until: number | undefined): Cursor;
}

/**
 * An index from a key to its events in order of time. Most keys (an `e` tag, an author seen once) have a single
 * event, which is then held as it is: a timeline of its own would weigh more than the event's other entries.
 */
export class Postings<Key> {
  readonly #entries = new Map<Key, StoredEvent | Timeline>();

  add(key: Key, event: StoredEvent): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) this.#entries.set(key, event);
    else if (entry instanceof Timeline) entry.add(event);
    else this.#entries.set(key, timelineOf(entry, event));
  }

  remove(key: Key, event: StoredEvent): void {
    const entry = this.#entries.get(key);
    if (entry === event) this.#entries.delete(key);
    if (!(entry instanceof Timeline)) return;
    entry.remove(event);
    if (entry.length === 0) this.#entries.delete(key);
  }

  /** The lists under those of `keys` that have any events. */
  listsOf(keys: Iterable<Key>): PostingList[] {
    const lists: PostingList[] = [];
    for (const key of keys) {
      const list = this.list(key);
      if (list !== undefined) lists.push(list);
    }
    return lists;
  }

  list(key: Key): PostingList | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry instanceof Timeline) return entry;
    return new SinglePosting(entry);
  }
}

class SinglePosting implements PostingList {
  readonly length = 1;
  readonly #event: StoredEvent;

  constructor(event: StoredEvent) {
    this.#event = event;
  }

  cursor(until: number | undefined): Cursor {
    return new ListCursor(until !== undefined && this.#event.createdAt > until ? [] : [this.#event]);
  }
}

/** A cursor over events that are in order already. */
export class ListCursor implements Cursor {
  readonly #events: readonly StoredEvent[];
  #next = 0;

  constructor(events: readonly StoredEvent[]) {
    this.#events = events;
  }

  next(): StoredEvent | undefined {
    const event = this.#events[this.#next];
    this.#next += 1;
    return event;
  }
}

function timelineOf(...events: readonly StoredEvent[]): Timeline {
  const timeline = new Timeline();
  for (const event of events) timeline.add(event);
  return timeline;
}

import type { RelayEvent } from '../protocol/event.js';
import { type Filter, matches } from '../protocol/filter.js';
import type { HeldBytes } from '../server/held-bytes.js';

/** One filter that wants the events saved from now on. */
export interface Listener {
  readonly filter: Filter;
  /** Events that the store saved up to this sequence are the stored ones of whoever listens, and don't come here. */
  readonly afterSequence: number;
  deliver(event: RelayEvent): void;
}

/** An event to broadcast; one that was not stored (ephemeral) has no sequence. */
export interface Broadcast {
  readonly event: RelayEvent;
  readonly sequence: number | undefined;
}

/**
 * An inverted index of the open subscriptions: each filter stands under the values of its most telling condition, so
 * that an event is compared with the filters that name its id, author, kind or tags, and not with all that are open.
 */
export class LiveIndex {
  readonly #byId = new Buckets<string>();
  readonly #byAuthor = new Buckets<string>();
  readonly #byKind = new Buckets<number>();
  readonly #byTag = new Map<string, Buckets<string>>();
  /** Filters that no list narrows: by time only, or empty. */
  readonly #unnarrowed = new Set<Listener>();
  readonly #held: HeldBytes | undefined;
  #size = 0;

  /** @param held where the bytes of the filters are counted. */
  constructor(held?: HeldBytes) {
    this.#held = held;
  }

  /** Listeners that are registered. */
  get size(): number {
    return this.#size;
  }

  add(listener: Listener): void {
    this.#size += 1;
    this.#held?.add('subscriptions', filterBytes(listener.filter));
    this.#place(listener.filter, {
      under: (buckets, keys) => buckets.add(keys, listener),
      unnarrowed: () => this.#unnarrowed.add(listener),
    });
  }

  /** Takes out a listener that is in. */
  remove(listener: Listener): void {
    this.#size -= 1;
    this.#held?.add('subscriptions', -filterBytes(listener.filter));
    this.#place(listener.filter, {
      under: (buckets, keys) => buckets.remove(keys, listener),
      unnarrowed: () => this.#unnarrowed.delete(listener),
    });
  }

  /** Delivers to every listener that is in at this moment and that the event is for. */
  broadcast(broadcast: Broadcast): void {
    const { event } = broadcast;
    for (const listener of this.#listenersFor(broadcast)) listener.deliver(event);
  }

  #listenersFor({ event, sequence = Number.POSITIVE_INFINITY }: Broadcast): ReadonlySet<Listener> {
    const found = new Set<Listener>();
    const consider = (listener: Listener): void => {
      if (sequence > listener.afterSequence && matches(listener.filter, event)) found.add(listener);
    };
    this.#byId.visit(event.id, consider);
    this.#byAuthor.visit(event.pubkey, consider);
    this.#byKind.visit(event.kind, consider);
    const tags = event.indexedTags;
    for (let i = 0; i < tags.length; i += 2)
      this.#byTag.get(tags[i] ?? '')?.visit(tags[i + 1] ?? '', consider);
    for (const listener of this.#unnarrowed) consider(listener);
    return found;
  }

  #place(filter: Filter, placement: Placement): void {
    if (filter.ids !== undefined) placement.under(this.#byId, filter.ids);
    else if (filter.authors !== undefined || filter.tags.length > 0)
      this.#placeByAuthorOrTag(filter, placement);
    else if (filter.kinds !== undefined) placement.under(this.#byKind, filter.kinds);
    else placement.unnarrowed();
  }

  /** The condition with the fewest values costs least to keep, and matches least. */
  #placeByAuthorOrTag(filter: Filter, placement: Placement): void {
    let fewest = filter.authors;
    let buckets = this.#byAuthor;
    for (const { name, values } of filter.tags) {
      if (fewest !== undefined && fewest.size <= values.size) continue;
      fewest = values;
      buckets = this.#tag(name);
    }
    if (fewest !== undefined) placement.under(buckets, fewest);
  }

  #tag(name: string): Buckets<string> {
    const known = this.#byTag.get(name);
    if (known !== undefined) return known;
    const buckets = new Buckets<string>();
    this.#byTag.set(name, buckets);
    return buckets;
  }
}

const HEX_32_BYTES_LENGTH = 64;
const NUMBER_BYTES = 8;

/** What a filter holds: the characters of its strings, and its numbers. */
function filterBytes({ ids, authors, kinds, tags, since, until, limit }: Filter): number {
  let bytes =
    HEX_32_BYTES_LENGTH * ((ids?.size ?? 0) + (authors?.size ?? 0)) + NUMBER_BYTES * (kinds?.size ?? 0);
  for (const number of [since, until, limit]) bytes += number === undefined ? 0 : NUMBER_BYTES;
  for (const { name, values } of tags) {
    bytes += name.length;
    for (const value of values) bytes += value.length;
  }
  return bytes;
}

interface Placement {
  under<Key extends string | number>(buckets: Buckets<Key>, keys: ReadonlySet<Key>): void;
  unnarrowed(): void;
}

/** Listeners by key. A key with one listener holds it bare: a set for each author of each timeline would weigh more. */
class Buckets<Key> {
  readonly #buckets = new Map<Key, Listener | Set<Listener>>();

  add(keys: ReadonlySet<Key>, listener: Listener): void {
    for (const key of keys) {
      const bucket = this.#buckets.get(key);
      if (bucket === undefined) this.#buckets.set(key, listener);
      else if (bucket instanceof Set) bucket.add(listener);
      else this.#buckets.set(key, new Set([bucket, listener]));
    }
  }

  remove(keys: ReadonlySet<Key>, listener: Listener): void {
    for (const key of keys) {
      const bucket = this.#buckets.get(key);
      if (bucket instanceof Set) bucket.delete(listener);
      if (bucket === listener || (bucket instanceof Set && bucket.size === 0)) this.#buckets.delete(key);
    }
  }

  visit(key: Key, consider: (listener: Listener) => void): void {
    const bucket = this.#buckets.get(key);
    if (bucket instanceof Set) bucket.forEach(consider);
    else if (bucket !== undefined) consider(bucket);
  }
}

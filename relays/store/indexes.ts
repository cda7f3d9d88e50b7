import type { Filter, TagCondition } from '../protocol/filter.js';
import type { StoredEvent } from './event-store.js';
import { merged, type Order } from './merge.js';
import { ListCursor, type PostingList, Postings } from './postings.js';
import { type Cursor, comesBefore, Timeline } from './timeline.js';

const EVENT_ORDER: Order<StoredEvent> = { comesBefore, isSame: (a, b) => a === b };

/** One author's events, all and by kind. */
interface AuthorEntry {
  readonly pubkey: string;
  readonly all: Timeline;
  readonly byKind: Postings<number>;
  readonly kinds: Set<number>;
}

/** The indexes that Nostr needs: id; author+time; author+kind+time; kind+time; tag+time; time. */
export class EventIndexes {
  readonly #byId = new Map<string, StoredEvent>();
  readonly #byAuthor = new Map<string, AuthorEntry>();
  readonly #byKind = new Postings<number>();
  /** By tag letter, then by value. */
  readonly #byTag = new Map<string, Postings<string>>();
  readonly #byTime = new Timeline();

  get size(): number {
    return this.#byId.size;
  }

  find(id: string): StoredEvent | undefined {
    return this.#byId.get(id);
  }

  /** The string that is in memory already, if `text` is a known author or id: most tag values are one of these. */
  shared(text: string): string {
    return this.#byAuthor.get(text)?.pubkey ?? this.#byId.get(text)?.id ?? text;
  }

  add(event: StoredEvent): void {
    this.#byId.set(event.id, event);
    const author = this.#authorOf(event.pubkey);
    author.all.add(event);
    author.byKind.add(event.kind, event);
    author.kinds.add(event.kind);
    this.#byKind.add(event.kind, event);
    for (const [name, value] of tagPairs(event)) this.#tag(name).add(value, event);
    this.#byTime.add(event);
  }

  remove(event: StoredEvent): void {
    this.#byId.delete(event.id);
    const author = this.#authorOf(event.pubkey);
    author.all.remove(event);
    author.byKind.remove(event.kind, event);
    if (author.byKind.list(event.kind) === undefined) author.kinds.delete(event.kind);
    if (author.all.length === 0) this.#byAuthor.delete(event.pubkey);
    this.#byKind.remove(event.kind, event);
    for (const [name, value] of tagPairs(event)) this.#tag(name).remove(value, event);
    this.#byTime.remove(event);
  }

  /** A cursor over a superset of the matches of `filter`, from the index that leaves the fewest candidates. */
  candidates(filter: Filter): Cursor {
    if (filter.ids !== undefined) return this.#withIds(filter.ids, filter.until);
    const lists = this.#shortestLists(filter);
    if (lists === undefined) return this.#byTime.cursor(filter.until);
    return merged(
      lists.map((list) => list.cursor(filter.until)),
      EVENT_ORDER,
    );
  }

  #withIds(ids: ReadonlySet<string>, until: number | undefined): Cursor {
    const events: StoredEvent[] = [];
    for (const id of ids) {
      const event = this.#byId.get(id);
      if (event !== undefined && (until === undefined || event.createdAt <= until)) events.push(event);
    }
    return new ListCursor(events.sort((a, b) => (comesBefore(a, b) ? -1 : 1)));
  }

  #shortestLists(filter: Filter): readonly PostingList[] | undefined {
    const choices: (readonly PostingList[])[] = filter.tags.map((condition) => this.#tagLists(condition));
    if (filter.authors !== undefined) choices.push(this.#authorLists(filter.authors, filter.kinds));
    else if (filter.kinds !== undefined) choices.push(this.#byKind.listsOf(filter.kinds));
    return shortest(choices);
  }

  #tagLists({ name, values }: TagCondition): readonly PostingList[] {
    return this.#byTag.get(name)?.listsOf(values) ?? [];
  }

  /** Goes by the kinds that an author has, so that many authors times many kinds stay cheap. */
  #authorLists(authors: ReadonlySet<string>, kinds: ReadonlySet<number> | undefined): readonly PostingList[] {
    const lists: PostingList[] = [];
    for (const pubkey of authors) {
      const author = this.#byAuthor.get(pubkey);
      if (author === undefined) continue;
      if (kinds === undefined) lists.push(author.all);
      else lists.push(...author.byKind.listsOf(smaller(author.kinds, kinds)));
    }
    return lists;
  }

  #authorOf(pubkey: string): AuthorEntry {
    const known = this.#byAuthor.get(pubkey);
    if (known !== undefined) return known;
    const entry = { pubkey, all: new Timeline(), byKind: new Postings<number>(), kinds: new Set<number>() };
    this.#byAuthor.set(pubkey, entry);
    return entry;
  }

  #tag(name: string): Postings<string> {
    const known = this.#byTag.get(name);
    if (known !== undefined) return known;
    const postings = new Postings<string>();
    this.#byTag.set(name, postings);
    return postings;
  }
}

function smaller(has: ReadonlySet<number>, asked: ReadonlySet<number>): readonly number[] {
  if (asked.size <= has.size) return [...asked];
  return [...has].filter((kind) => asked.has(kind));
}

function shortest(choices: readonly (readonly PostingList[])[]): readonly PostingList[] | undefined {
  let best: readonly PostingList[] | undefined;
  let bestLength = Number.POSITIVE_INFINITY;
  for (const lists of choices) {
    const length = lists.reduce((sum, list) => sum + list.length, 0);
    if (length < bestLength) {
      best = lists;
      bestLength = length;
    }
  }
  return best;
}

function* tagPairs({ indexedTags }: StoredEvent): Generator<readonly [string, string]> {
  for (let i = 0; i < indexedTags.length; i += 2) {
    const [name, value] = [indexedTags[i], indexedTags[i + 1]];
    if (name !== undefined && value !== undefined) yield [name, value];
  }
}

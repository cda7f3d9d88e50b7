import type { Filter } from 'nostr-tools/filter';
import type { NostrEvent } from 'nostr-tools/pure';
import type { KnownEvents } from '../client/known-events.js';
import type { JudgedRequest } from '../client/message.js';
import type { StaticAnswer } from '../scenario/workload.js';
import type { Candidate, FilterExpectation } from './answer.js';
import type { EventHistory } from './event-history.js';
import type { Generation } from './generation.js';
import { matches, newestFirst } from './matching.js';

/** One filter of a request: what matches it among the loaded and the published events. */
class FilterState {
  /** Published matches in the order of answers. */
  readonly #published: number[] = [];
  #positions: Set<number> | undefined;
  #superseded: readonly number[] | undefined;

  constructor(
    readonly filter: Filter,
    readonly answer: StaticAnswer,
    private readonly known: KnownEvents,
    private readonly history: EventHistory,
  ) {}

  get hasPublished(): boolean {
    return this.#published.length > 0;
  }

  matches(number: number): boolean {
    this.#positions ??= new Set(this.answer.newest);
    if (this.#positions.has(number)) return true;
    return !this.#isRuledOut(number) && matches(this.filter, this.known.eventOf(number));
  }

  /** The oracle would have named it, had it matched. */
  #isRuledOut(number: number): boolean {
    if (!this.history.isStoredAtLoad(number)) return false;
    if (this.answer.complete) return true;
    const oldest = this.answer.newest.at(-1);
    return oldest !== undefined && newestFirst(this.known.eventOf(number), this.known.eventOf(oldest)) < 0;
  }

  /** Takes in a published event; true if it matches. */
  publish(number: number): boolean {
    const event = this.known.eventOf(number);
    if (!matches(this.filter, event)) return false;
    // Scripts publish in the order of time, mostly: the place is near the front.
    const at = this.#published.findIndex((other) => newestFirst(event, this.known.eventOf(other)) < 0);
    if (at < 0) this.#published.push(number);
    else this.#published.splice(at, 0, number);
    return true;
  }

  /**
   * What this filter can be answered with by a REQ sent at `fromNs` and answered at `toNs`.
   * @param exact also count versions that were superseded when they were loaded: they can push others out of a
   *   limit, but finding them takes a scan, so it is asked for only when an answer looks wrong.
   */
  expectation(fromNs: number, toNs: number, exact: boolean): FilterExpectation {
    const { limit } = this.filter;
    const enough = limit ?? Number.POSITIVE_INFINITY;
    const candidates: Candidate[] = [];
    let certain = 0;
    for (const number of this.#inOrder(exact)) {
      if (candidates.length > enough && certain >= enough) break;
      const standing = this.history.standing(number, fromNs, toNs);
      if (standing === 'certain') certain += 1;
      candidates.push({ number, createdAt: this.known.eventOf(number).created_at, standing });
    }
    return { limit, candidates };
  }

  /** Loaded and published matches, merged in the order of answers. */
  *#inOrder(exact: boolean): Generator<number> {
    const lists = [this.answer.newest, this.#published, exact ? this.#supersededMatches() : []];
    const next = lists.map(() => 0);
    for (;;) {
      let first: { list: number; number: number; event: NostrEvent } | undefined;
      for (const [list, numbers] of lists.entries()) {
        const number = numbers[next[list] ?? 0];
        if (number === undefined) continue;
        const event = this.known.eventOf(number);
        if (!first || newestFirst(event, first.event) < 0) first = { list, number, event };
      }
      if (!first) return;
      next[first.list] = (next[first.list] ?? 0) + 1;
      yield first.number;
    }
  }

  #supersededMatches(): readonly number[] {
    this.#superseded ??= [...this.history.supersededAtLoad]
      .filter((number) => matches(this.filter, this.known.eventOf(number)))
      .sort((a, b) => newestFirst(this.known.eventOf(a), this.known.eventOf(b)));
    return this.#superseded;
  }
}

interface Place {
  readonly rank: number;
  readonly filter: number | undefined;
}

/** A distinct filter list, shared by all REQs that carry it. */
export class RequestState {
  readonly filters: readonly FilterState[];
  /** Of a request with one filter the answer, and how many of it are asked for: it can be compared on arrival. */
  readonly single: { readonly newest: readonly number[]; readonly expected: number } | undefined;
  readonly hasLimit: boolean;
  /** Some filter has no limit. */
  readonly hasUnlimited: boolean;
  /** Subscriptions with these filters that live events may be owed to. */
  readonly open = new Set<Generation>();
  #places: ReadonlyMap<number, Place> | undefined;

  constructor(request: JudgedRequest, known: KnownEvents, history: EventHistory) {
    this.filters = request.filters.map(
      (filter, i) => new FilterState(filter, request.answers[i] ?? NOTHING_KNOWN, known, history),
    );
    this.hasLimit = request.filters.some(({ limit }) => limit !== undefined);
    this.hasUnlimited = request.filters.some(({ limit }) => limit === undefined);
    const [only, ...others] = this.filters;
    if (!only || others.length > 0) return;
    const { newest } = only.answer;
    this.single = { newest, expected: Math.min(newest.length, only.filter.limit ?? newest.length) };
  }

  get hasPublished(): boolean {
    return this.filters.some(({ hasPublished }) => hasPublished);
  }

  /** Whether every unlimited filter's answer is known in full; without that nothing can be said about holes. */
  get isAnswerable(): boolean {
    return this.filters.every(({ filter, answer }) => {
      return answer.complete || (filter.limit !== undefined && answer.newest.length > filter.limit);
    });
  }

  matches(number: number): boolean {
    return this.filters.some((filter) => filter.matches(number));
  }

  matchesEvent(event: NostrEvent): boolean {
    return this.filters.some(({ filter }) => matches(filter, event));
  }

  /** Indices of the filters that an event of others matches. */
  matchingEvent(event: NostrEvent): readonly number[] {
    return this.filters.flatMap(({ filter }, index) => (matches(filter, event) ? [index] : []));
  }

  /** Whether these are the static answers of all filters, each in its order; nothing published is considered. */
  isStaticAnswer(received: Iterable<number>): boolean {
    this.#places ??= this.#staticPlaces();
    const reached = this.filters.map(() => -1);
    let count = 0;
    for (const number of received) {
      const place = this.#places.get(number);
      if (!place) return false;
      count += 1;
      if (place.filter === undefined) continue;
      if (place.rank < (reached[place.filter] ?? 0)) return false;
      reached[place.filter] = place.rank;
    }
    return count === this.#places.size;
  }

  /** For every event of the static answers its rank, and the filter that alone answers for its order. */
  #staticPlaces(): ReadonlyMap<number, Place> {
    const places = new Map<number, Place>();
    for (const [index, { filter, answer }] of this.filters.entries()) {
      for (const [rank, number] of answer.newest.slice(0, filter.limit).entries()) {
        const isOwn = this.filters.every((other, i) => i === index || !other.matches(number));
        places.set(number, { rank, filter: isOwn ? index : undefined });
      }
    }
    return places;
  }

  /** Indices of the filters that an event matches. */
  matching(number: number): readonly number[] {
    return this.filters.flatMap((filter, index) => (filter.matches(number) ? [index] : []));
  }

  publish(number: number): boolean {
    let matched = false;
    for (const filter of this.filters) matched = filter.publish(number) || matched;
    return matched;
  }
}

const NOTHING_KNOWN: StaticAnswer = { newest: [], complete: false };

/** All distinct requests of a run, found by what an event would have to match. */
export class RequestBook {
  readonly #states = new Map<JudgedRequest, RequestState>();
  /** Requests by id, author, value of a tag or kind: whichever their filters name, most selective first. */
  readonly #byKey = new Map<string, Set<RequestState>>();
  readonly #published: number[] = [];

  constructor(
    private readonly known: KnownEvents,
    private readonly history: EventHistory,
  ) {}

  stateOf(request: JudgedRequest): RequestState {
    const found = this.#states.get(request);
    if (found) return found;
    const state = new RequestState(request, this.known, this.history);
    this.#states.set(request, state);
    for (const number of this.#published) state.publish(number);
    for (const key of request.filters.flatMap(keysOfFilter)) this.#index(key, state);
    return state;
  }

  /** Takes in a published event; returns the requests that it matches. */
  publish(number: number): readonly RequestState[] {
    this.#published.push(number);
    return this.#candidates(number).filter((state) => state.publish(number));
  }

  /** The requests that an event matches. */
  matching(number: number): readonly RequestState[] {
    return this.#candidates(number).filter((state) => state.matches(number));
  }

  #candidates(number: number): readonly RequestState[] {
    const event = this.known.eventOf(number);
    const found = new Set<RequestState>();
    for (const key of keysOfEvent(event)) {
      for (const state of this.#byKey.get(key) ?? []) found.add(state);
    }
    return [...found];
  }

  #index(key: string, state: RequestState): void {
    const states = this.#byKey.get(key);
    if (states) states.add(state);
    else this.#byKey.set(key, new Set([state]));
  }
}

const ANY = 'any';

function keysOfEvent({ id, pubkey, kind, tags }: NostrEvent): readonly string[] {
  const ofTags = tags.map(([name, value]) => `#${name} ${value}`);
  return [`id ${id}`, `author ${pubkey}`, ...ofTags, `kind ${kind}`, ANY];
}

function keysOfFilter(filter: Filter): readonly string[] {
  const { ids, authors, kinds } = filter;
  if (ids) return ids.map((id) => `id ${id}`);
  if (authors) return authors.map((author) => `author ${author}`);
  for (const [name, values] of Object.entries(filter)) {
    if (name.startsWith('#') && Array.isArray(values)) return values.map((value) => `${name} ${value}`);
  }
  if (kinds) return kinds.map((kind) => `kind ${kind}`);
  return [ANY];
}

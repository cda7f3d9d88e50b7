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
    return matches(this.filter, this.known.eventOf(number));
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
      if (!this.#existedBy(number, toNs)) continue;
      const standing = this.history.standing(number, fromNs, toNs);
      if (standing === 'certain') certain += 1;
      candidates.push({ number, createdAt: this.known.eventOf(number).created_at, standing });
    }
    return { limit, candidates, complete: this.answer.complete };
  }

  #existedBy(number: number, atNs: number): boolean {
    if (this.history.isLoaded(number)) return true;
    const publication = this.history.publication(number);
    return publication !== undefined && publication.sentNs < atNs;
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
    this.#superseded ??= this.history.supersededAtLoad
      .filter((number) => matches(this.filter, this.known.eventOf(number)))
      .sort((a, b) => newestFirst(this.known.eventOf(a), this.known.eventOf(b)));
    return this.#superseded;
  }
}

/** A distinct filter list, shared by all REQs that carry it. */
export class RequestState {
  readonly filters: readonly FilterState[];
  /** The answer to a request of one filter: most answers can be compared with it as they arrive. */
  readonly single: StaticAnswer | undefined;
  /** Subscriptions with these filters that live events may be owed to. */
  readonly open = new Set<Generation>();

  constructor(request: JudgedRequest, known: KnownEvents, history: EventHistory) {
    this.filters = request.filters.map(
      (filter, i) => new FilterState(filter, request.answers[i] ?? NOTHING_KNOWN, known, history),
    );
    this.single = request.filters.length === 1 ? request.answers[0] : undefined;
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
  /** Requests by author, id or kind: whichever their filters name, most selective first. */
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
    const keys = [`id ${event.id}`, `author ${event.pubkey}`, `kind ${event.kind}`, ANY];
    return [...new Set(keys.flatMap((key) => [...(this.#byKey.get(key) ?? [])]))];
  }

  #index(key: string, state: RequestState): void {
    const states = this.#byKey.get(key);
    if (states) states.add(state);
    else this.#byKey.set(key, new Set([state]));
  }
}

const ANY = 'any';

function keysOfFilter({ ids, authors, kinds }: Filter): readonly string[] {
  if (ids) return ids.map((id) => `id ${id}`);
  if (authors) return authors.map((author) => `author ${author}`);
  if (kinds) return kinds.map((kind) => `kind ${kind}`);
  return [ANY];
}

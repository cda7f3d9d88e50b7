import type { Filter } from '../protocol/filter.js';
import type { StoredEvent } from '../store/event-store.js';

/** Most answers that are kept; the oldest leaves first. */
const MOST_ANSWERS = 1_000;

interface Answer {
  readonly events: readonly StoredEvent[];
  readonly untilMs: number;
}

/**
 * Answers to single filters, for all connections of a relay. It stands in front of the privacy stage, so what it holds is
 * what the store says, not what one client may see. A save drops all of them.
 */
export class ResultCache {
  readonly #ttlMs: number;
  readonly #answers = new Map<string, Answer>();
  /** The store's sequence at which the answers are right. */
  #sequence = 0;

  /** @param ttlMs how long an answer may be given again; 0: never. */
  constructor(ttlMs: number) {
    this.#ttlMs = ttlMs;
  }

  /** @param sequence the store's, now. */
  get(filter: Filter, sequence: number, nowMs: number): readonly StoredEvent[] | undefined {
    if (this.#ttlMs === 0) return undefined;
    this.#dropBefore(sequence);
    const key = filterKey(filter);
    const answer = this.#answers.get(key);
    if (answer !== undefined && nowMs < answer.untilMs) return answer.events;
    this.#answers.delete(key);
    return undefined;
  }

  /** @param sequence the store's, now and when `events` were looked for. */
  put(filter: Filter, events: readonly StoredEvent[], sequence: number, nowMs: number): void {
    if (this.#ttlMs === 0) return;
    this.#dropBefore(sequence);
    const key = filterKey(filter);
    this.#answers.delete(key);
    this.#answers.set(key, { events, untilMs: nowMs + this.#ttlMs });
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > MOST_ANSWERS && oldest !== undefined) this.#answers.delete(oldest);
  }

  #dropBefore(sequence: number): void {
    if (sequence !== this.#sequence) this.#answers.clear();
    this.#sequence = sequence;
  }
}

/** The same text for filters that ask the same, in whatever order their lists are. */
function filterKey({ ids, authors, kinds, tags, since, until, limit }: Filter): string {
  const sorted = (values: Iterable<string | number> | undefined) =>
    values === undefined ? null : [...values].toSorted();
  const conditions = tags.map(({ name, values }) => [name, sorted(values)]);
  return JSON.stringify([
    sorted(ids),
    sorted(authors),
    sorted(kinds),
    conditions.toSorted((a, b) => String(a).localeCompare(String(b))),
    since ?? null,
    until ?? null,
    limit ?? null,
  ]);
}

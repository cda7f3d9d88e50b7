import type { Filter } from '../protocol/filter.js';
import { type HeldBytes, jsonBytes } from '../server/held-bytes.js';
import type { Collected } from './collect.js';

/** Most answers that are kept; the oldest leaves first. */
const MOST_ANSWERS = 1_000;

interface Answer extends Collected {
  readonly untilMs: number;
}

/**
 * Answers to single filters, for all connections of a relay. It stands in front of the privacy stage, so what it holds is
 * what the store says, not what one client may see. A save drops all of them.
 */
export class ResultCache {
  readonly #ttlMs: number;
  readonly #held: HeldBytes;
  readonly #answers = new Map<string, Answer>();
  /** The store's sequence at which the answers are right. */
  #sequence = 0;

  /** @param ttlMs how long an answer may be given again; 0: never. @param held counts what is kept. */
  constructor(ttlMs: number, held: HeldBytes) {
    this.#ttlMs = ttlMs;
    this.#held = held;
  }

  /** @param sequence the store's, now. */
  get(filter: Filter, sequence: number, nowMs: number): Collected | undefined {
    if (this.#ttlMs === 0) return undefined;
    this.#dropBefore(sequence);
    const key = filterKey(filter);
    const answer = this.#answers.get(key);
    if (answer !== undefined && nowMs < answer.untilMs) return answer;
    this.#drop(key);
    return undefined;
  }

  /** @param sequence the store's, now and when the events were looked for. */
  put(filter: Filter, { events, isComplete }: Collected, sequence: number, nowMs: number): void {
    if (this.#ttlMs === 0) return;
    this.#dropBefore(sequence);
    const key = filterKey(filter);
    this.#drop(key);
    this.#answers.set(key, { events, isComplete, untilMs: nowMs + this.#ttlMs });
    this.#held.add('caches', jsonBytes(events));
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > MOST_ANSWERS && oldest !== undefined) this.#drop(oldest);
  }

  #drop(key: string): void {
    const answer = this.#answers.get(key);
    if (answer === undefined) return;
    this.#answers.delete(key);
    this.#held.add('caches', -jsonBytes(answer.events));
  }

  #dropBefore(sequence: number): void {
    if (sequence === this.#sequence) return;
    for (const key of this.#answers.keys()) this.#drop(key);
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

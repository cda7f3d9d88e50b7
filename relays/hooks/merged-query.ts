import type { Query } from '../store/event-source.js';
import type { StoredEvent } from '../store/event-store.js';
import { comesBefore } from '../store/timeline.js';

interface Source {
  readonly query: Query;
  /** Pulled and not handed over, newest first. */
  readonly waiting: StoredEvent[];
  hasMore: boolean;
  hasFailed: boolean;
}

/**
 * Several sources of one filter as one: newest first, each event once, up to the limit. It goes at the pace of the slowest,
 * because nobody else knows what is newest. A source that fails is reported and counts as finished.
 */
export class MergedQuery implements Query {
  readonly stopsWhenCancelled = true;
  readonly #sources: readonly Source[];
  readonly #failed: (error: unknown) => void;
  readonly #ids = new Set<string>();
  #remaining: number;

  constructor(queries: readonly Query[], limit: number, failed: (error: unknown) => void) {
    this.#sources = queries.map((query) => ({ query, waiting: [], hasMore: true, hasFailed: false }));
    this.#remaining = limit;
    this.#failed = failed;
  }

  get ready(): Promise<void> | undefined {
    const waits = this.#sources.filter(isEmpty).map(({ query }) => query.ready);
    const pending = waits.filter((wait) => wait !== undefined);
    return pending.length === 0 ? undefined : Promise.all(pending).then(() => undefined);
  }

  get isComplete(): boolean {
    return (
      this.#remaining > 0 && this.#sources.every(({ query, hasFailed }) => query.isComplete && !hasFailed)
    );
  }

  pull(into: StoredEvent[], examine: number): boolean {
    for (const source of this.#sources) {
      if (isEmpty(source) && source.query.ready === undefined) this.#fill(source, examine);
    }
    while (this.#remaining > 0 && !this.#sources.some(isEmpty)) {
      const event = this.#newest()?.waiting.shift();
      if (event === undefined) return false;
      if (this.#ids.has(event.id)) continue;
      this.#ids.add(event.id);
      into.push(event);
      this.#remaining -= 1;
    }
    if (this.#remaining <= 0) this.cancel();
    return this.#remaining > 0;
  }

  cancel(): void {
    for (const { query } of this.#sources) query.cancel();
  }

  #fill(source: Source, examine: number): void {
    try {
      source.hasMore = source.query.pull(source.waiting, examine);
    } catch (error) {
      source.hasMore = false;
      source.hasFailed = true;
      this.#failed(error);
    }
  }

  #newest(): Source | undefined {
    let newest: Source | undefined;
    for (const source of this.#sources) {
      const event = source.waiting[0];
      const other = newest?.waiting[0];
      if (event !== undefined && (other === undefined || comesBefore(event, other))) newest = source;
    }
    return newest;
  }
}

/** Nothing can be said about what this source's next event is. */
function isEmpty({ waiting, hasMore }: Source): boolean {
  return hasMore && waiting.length === 0;
}

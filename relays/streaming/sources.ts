import { FunctionQuery } from '../hooks/function-query.js';
import type { HookClient, RelayHooks } from '../hooks/hooks.js';
import { MergedQuery } from '../hooks/merged-query.js';
import type { Filter } from '../protocol/filter.js';
import type { Query } from '../store/event-source.js';
import type { ScanOptions } from '../store/event-store.js';
import type { Substrate } from '../strategy.js';

/** Where one client's stored events come from: the relay's own store, if it keeps one, and the query functions. */
export class Sources {
  readonly #hooks: RelayHooks;
  readonly #hasOwnStore: boolean;
  readonly #substrate: Substrate;
  readonly #client: HookClient;

  constructor(hooks: RelayHooks, hasOwnStore: boolean, substrate: Substrate, client: HookClient) {
    this.#hooks = hooks;
    this.#hasOwnStore = hasOwnStore;
    this.#substrate = substrate;
    this.#client = client;
  }

  /** True when the store's sequence alone divides stored events from live ones. */
  get divideBySequence(): boolean {
    return this.#hooks.queryEvents.length === 0;
  }

  /** True when sources run apart: they interleave, and each goes up to the limit (D30). */
  get interleave(): boolean {
    return this.#substrate.settings.deviations.includes('D30');
  }

  /**
   * Starts a filter's sources.
   * @param failed told when one of several sources fails; a single one throws from its `pull`.
   */
  queries(filter: Filter, options: ScanOptions, failed: (error: unknown) => void): readonly Query[] {
    const queries = this.#start(filter, options);
    return queries.length <= 1 || this.interleave
      ? queries
      : [new MergedQuery(queries, options.limit, failed)];
  }

  /** As {@link queries} for a COUNT: all matches, each once, and a source that fails throws. */
  all(filter: Filter): Query {
    const options = { limit: Number.POSITIVE_INFINITY, upToSequence: this.#substrate.store.sequence };
    const queries = this.#start(filter, options);
    const [only] = queries;
    if (queries.length === 1 && only !== undefined) return only;
    return new MergedQuery(queries, options.limit, (error) => {
      throw error;
    });
  }

  #start(filter: Filter, options: ScanOptions): readonly Query[] {
    const own = this.#hasOwnStore ? [this.#substrate.source.query(filter, options)] : [];
    const functions = this.#hooks.queryEvents.map(
      (ask) => new FunctionQuery(ask, filter, this.#client, options.limit),
    );
    return [...own, ...functions];
  }
}

import type { HookClient, Refusal, RelayHooks } from '../hooks/hooks.js';
import { andThen, firstAnswer, type MaybePromise } from '../hooks/maybe-promise.js';
import { firstRefusal } from '../hooks/refusal.js';
import type { Filter } from '../protocol/filter.js';
import { countAnswer, countMatches } from '../store/count.js';
import type { Substrate } from '../strategy.js';
import type { RequestContext } from './request.js';
import type { Responses } from './responses.js';
import type { Sources } from './sources.js';

/** How long a count may take, in milliseconds. */
const DEADLINE_MS = 30_000;

/** COUNT on one connection (NIP-45), with the hooks. */
export class Counting {
  readonly #hooks: RelayHooks;
  readonly #client: HookClient;
  readonly #substrate: Substrate;
  readonly #sources: Sources;
  readonly #responses: Responses;
  readonly #ended = new AbortController();

  constructor(hooks: RelayHooks, client: HookClient, { substrate, sources, responses }: RequestContext) {
    this.#hooks = hooks;
    this.#client = client;
    this.#substrate = substrate;
    this.#sources = sources;
    this.#responses = responses;
  }

  /** Why the COUNT is refused, with its prefix, or undefined. */
  refusal(filters: readonly Filter[]): MaybePromise<Refusal> {
    const { access } = this.#substrate;
    return firstAnswer(filters, (filter) =>
      andThen(access.refusalToRead(this.#client, filter), (reason) =>
        reason === undefined
          ? firstRefusal(this.#hooks.rejectCount, (reject) => reject(filter, this.#client))
          : reason,
      ),
    );
  }

  /** The text of the answer; undefined when the connection ended first. */
  answer(query: string, filters: readonly Filter[]): Promise<string | undefined> {
    const count = (signal: AbortSignal): Promise<number | undefined> =>
      this.#hooks.countEvents.length > 0
        ? this.#countByHooks(filters, signal)
        : countMatches({
            filters,
            query: (filter) => this.#sources.all(filter),
            counts: (event) => this.#responses.maySee(event),
            turns: this.#substrate.turns,
            signal,
          });
    return countAnswer(query, count, { ended: this.#ended.signal, deadlineMs: DEADLINE_MS });
  }

  /** The connection has ended. */
  end(): void {
    this.#ended.abort();
  }

  async #countByHooks(filters: readonly Filter[], signal: AbortSignal): Promise<number | undefined> {
    const query = { client: this.#client, limit: Number.POSITIVE_INFINITY, signal };
    const counts = Promise.all(this.#hooks.countEvents.map((count) => count(filters, query)));
    const aborted = new Promise<undefined>((resolve) => {
      signal.addEventListener('abort', () => resolve(undefined));
    });
    return (await Promise.race([counts, aborted]))?.reduce((sum, count) => sum + count, 0);
  }
}

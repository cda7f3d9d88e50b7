import { type NostrEvent, relayEvent } from '../protocol/event.js';
import { type Filter, matches } from '../protocol/filter.js';
import type { Query } from '../store/event-source.js';
import type { StoredEvent } from '../store/event-store.js';
import type { FoundEvents, HookClient, HookQuery } from './hooks.js';
import type { MaybePromise } from './maybe-promise.js';

/** Asks one query function. */
export type AskSource = (filter: Filter, query: HookQuery) => MaybePromise<FoundEvents>;

/**
 * A query function as a {@link Query}: events are asked for one at a time, as they can be sent, so that a client that
 * reads slowly holds the source back instead of filling memory. What doesn't match the filter is left out.
 */
export class FunctionQuery implements Query {
  readonly stopsWhenCancelled = true;
  /** A function may have limits of its own, so it is never said that it gave everything (NIP-67). */
  readonly isComplete = false;
  readonly #filter: Filter;
  readonly #abort = new AbortController();
  #wake: () => void = () => undefined;
  #ready: Promise<void> | undefined;
  #next: IteratorResult<NostrEvent> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #iterator: Iterator<NostrEvent> | AsyncIterator<NostrEvent> | undefined;
  #remaining: number;

  constructor(ask: AskSource, filter: Filter, client: HookClient, limit: number) {
    this.#filter = filter;
    this.#remaining = limit;
    const { signal } = this.#abort;
    this.#wait(this.#open(ask, { client, limit, signal }));
  }

  get ready(): Promise<void> | undefined {
    return this.#ready;
  }

  pull(into: StoredEvent[], examine: number): boolean {
    if (this.#failure !== undefined) throw this.#failure.error;
    for (let i = 0; i < examine && this.#ready === undefined; i += 1) {
      if (this.#isOver()) return false;
      this.#take(into);
      this.#advance();
    }
    return true;
  }

  cancel(): void {
    if (this.#abort.signal.aborted) return;
    this.#abort.abort();
    this.#letGo();
  }

  #isOver(): boolean {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#remaining <= 0) this.cancel();
    return this.#abort.signal.aborted || this.#next === undefined || this.#next.done === true;
  }

  #take(into: StoredEvent[]): void {
    const event: NostrEvent | undefined = this.#next?.value;
    if (event === undefined) return;
    const found = { ...relayEvent(event, Buffer.from(JSON.stringify(event))), sequence: 0 };
    if (!matches(this.#filter, found)) return;
    into.push(found);
    this.#remaining -= 1;
  }

  async #open(ask: AskSource, query: HookQuery): Promise<void> {
    const found = await ask(this.#filter, query);
    this.#iterator = Symbol.asyncIterator in found ? found[Symbol.asyncIterator]() : found[Symbol.iterator]();
    if (query.signal.aborted) this.#letGo();
    else this.#next = await this.#iterator.next();
  }

  /** The next event, at once from a list, later from what is asynchronous. */
  #advance(): void {
    const next = this.#iterator?.next();
    if (next instanceof Promise) {
      this.#wait(next.then((given) => this.#set(given)));
    } else if (next !== undefined) {
      this.#set(next);
    }
  }

  #set(next: IteratorResult<NostrEvent>): void {
    this.#next = next;
  }

  #wait(work: Promise<void>): void {
    this.#ready = new Promise((resolve) => {
      this.#wake = resolve;
    });
    void work
      .catch((error: unknown) => {
        this.#failure = { error };
      })
      .then(() => this.#goOn());
  }

  #goOn(): void {
    this.#ready = undefined;
    this.#wake();
  }

  #letGo(): void {
    this.#goOn();
    // A generator that is waiting ends when its own wait does; what it says then is nobody's business any more.
    const closing = this.#iterator?.return?.();
    if (closing instanceof Promise) closing.catch(() => undefined);
  }
}

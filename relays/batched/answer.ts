import type { Filter } from '../protocol/filter.js';
import { eoseMessage } from '../protocol/relay-message.js';
import { jsonBytes } from '../server/held-bytes.js';
import type { StoredEvent } from '../store/event-store.js';
import type { Connection, Substrate } from '../strategy.js';
import type { ResultCache } from './cache.js';
import { type Collected, collect, DeadlinePassed, effectiveLimit } from './collect.js';
import type { BatchedSubscription } from './subscription.js';

/** Events that are sent before the clock is read again. */
const SENT_A_LOOK = 64;

/** What became of the stored side of a REQ. */
export type Answer =
  | {
      readonly status: 'sent';
      /** Ids of the events that were sent. */
      readonly ids: ReadonlySet<string>;
      /** Whether some filter got as many events as its limit allows. */
      readonly hasReachedLimit: boolean;
      /** Nothing that is stored and matches was left out (NIP-67). */
      readonly isComplete: boolean;
    }
  /** `reason` has its prefix. */
  | { readonly status: 'failed'; readonly reason: string }
  /** The client has gone. */
  | { readonly status: 'abandoned' };

/**
 * The stored side of one REQ, in stages: each filter in turn into one list, privacy, duplicates, and then everything is
 * sent. Each stage is logged with what it left.
 */
export class StoredAnswer {
  readonly #subscription: BatchedSubscription;
  readonly #filters: readonly Filter[];
  readonly #cache: ResultCache;
  readonly #connection: Connection;
  readonly #substrate: Substrate;
  #hasReachedLimit = false;
  #isComplete = true;
  /** What this answer counts as held. */
  #heldBytes = 0;

  constructor(
    subscription: BatchedSubscription,
    filters: readonly Filter[],
    cache: ResultCache,
    connection: Connection,
    substrate: Substrate,
  ) {
    this.#subscription = subscription;
    this.#filters = filters;
    this.#cache = cache;
    this.#connection = connection;
    this.#substrate = substrate;
  }

  async send(): Promise<Answer> {
    try {
      return await this.#send();
    } finally {
      this.#substrate.held.add('answers', -this.#heldBytes);
    }
  }

  async #send(): Promise<Answer> {
    const startMs = this.#substrate.clock.monotonicMs();
    const cached = this.#fromCache();
    if (cached !== undefined && this.#deviates('D11')) {
      await this.#sendAll(cached);
      this.#connection.outbox.message(eoseMessage(this.#subscription.id, false));
    }
    const found = (this.#deviates('D11') ? undefined : cached) ?? (await this.#collectAll(startMs));
    if (!this.#connection.isOpen) return { status: 'abandoned' };
    if (found === 'late') {
      const { deadlineMs } = this.#substrate.settings.batched;
      return { status: 'failed', reason: `error: the query took more than ${deadlineMs} ms` };
    }
    await this.#sendAll(found);
    this.#substrate.log('request answered', {
      subscription: this.#subscription.id,
      filters: this.#filters.length,
      events: found.length,
      cached: cached !== undefined,
      durationMs: this.#substrate.clock.monotonicMs() - startMs,
    });
    return {
      status: 'sent',
      ids: new Set(found.map(({ id }) => id)),
      hasReachedLimit: this.#hasReachedLimit,
      isComplete: this.#isComplete,
    };
  }

  /** One filter after another, under one deadline; a filter whose source fails is skipped. */
  async #collectAll(startMs: number): Promise<readonly StoredEvent[] | 'late'> {
    const { settings, warn } = this.#substrate;
    const deadlineMs = startMs + settings.batched.deadlineMs;
    const list: StoredEvent[] = [];
    for (const filter of this.#filters) {
      try {
        const events = await this.#collect(filter, deadlineMs);
        for (const event of events) list.push(event);
      } catch (error) {
        if (error instanceof DeadlinePassed) return 'late';
        this.#isComplete = false;
        warn(`a filter was skipped: ${error instanceof Error ? error.message : error}`);
      }
      if (!this.#connection.isOpen) return [];
    }
    return this.#distinct(list);
  }

  async #collect(filter: Filter, deadlineMs: number): Promise<readonly StoredEvent[]> {
    const { sequence } = this.#subscription;
    const found = await collect(filter, sequence, deadlineMs, this.#connection, this.#substrate);
    this.#heldBytes += jsonBytes(found.events);
    this.#noteLimit(filter, found.events);
    const visible = this.#visible(found);
    const { store, clock } = this.#substrate;
    // A save that came meanwhile may have removed what was found.
    if (this.#filters.length === 1 && store.sequence === sequence && this.#connection.isOpen) {
      const kept = this.#deviates('D26') ? visible : found;
      this.#cache.put(filter, kept, sequence, clock.monotonicMs());
    }
    return this.#taken(visible);
  }

  #fromCache(): readonly StoredEvent[] | undefined {
    const [filter] = this.#filters;
    if (filter === undefined || this.#filters.length > 1) return undefined;
    const nowMs = this.#substrate.clock.monotonicMs();
    const hit = this.#cache.get(filter, this.#subscription.sequence, nowMs);
    if (hit === undefined) return undefined;
    this.#noteLimit(filter, hit.events);
    // The cache may let go of it before it has been sent.
    const bytes = jsonBytes(hit.events);
    this.#substrate.held.add('answers', bytes);
    this.#heldBytes += bytes;
    return this.#taken(this.#deviates('D26') ? hit : this.#visible(hit));
  }

  #noteLimit(filter: Filter, found: readonly StoredEvent[]): void {
    this.#hasReachedLimit ||= found.length >= effectiveLimit(filter, this.#substrate);
  }

  /** What is withheld is left out, and then the answer isn't complete. */
  #visible({ events, isComplete }: Collected): Collected {
    const visible = events.filter((event) => this.#subscription.view.showsStored(event));
    return { events: visible, isComplete: isComplete && visible.length === events.length };
  }

  #taken({ events, isComplete }: Collected): readonly StoredEvent[] {
    this.#isComplete &&= isComplete;
    return events;
  }

  #distinct(events: readonly StoredEvent[]): readonly StoredEvent[] {
    if (this.#filters.length === 1 || !this.#substrate.settings.batched.dedup) return events;
    const ids = new Set<string>();
    return events.filter(({ id }) => ids.size < ids.add(id).size);
  }

  async #sendAll(events: readonly StoredEvent[]): Promise<void> {
    const { outbox } = this.#connection;
    const turn = this.#substrate.turns.begin();
    for (const [index, event] of events.entries()) {
      if (index % SENT_A_LOOK === 0 && turn.isOver) await turn.next();
      if (!outbox.hasRoom) await outbox.room();
      outbox.event(this.#subscription.head, event.json);
    }
  }

  #deviates(id: 'D11' | 'D26'): boolean {
    return this.#substrate.settings.deviations.includes(id);
  }
}

import type { AdmittedFilter } from '../hooks/filters.js';
import { failure } from '../hooks/refusal.js';
import type { RelayEvent } from '../protocol/event.js';
import { eoseMessage, eventMessageHead, noticeMessage } from '../protocol/relay-message.js';
import { jsonBytes } from '../server/held-bytes.js';
import type { Query } from '../store/event-source.js';
import type { StoredEvent } from '../store/event-store.js';
import type { Connection, Substrate } from '../strategy.js';
import type { Listener } from '../subscriptions/live-index.js';
import { Once } from './once.js';
import type { Responses } from './responses.js';
import type { Sources } from './sources.js';

/** Stored events that a source looks at before the clock is read again. */
const EXAMINED_A_PULL = 64;

/**
 * `open`: all is said. `closed` by a CLOSE: live events end, and a source that can't be cancelled finishes what it
 * began (D28). `silenced`: nothing more is said.
 */
type State = 'open' | 'closed' | 'silenced';

/** What the REQs of one connection share. */
export interface RequestContext {
  readonly connection: Connection;
  readonly substrate: Substrate;
  readonly sources: Sources;
  readonly responses: Responses;
  /** Ids of events that hooks are saving and that aren't broadcast yet. */
  readonly beingSaved: ReadonlySet<string>;
}

/** A source that runs, and what keeps its filter's stored and live events apart where its sequence doesn't. */
interface Running {
  readonly query: Query;
  readonly once: Once | undefined;
}

/**
 * One REQ: its sources and a listener for each filter, all at once. So events of different filters interleave (D4), and one
 * that two filters match is sent twice (D3).
 */
export class StreamingRequest {
  readonly #context: RequestContext;
  readonly #ended: () => void;
  readonly #subscription: string;
  readonly #head: Uint8Array;
  readonly #beganMs: number;
  #running: Running[] = [];
  #listeners: Listener[] = [];
  /** D7: those that are registered once all stored events are out. */
  #late: Listener[] = [];
  #draining = 0;
  /** Whether everything that the client's filters match was sent (NIP-67). */
  #isComplete = true;
  #endsStored = true;
  #state: State = 'open';

  /** @param ended called when the request is closed and has nothing more to say. */
  constructor(subscription: string, context: RequestContext, ended: () => void) {
    this.#context = context;
    this.#ended = ended;
    this.#subscription = subscription;
    this.#head = eventMessageHead(subscription);
    this.#beganMs = context.substrate.clock.monotonicMs();
  }

  get isListening(): boolean {
    return this.#state === 'open';
  }

  /**
   * Registers the listeners, starts all sources and drains them at once; EOSE follows the last. The store's sequence divides
   * stored from live events without a gap or an overlap.
   */
  start(filters: readonly AdmittedFilter[]): void {
    const { sequence } = this.#context.substrate.store;
    for (const filter of filters) this.#begin(filter, sequence);
    this.#draining = this.#running.length;
    if (this.#draining === 0) this.#endStored();
    for (const running of this.#running) void this.#drain(running);
  }

  /** D2: as {@link start} for what stood before a refused filter; the CLOSED was the answer, and no EOSE follows. */
  startAfterRefusal(filters: readonly AdmittedFilter[]): void {
    this.#endsStored = false;
    this.start(filters);
  }

  /** The client's CLOSE. */
  close(): void {
    if (this.#state !== 'open') return;
    this.#state = 'closed';
    this.#stop();
    if (this.#draining === 0 || !this.#running.some(({ query }) => this.#mayStillSpeak(query))) this.#ended();
  }

  /** Replaced, refused, or the connection has ended. */
  silence(): void {
    this.#state = 'silenced';
    this.#stop();
  }

  #begin({ stored, live, isAsGiven }: AdmittedFilter, upToSequence: number): void {
    const { sources, substrate, beingSaved } = this.#context;
    const limit = Math.min(
      stored.limit ?? substrate.settings.limits.maxLimit,
      substrate.settings.limits.maxLimit,
    );
    const isDivided = sources.divideBySequence || sources.interleave;
    const once = isDivided || limit === 0 ? undefined : new Once(beingSaved);
    const listener = {
      filter: live,
      afterSequence: upToSequence,
      deliver: (event: RelayEvent) => this.#deliver(event, once),
    };
    if (substrate.settings.deviations.includes('D7')) this.#late.push(listener);
    else this.#listen(listener);
    this.#isComplete &&= isAsGiven && limit > 0;
    if (limit === 0) return;
    const queries = sources.queries(stored, { limit, upToSequence }, (error) => this.#sourceFailed(error));
    for (const query of queries) this.#running.push({ query, once });
  }

  #deliver(event: RelayEvent, once: Once | undefined): void {
    const { connection, responses } = this.#context;
    const json = responses.live(event);
    if (json !== undefined && once?.isFirst(event.id) !== false) {
      connection.outbox.liveEvent(this.#head, json);
    }
  }

  #listen(listener: Listener): void {
    this.#listeners.push(listener);
    this.#context.substrate.live.add(listener);
  }

  #listenLate(): void {
    const afterSequence = this.#context.substrate.store.sequence;
    for (const listener of this.#late.splice(0)) this.#listen({ ...listener, afterSequence });
  }

  #stop(): void {
    this.#late = [];
    for (const listener of this.#listeners) this.#context.substrate.live.remove(listener);
    this.#listeners = [];
    for (const { query } of this.#running) query.cancel();
  }

  #mayStillSpeak(query: Query): boolean {
    return this.#state === 'open' || (this.#state === 'closed' && !query.stopsWhenCancelled);
  }

  async #drain(running: Running): Promise<void> {
    try {
      await this.#handOver(running);
    } catch (error) {
      // A failed source counts as finished (strategies.md, "query error").
      if (this.#mayStillSpeak(running.query)) this.#sourceFailed(error);
    }
    this.#drained(running);
  }

  async #handOver(running: Running): Promise<void> {
    const { query } = running;
    const { outbox } = this.#context.connection;
    if (query.ready !== undefined) await query.ready;
    const { turns, held } = this.#context.substrate;
    const turn = turns.begin();
    const batch: StoredEvent[] = [];
    let more = true;
    while (more && this.#mayStillSpeak(query)) {
      if (turn.isOver) await turn.next();
      more = query.pull(batch, EXAMINED_A_PULL);
      const bytes = jsonBytes(batch);
      held.add('answers', bytes);
      try {
        while (!this.#send(running, batch)) await outbox.room();
      } finally {
        held.add('answers', -bytes);
      }
      if (more && query.ready !== undefined) await query.ready;
    }
  }

  /** Sends from the front of `batch` while there is room. @returns true when nothing of it is left to send. */
  #send({ query, once }: Running, batch: StoredEvent[]): boolean {
    if (!this.#mayStillSpeak(query)) return true;
    const { connection, responses } = this.#context;
    let sent = 0;
    for (const event of batch) {
      if (!connection.outbox.hasRoom) break;
      sent += 1;
      if (once?.isFirst(event.id) === false) continue;
      const json = responses.stored(event);
      if (json === undefined) this.#isComplete = false;
      else connection.outbox.event(this.#head, json);
    }
    batch.splice(0, sent);
    return batch.length === 0;
  }

  #sourceFailed(error: unknown): void {
    this.#isComplete = false;
    if (this.#state !== 'silenced') this.#context.connection.outbox.message(noticeMessage(failure(error)));
  }

  #drained({ query, once }: Running): void {
    once?.endStored();
    this.#isComplete &&= query.isComplete;
    this.#draining -= 1;
    if (this.#draining > 0) return;
    if (this.#mayStillSpeak(query)) this.#endStored();
    this.#running = [];
    if (this.#state === 'closed') this.#ended();
  }

  #endStored(): void {
    this.#listenLate();
    if (!this.#endsStored) return;
    const { connection, substrate } = this.#context;
    connection.outbox.message(
      eoseMessage(this.#subscription, this.#isComplete && substrate.settings.completenessHints),
    );
    connection.answered(this.#subscription, substrate.clock.monotonicMs() - this.#beganMs);
  }
}

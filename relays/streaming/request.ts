import type { RelayEvent } from '../protocol/event.js';
import type { Filter } from '../protocol/filter.js';
import { eoseMessage, eventMessageHead, noticeMessage } from '../protocol/relay-message.js';
import { jsonBytes } from '../server/held-bytes.js';
import type { Query } from '../store/event-source.js';
import type { StoredEvent } from '../store/event-store.js';
import type { Connection, Substrate } from '../strategy.js';
import type { Listener } from '../subscriptions/live-index.js';

/** Stored events that a source looks at before the clock is read again. */
const EXAMINED_A_PULL = 64;

/**
 * `open`: all is said. `closed` by a CLOSE: live events end, and a source that can't be cancelled finishes what it
 * began (D28). `silenced`: nothing more is said.
 */
type State = 'open' | 'closed' | 'silenced';

/** One REQ: a query and a listener for each filter, all at once. */
export class StreamingRequest {
  readonly #subscription: string;
  readonly #connection: Connection;
  readonly #substrate: Substrate;
  readonly #ended: () => void;
  readonly #head: Uint8Array;
  readonly #beganMs: number;
  readonly #queries: Query[] = [];
  #listeners: Listener[] = [];
  #draining = 0;
  #state: State = 'open';

  /** @param ended called when the request is closed and has nothing more to say. */
  constructor(subscription: string, connection: Connection, substrate: Substrate, ended: () => void) {
    this.#subscription = subscription;
    this.#connection = connection;
    this.#substrate = substrate;
    this.#ended = ended;
    this.#head = eventMessageHead(subscription);
    this.#beganMs = substrate.clock.monotonicMs();
  }

  get isListening(): boolean {
    return this.#state === 'open';
  }

  /**
   * Goes through the filters in turn: each is checked, its source started, its listener registered. The store's
   * sequence divides stored from live events without a gap or an overlap.
   * @returns the refusal of the first filter that is refused; then everything that was started is cancelled.
   */
  prepare(filters: readonly Filter[]): string | undefined {
    const { access, live, source, store, settings } = this.#substrate;
    const sequence = store.sequence;
    for (const filter of filters) {
      const refusal = access.refusalToRead(this.#connection.session, filter);
      if (refusal !== undefined) {
        this.silence();
        return refusal;
      }
      const limit = Math.min(filter.limit ?? settings.limits.maxLimit, settings.limits.maxLimit);
      if (limit > 0) this.#queries.push(source.query(filter, { limit, upToSequence: sequence }));
      const listener = this.#listener(filter, sequence);
      this.#listeners.push(listener);
      live.add(listener);
    }
    return undefined;
  }

  /** Drains all sources at once; EOSE follows the last. */
  run(): void {
    this.#draining = this.#queries.length;
    if (this.#draining === 0) this.#sendEose();
    for (const query of this.#queries) void this.#drain(query);
  }

  /** The client's CLOSE. */
  close(): void {
    if (this.#state !== 'open') return;
    this.#state = 'closed';
    this.#stopListening();
    for (const query of this.#queries) query.cancel();
    if (this.#draining === 0 || !this.#queries.some((query) => this.#mayStillSpeak(query))) this.#ended();
  }

  /** Replaced, refused, or the connection has ended. */
  silence(): void {
    this.#state = 'silenced';
    this.#stopListening();
    for (const query of this.#queries) query.cancel();
  }

  #listener(filter: Filter, afterSequence: number): Listener {
    const { outbox, session } = this.#connection;
    const { access } = this.#substrate;
    const deliver = (event: RelayEvent): void => {
      if (access.maySee(event, session)) outbox.liveEvent(this.#head, event.json);
    };
    return { filter, afterSequence, deliver };
  }

  #stopListening(): void {
    for (const listener of this.#listeners) this.#substrate.live.remove(listener);
    this.#listeners = [];
  }

  #mayStillSpeak(query: Query): boolean {
    return this.#state === 'open' || (this.#state === 'closed' && !query.stopsWhenCancelled);
  }

  async #drain(query: Query): Promise<void> {
    try {
      await this.#handOver(query);
    } catch (error) {
      // A failed source counts as finished (strategies.md, "query error").
      const reason = error instanceof Error ? error.message : 'the source failed';
      if (this.#mayStillSpeak(query)) this.#connection.outbox.message(noticeMessage(`error: ${reason}`));
      this.#drained(query);
    }
  }

  async #handOver(query: Query): Promise<void> {
    const { outbox } = this.#connection;
    if (query.ready !== undefined) await query.ready;
    const turn = this.#substrate.turns.begin();
    const batch: StoredEvent[] = [];
    const { held } = this.#substrate;
    let more = true;
    while (more && this.#mayStillSpeak(query)) {
      if (turn.isOver) await turn.next();
      more = query.pull(batch, EXAMINED_A_PULL);
      const bytes = jsonBytes(batch);
      held.add('answers', bytes);
      while (!this.#send(query, batch)) await outbox.room();
      held.add('answers', -bytes);
    }
    this.#drained(query);
  }

  /** Sends from the front of `batch` while there is room. @returns true when nothing of it is left to send. */
  #send(query: Query, batch: StoredEvent[]): boolean {
    if (!this.#mayStillSpeak(query)) return true;
    const { outbox, session } = this.#connection;
    const { access } = this.#substrate;
    let sent = 0;
    for (const event of batch) {
      if (!outbox.hasRoom) break;
      if (access.maySee(event, session)) outbox.event(this.#head, event.json);
      sent += 1;
    }
    batch.splice(0, sent);
    return batch.length === 0;
  }

  #drained(query: Query): void {
    this.#draining -= 1;
    if (this.#draining > 0) return;
    if (this.#mayStillSpeak(query)) this.#sendEose();
    if (this.#state === 'closed') this.#ended();
  }

  #sendEose(): void {
    this.#connection.outbox.message(eoseMessage(this.#subscription));
    this.#connection.answered(this.#subscription, this.#substrate.clock.monotonicMs() - this.#beganMs);
  }
}

import type { RelayEvent } from '../protocol/event.js';
import type { Filter } from '../protocol/filter.js';
import { eoseMessage, eventMessageHead } from '../protocol/relay-message.js';
import type { Connection, Substrate } from '../strategy.js';
import type { Listener } from '../subscriptions/live-index.js';

/**
 * The live side of a REQ. It is registered before the query, at the sequence up to which the query looks, and holds what
 * is saved meanwhile until EOSE: nothing is lost in between, and nothing that was sent is sent again.
 */
export class BatchedSubscription {
  readonly id: string;
  /** What stands before each event. */
  readonly head: Uint8Array;
  /** The query's events go up to here; live ones come after. */
  readonly sequence: number;
  readonly #connection: Connection;
  readonly #substrate: Substrate;
  #listeners: readonly Listener[];
  #held: RelayEvent[] | undefined = [];
  #lastDelivered: RelayEvent | undefined;

  constructor(id: string, filters: readonly Filter[], connection: Connection, substrate: Substrate) {
    this.id = id;
    this.head = eventMessageHead(id);
    this.sequence = substrate.store.sequence;
    this.#connection = connection;
    this.#substrate = substrate;
    const deliver = (event: RelayEvent): void => this.#deliver(event);
    this.#listeners = filters.map((filter) => ({ filter, afterSequence: this.sequence, deliver }));
    for (const listener of this.#listeners) substrate.live.add(listener);
  }

  /** All stored events are out: EOSE, then what was held. */
  endOfStored(isComplete: boolean): void {
    const { outbox } = this.#connection;
    outbox.message(eoseMessage(this.id, isComplete));
    for (const event of this.#letGo()) outbox.liveEvent(this.head, event.json);
    this.#held = undefined;
  }

  end(): void {
    for (const listener of this.#listeners) this.#substrate.live.remove(listener);
    this.#listeners = [];
    this.#letGo();
  }

  /** An event that several filters match comes here once for each, one right after the other. */
  #deliver(event: RelayEvent): void {
    if (event === this.#lastDelivered) return;
    this.#lastDelivered = event;
    if (this.#held === undefined) {
      this.#connection.outbox.liveEvent(this.head, event.json);
    } else {
      this.#held.push(event);
      this.#connection.outbox.hold(event.json.length);
    }
  }

  #letGo(): readonly RelayEvent[] {
    const held = this.#held ?? [];
    this.#held = this.#held && [];
    for (const event of held) this.#connection.outbox.hold(-event.json.length);
    return held;
  }
}

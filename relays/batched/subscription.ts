import type { RelayEvent } from '../protocol/event.js';
import { isExpired } from '../protocol/expiration.js';
import type { Filter } from '../protocol/filter.js';
import { eoseMessage, eventMessageHead } from '../protocol/relay-message.js';
import type { Connection, Substrate } from '../strategy.js';
import type { Listener } from '../subscriptions/live-index.js';
import { Receiver } from './receiver.js';
import type { View } from './view.js';

/**
 * The live side of a REQ. It is registered before the query, at the sequence up to which the query looks, and holds what
 * is saved meanwhile until EOSE: nothing is lost in between, and nothing that was sent is sent again.
 */
export class BatchedSubscription {
  readonly id: string;
  /** What it may see. */
  readonly view: View;
  /** What stands before each event. */
  readonly head: Uint8Array;
  /** The query's events go up to here; live ones come after. */
  readonly sequence: number;
  readonly #beganMs: number;
  readonly #connection: Connection;
  readonly #substrate: Substrate;
  readonly #receiver: Receiver;
  #listeners: readonly Listener[] = [];
  #held: RelayEvent[] | undefined = [];
  #lastDelivered: RelayEvent | undefined;
  #isOver = false;

  /** @param stuck called when its client doesn't read live events and has to go without them. */
  constructor(id: string, view: View, connection: Connection, substrate: Substrate, stuck: () => void) {
    this.id = id;
    this.view = view;
    this.head = eventMessageHead(id);
    this.sequence = substrate.store.sequence;
    this.#beganMs = substrate.clock.monotonicMs();
    this.#connection = connection;
    this.#substrate = substrate;
    this.#receiver = new Receiver(connection.outbox, substrate.settings.batched, stuck);
  }

  /** True once it has ended, by whomever. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** From now on, events that one of `filters` matches are delivered; those up to `afterSequence` are not. */
  listen(filters: readonly Filter[], afterSequence: number): void {
    this.#stopListening();
    const deliver = (event: RelayEvent): void => this.#deliver(event);
    const isDeafToTags = this.#substrate.settings.deviations.includes('D32');
    const heard = isDeafToTags ? filters.filter(({ tags }) => tags.length === 0) : filters;
    this.#listeners = heard.map((filter) => ({ filter, afterSequence, deliver }));
    for (const listener of this.#listeners) this.#substrate.live.add(listener);
  }

  /**
   * All stored events are out: EOSE, then what was held.
   * @param isComplete nothing that is stored and matches was left out.
   * @returns ids of the events that were held.
   */
  endOfStored(isComplete: boolean): readonly string[] {
    this.#connection.outbox.message(
      eoseMessage(this.id, isComplete && this.#substrate.settings.completenessHints),
    );
    this.#connection.answered(this.id, this.#substrate.clock.monotonicMs() - this.#beganMs);
    const nowS = this.#substrate.clock.unixS();
    const held = this.#letGo().filter((event) => !isExpired(event, nowS));
    this.#held = undefined;
    for (const event of held) this.#receiver.take(this.head, event.json);
    return held.map(({ id }) => id);
  }

  end(): void {
    this.#isOver = true;
    this.#stopListening();
    this.#receiver.end();
    this.#letGo();
  }

  /** An event that several filters match comes here once for each, one right after the other. */
  #deliver(event: RelayEvent): void {
    if (event === this.#lastDelivered) return;
    this.#lastDelivered = event;
    if (!this.#connection.isOpen) this.end();
    else if (this.view.showsLive(event)) this.#pass(event);
  }

  #pass(event: RelayEvent): void {
    if (this.#held === undefined) {
      this.#receiver.take(this.head, event.json);
    } else {
      this.#held.push(event);
      this.#connection.outbox.hold(event.json.length);
    }
  }

  #stopListening(): void {
    for (const listener of this.#listeners) this.#substrate.live.remove(listener);
    this.#listeners = [];
  }

  #letGo(): readonly RelayEvent[] {
    const held = this.#held ?? [];
    this.#held = this.#held && [];
    for (const event of held) this.#connection.outbox.hold(-event.json.length);
    return held;
  }
}

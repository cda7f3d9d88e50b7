import type { SocketConnection } from './connection.js';
import { TrafficCounters } from './counters.js';
import type { HeldBytes } from './held-bytes.js';

/** The connections that are open, and the sums of all that ever were. */
export class Connections {
  readonly #open = new Set<SocketConnection>();
  readonly #ofEnded = new TrafficCounters();
  readonly #held: HeldBytes;
  #opened = 0;

  constructor(held: HeldBytes) {
    this.#held = held;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Since the start. */
  get opened(): number {
    return this.#opened;
  }

  get subscriptions(): number {
    let sum = 0;
    for (const connection of this.#open) sum += connection.subscriptions;
    return sum;
  }

  add(connection: SocketConnection): void {
    this.#opened += 1;
    this.#open.add(connection);
  }

  /** Takes out a connection that has ended. */
  remove(connection: SocketConnection): void {
    if (this.#open.delete(connection)) addTraffic(this.#ofEnded, connection);
  }

  /** Sums since the start. */
  traffic(): TrafficCounters {
    const sum = new TrafficCounters();
    sum.add(this.#ofEnded);
    for (const connection of this.#open) addTraffic(sum, connection);
    return sum;
  }

  /** The bytes held for clients, with what their sockets have taken up to this moment. */
  held(): HeldBytes {
    for (const connection of this.#open) connection.account();
    return this.#held;
  }

  checkAlive(): void {
    for (const connection of this.#open) connection.checkAlive();
  }

  /** Tells every client, waits until they have read it, and cuts those who haven't after `withinMs`. */
  async shutDown(withinMs: number): Promise<void> {
    const cut = setTimeout(() => {
      for (const connection of this.#open) connection.terminate();
    }, withinMs);
    await Promise.all([...this.#open].map((connection) => connection.shutDown()));
    clearTimeout(cut);
  }
}

/** Most have said nothing. */
function addTraffic(sum: TrafficCounters, { traffic }: SocketConnection): void {
  if (traffic !== undefined) sum.add(traffic);
}

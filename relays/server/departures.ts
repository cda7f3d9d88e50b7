import type { Turns } from '../strategy.js';

/** How long live events may wait for those after them while more work is at hand. */
const WAIT_AT_MOST_MS = 4;

/** Who has live events to send. */
interface Departing {
  /** Hands everything to the socket. */
  depart(): void;
}

/**
 * Live events leave from here, those of all subscribers together. Writing to a socket is most of what a delivery costs, so
 * while others wait for their turn, the publisher of the next event perhaps, a write waits too and takes that event along.
 */
export class Departures {
  readonly #turns: Pick<Turns, 'isAwaited'>;
  readonly #nowMs: () => number;
  #departing: Departing[] = [];
  #leaveByMs = 0;

  /** @param nowMs milliseconds on a clock that never jumps. */
  constructor(turns: Pick<Turns, 'isAwaited'>, nowMs: () => number) {
    this.#turns = turns;
    this.#nowMs = nowMs;
  }

  /** Soon, {@link Departing.depart} is called; whoever is in already isn't put in again. */
  add(departing: Departing): void {
    if (this.#departing.push(departing) > 1) return;
    this.#leaveByMs = this.#nowMs() + WAIT_AT_MOST_MS;
    process.nextTick(this.#leaveOrWait);
  }

  readonly #leaveOrWait = (): void => {
    if (this.#turns.isAwaited && this.#nowMs() < this.#leaveByMs) {
      setImmediate(this.#leaveOrWait);
      return;
    }
    const departing = this.#departing;
    this.#departing = [];
    for (const each of departing) each.depart();
  };
}

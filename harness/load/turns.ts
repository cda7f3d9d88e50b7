import type { WorkerMessage } from './protocol.js';

/** Of rounds of several relays in one worker, one is played at a time: what a round does to have its turn. */
export interface Turns {
  /** Resolves when it is this round's turn. @param turn number of the turn, from 0 */
  take(turn: number): Promise<void>;
  /** The turn is over: somebody else may have theirs. */
  pass(): void;
  /** The round is given up: it waits for no turn from now on. */
  abandon(): void;
}

/** Asks for turns where they are given: at the process that started the worker. */
export class TurnChannel implements Turns {
  #begin: (() => void) | undefined;
  #isAbandoned = false;

  constructor(
    private readonly relay: string,
    private readonly say: (message: WorkerMessage) => void,
  ) {}

  take(turn: number): Promise<void> {
    if (this.#isAbandoned) return Promise.resolve();
    return new Promise((begin) => {
      this.#begin = begin;
      this.say({ type: 'turn', relay: this.relay, turn });
    });
  }

  pass(): void {
    if (!this.#isAbandoned) this.say({ type: 'pass', relay: this.relay });
  }

  /** The turn has come. */
  begin(): void {
    this.#begin?.();
    this.#begin = undefined;
  }

  abandon(): void {
    this.#isAbandoned = true;
    this.begin();
  }
}

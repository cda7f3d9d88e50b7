import type { Turn, Turns } from '../strategy.js';

/** Work that goes on at once is cut into slices of this length, in milliseconds. */
export const QUANTUM_MS = 0.5;

/** Most waiting workers that are looked at in one pass of the event loop. */
const WAKE_UPS_A_PASS = 32;

/**
 * Turns on the event loop. Each pass of the loop has one quantum for messages that have just arrived and one for starting
 * waiting workers, first come first served; a short query thus needn't stand behind long ones, and a flood of
 * messages doesn't keep the waiting ones from going on.
 */
export class LoopTurns implements Turns {
  readonly #arriving = new PassBudget();
  readonly #resuming = new PassBudget();
  readonly #waiting: (() => void)[] = [];
  #wakeUps = 0;

  get isAwaited(): boolean {
    return this.#waiting.length > 0;
  }

  begin(): Turn {
    return new LoopTurn(this, this.#arriving.end());
  }

  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#scheduleWakeUps();
    });
  }

  #scheduleWakeUps(): void {
    while (this.#wakeUps < Math.min(this.#waiting.length, WAKE_UPS_A_PASS)) {
      this.#wakeUps += 1;
      setImmediate(this.#wakeUp);
    }
  }

  readonly #wakeUp = (): void => {
    this.#wakeUps -= 1;
    if (performance.now() < this.#resuming.end()) this.#waiting.shift()?.();
    // What is scheduled from inside an immediate runs in the next pass, after sockets were served.
    this.#scheduleWakeUps();
  };
}

class LoopTurn implements Turn {
  readonly #turns: LoopTurns;
  #endMs: number;

  constructor(turns: LoopTurns, endMs: number) {
    this.#turns = turns;
    this.#endMs = endMs;
  }

  get isOver(): boolean {
    return performance.now() >= this.#endMs;
  }

  async next(): Promise<void> {
    await this.#turns.wait();
    this.#endMs = performance.now() + QUANTUM_MS;
  }
}

/** One quantum for each pass of the event loop, begun by whoever asks first. */
class PassBudget {
  #endMs: number | undefined;

  end(): number {
    if (this.#endMs === undefined) {
      this.#endMs = performance.now() + QUANTUM_MS;
      setImmediate(this.#renew);
    }
    return this.#endMs;
  }

  readonly #renew = (): void => {
    this.#endMs = undefined;
  };
}

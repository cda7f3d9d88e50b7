import { isPending, type MaybePromise } from '../hooks/maybe-promise.js';

/** Messages of one connection that hooks or sources may hold up at the same time; then the next one waits. */
const MOST_AT_ONCE = 100;

/** Messages that are worked on at once, in bounded number. */
export class Tasks {
  readonly #warn: (message: string) => void;
  #running = 0;
  #waiting: (() => void) | undefined;

  /** @param warn told what a task threw. */
  constructor(warn: (message: string) => void) {
    this.#warn = warn;
  }

  /** Counts `work` as running until it is done. @returns what the next message must wait for, if anything. */
  add(work: MaybePromise<void>): Promise<void> | undefined {
    if (!isPending(work)) return undefined;
    this.#running += 1;
    void this.#await(work);
    if (this.#running < MOST_AT_ONCE) return undefined;
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** Lets go of what waits. */
  letGo(): void {
    this.#waiting?.();
    this.#waiting = undefined;
  }

  async #await(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#warn(
        `a message could not be served: ${error instanceof Error ? (error.stack ?? error.message) : error}`,
      );
    }
    this.#running -= 1;
    this.letGo();
  }
}

import { isPending, type MaybePromise } from '../hooks/maybe-promise.js';

/** Messages of one connection that hooks or sources may hold up at the same time; then the next one waits. */
const MOST_AT_ONCE = 100;

/** Messages that are worked on at once, in bounded number. */
export class Tasks {
  readonly #failed: (error: unknown) => void;
  #running = 0;
  #waiting: (() => void)[] = [];

  /** @param failed told what a task threw. */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  /** Counts `work` as running until it is done. @returns what the next message must wait for, if anything. */
  add(work: MaybePromise<void>): Promise<void> | undefined {
    if (!isPending(work)) return undefined;
    this.#running += 1;
    void work.catch(this.#failed).then(() => {
      this.#running -= 1;
      this.letGo();
    });
    if (this.#running < MOST_AT_ONCE) return undefined;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Lets go of what waits. */
  letGo(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

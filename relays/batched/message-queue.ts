/** Messages of a connection that may wait in a relay with D27; those that come beyond them get lost. */
const MOST_WAITING = 100;

/**
 * Serves one message at a time, as the inbox does, but reads on while one is served, and drops what comes when too much
 * waits (strategies.md D27).
 */
export class DroppingQueue {
  readonly #serve: (text: string) => Promise<void> | undefined;
  readonly #failed: (error: unknown) => void;
  #waiting: string[] = [];
  #isServing = false;

  constructor(serve: (text: string) => Promise<void> | undefined, failed: (error: unknown) => void) {
    this.#serve = serve;
    this.#failed = failed;
  }

  push(text: string): void {
    if (this.#waiting.length >= MOST_WAITING) return;
    this.#waiting.push(text);
    if (!this.#isServing) void this.#run();
  }

  end(): void {
    this.#waiting = [];
  }

  async #run(): Promise<void> {
    this.#isServing = true;
    for (let text = this.#waiting.shift(); text !== undefined; text = this.#waiting.shift()) {
      try {
        await this.#serve(text);
      } catch (error) {
        this.#failed(error);
      }
    }
    this.#isServing = false;
  }
}

/** Messages of a connection that may wait here. */
const MOST_WAITING = 100;

export interface QueueOptions<Message> {
  /** Called in the order of arrival, long before the message is served. */
  read(text: string): Message;
  /** Called for one message at a time. */
  serve(message: Message): Promise<void> | undefined;
  /** Told what `serve` threw. */
  failed(error: unknown): void;
  /** What comes when too much waits is lost (strategies.md D27); else its client is no longer read from. */
  readonly drops: boolean;
}

/** Serves one message at a time, as the inbox does, but reads on meanwhile, so that what reading begins is done by then. */
export class MessageQueue<Message> {
  readonly #options: QueueOptions<Message>;
  #waiting: Message[] = [];
  #isServing = false;
  #room: (() => void) | undefined;

  constructor(options: QueueOptions<Message>) {
    this.#options = options;
  }

  /** True while messages wait to be served. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** @returns what the next message must wait for, if anything. */
  push(text: string): Promise<void> | undefined {
    const { read, drops } = this.#options;
    if (drops && this.#waiting.length >= MOST_WAITING) return undefined;
    this.#waiting.push(read(text));
    if (!this.#isServing) void this.#run();
    if (drops || this.#waiting.length < MOST_WAITING) return undefined;
    return new Promise((resolve) => {
      this.#room = resolve;
    });
  }

  /** Lets go of everything. */
  end(): void {
    this.#waiting = [];
    this.#letIn();
  }

  async #run(): Promise<void> {
    this.#isServing = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (this.#waiting.length < MOST_WAITING / 2) this.#letIn();
      try {
        const served = this.#options.serve(next);
        if (served !== undefined) await served;
      } catch (error) {
        this.#options.failed(error);
      }
    }
    this.#isServing = false;
  }

  #letIn(): void {
    this.#room?.();
    this.#room = undefined;
  }
}

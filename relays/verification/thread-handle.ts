import { Worker } from 'node:worker_threads';
import type { NostrEvent } from '../protocol/event.js';
import { SIGNED_BYTES, writeSigned } from './signed-bytes.js';

/** One that is being verified, and one that waits in the thread's port: it never rests while there is work. */
const MOST_BATCHES = 2;

/** What has a signature to verify. */
export interface Signed {
  readonly event: NostrEvent;
}

export interface ThreadOwner<Item extends Signed> {
  /** The thread takes batches from now on. */
  ready(): void;
  verified(items: readonly Item[], verdicts: Uint8Array): void;
  /** The thread is gone, for a fault of its own; `items` were given to it and are not verified. */
  failed(items: readonly Item[], reason: string): void;
}

/** A verification thread, as the relay's own thread sees it. It starts at once, and doesn't keep the process alive. */
export class ThreadHandle<Item extends Signed> {
  readonly #worker: Worker;
  readonly #owner: ThreadOwner<Item>;
  #batches: (readonly Item[])[] = [];
  #isReady = false;
  #isClosing = false;
  #reason = 'it ended by itself';

  /** @param file the compiled `thread.ts`. */
  constructor(file: string, owner: ThreadOwner<Item>) {
    this.#owner = owner;
    this.#worker = new Worker(file, { execArgv: [] });
    this.#worker.on('message', (verdicts: Uint8Array) => this.#answered(verdicts));
    this.#worker.on('error', (error) => {
      this.#reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    });
    this.#worker.once('exit', () => {
      if (!this.#isClosing) owner.failed(this.#batches.flat(), this.#reason);
    });
    this.#worker.unref();
  }

  /** Batches that it has yet to answer. */
  get batches(): number {
    return this.#batches.length;
  }

  get hasRoom(): boolean {
    return this.#isReady && this.#batches.length < MOST_BATCHES;
  }

  verify(items: readonly Item[]): void {
    this.#batches.push(items);
    const bytes = Buffer.from(new ArrayBuffer(items.length * SIGNED_BYTES));
    for (const [index, { event }] of items.entries()) writeSigned(bytes, index, event);
    this.#worker.postMessage(bytes, [bytes.buffer]);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#worker.terminate();
  }

  /** An answer without verdicts comes first: the thread has loaded what it needs. */
  #answered(verdicts: Uint8Array): void {
    if (!this.#isReady) {
      this.#isReady = true;
      this.#owner.ready();
      return;
    }
    this.#owner.verified(this.#batches.shift() ?? [], verdicts);
  }
}

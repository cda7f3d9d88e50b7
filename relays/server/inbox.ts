import type { Turns } from '../strategy.js';

/** With this many bytes waiting, nothing more is read from the client. */
const PAUSE_BYTES = 256 * 1024;

/** A message as it came. */
export interface Incoming {
  readonly bytes: Buffer;
  readonly isBinary: boolean;
}

export interface InboxOwner {
  /** False once the connection has ended or is about to. */
  readonly isOpen: boolean;
  /** Resolves when answers can be sent again; undefined: at once. */
  roomForAnswers(): Promise<void> | undefined;
  /** As `Conversation.receive`. */
  receive(message: Incoming): Promise<void> | undefined;
  /** A message could not be served for a fault of the relay's own. */
  failed(error: unknown): void;
  pause(): void;
  resume(): void;
}

/**
 * Messages of one client that wait for their turn, in order. A client that asks faster than it is answered, or doesn't
 * read what it is answered, is no longer read from.
 */
export class Inbox {
  readonly #owner: InboxOwner;
  readonly #turns: Turns;
  #messages: Incoming[] = [];
  #bytes = 0;
  #isRunning = false;
  #isPaused = false;

  constructor(owner: InboxOwner, turns: Turns) {
    this.#owner = owner;
    this.#turns = turns;
  }

  /** True while messages wait that the strategy wasn't given yet. */
  get isWaiting(): boolean {
    return this.#messages.length > 0;
  }

  /** Takes a message and, when nothing waits before it, has it served at once. */
  push(message: Incoming): void {
    this.#messages.push(message);
    this.#bytes += message.bytes.length;
    if (!this.#isRunning) void this.#run();
    if (this.#bytes >= PAUSE_BYTES && !this.#isPaused) {
      this.#isPaused = true;
      this.#owner.pause();
    }
  }

  /** Lets go of everything. */
  end(): void {
    this.#messages = [];
    this.#bytes = 0;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      const turn = this.#turns.begin();
      while (this.#messages.length > 0) {
        if (turn.isOver) await turn.next();
        const room = this.#owner.roomForAnswers();
        if (room !== undefined) await room;
        if (!this.#owner.isOpen) break;
        const served = this.#serveNext();
        if (served !== undefined) await served;
      }
    } catch (error) {
      this.#owner.failed(error);
    } finally {
      // In the same breath as the last look at the queue: a message that comes next starts a run of its own.
      this.#isRunning = false;
    }
  }

  #serveNext(): Promise<void> | undefined {
    const message = this.#messages.shift();
    if (message === undefined) return undefined;
    this.#bytes -= message.bytes.length;
    if (this.#isPaused && this.#bytes < PAUSE_BYTES / 2) {
      this.#isPaused = false;
      this.#owner.resume();
    }
    return this.#owner.receive(message);
  }
}

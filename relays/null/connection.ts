import type { Socket } from 'node:net';
import type { CannedBook } from './canned-answers.js';
import { FrameError, FrameReader, type IncomingMessage } from './frame-reader.js';
import { frame, Opcode } from './frames.js';
import { slice } from './slices.js';
import type { Subscription, Subscriptions } from './subscriptions.js';

/** Past this much unread output, no more of the client's messages are worked on until it has read. */
const PAUSE_ABOVE_BYTES = 1024 * 1024;

/** A subscriber that is owed more than this and still doesn't read is cut off. */
const CUT_OFF_ABOVE_BYTES = 32 * 1024 * 1024;

/** One client: its messages in, prepared frames out. */
export class Connection {
  readonly #reader = new FrameReader();
  /** Events to forward once the answers of this turn are on their way. */
  #published: { readonly id: string; readonly event: Buffer }[] = [];

  constructor(
    private readonly socket: Socket,
    private readonly book: CannedBook,
    private readonly subscriptions: Subscriptions,
  ) {
    socket.on('drain', () => this.#resume());
    socket.once('close', () => subscriptions.dropAll(this));
  }

  receive(chunk: Buffer): void {
    this.#reader.push(chunk);
    this.#work();
  }

  /** Sends a frame of a live event. */
  deliver(bytes: Buffer): void {
    if (this.socket.writableLength > CUT_OFF_ABOVE_BYTES) this.socket.destroy();
    else this.socket.write(bytes);
  }

  #work(): void {
    this.socket.cork();
    try {
      this.#answerAll();
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      const status = Buffer.alloc(2);
      status.writeUInt16BE(error.status);
      this.socket.end(frame(Opcode.close, status));
    } finally {
      this.socket.uncork();
    }
    const published = this.#published;
    if (published.length === 0) return;
    this.#published = [];
    for (const { id, event } of published) this.subscriptions.forward(id, event);
  }

  #answerAll(): void {
    while (!this.socket.writableEnded) {
      if (this.socket.writableLength > PAUSE_ABOVE_BYTES) {
        this.socket.pause();
        return;
      }
      const message = this.#reader.next();
      if (!message) return;
      this.#answer(message);
    }
  }

  #resume(): void {
    this.#work();
    if (this.socket.writableLength <= PAUSE_ABOVE_BYTES) this.socket.resume();
  }

  #answer({ opcode, payload }: IncomingMessage): void {
    if (opcode === Opcode.text) this.#answerText(payload);
    else if (opcode === Opcode.ping) this.socket.write(frame(Opcode.pong, payload));
    else if (opcode === Opcode.close) this.socket.end(frame(Opcode.close, payload));
  }

  #answerText(message: Buffer): void {
    const slices = slice(message);
    switch (slices?.label) {
      case 'REQ': {
        const subscription: Subscription = {
          id: slices.subscription,
          answer: this.book.answerTo(slices.filters),
        };
        this.subscriptions.open(this, subscription);
        this.socket.write(this.book.frames(subscription.answer, subscription.id));
        return;
      }
      case 'COUNT':
        this.socket.write(countFrame(slices.subscription, this.book.countOf(slices.filters)));
        return;
      case 'EVENT':
        this.socket.write(okFrame(slices.id));
        this.#published.push(slices);
        return;
      case 'AUTH':
        this.socket.write(okFrame(slices.id));
        return;
      case 'CLOSE':
        this.subscriptions.close(this, slices.subscription);
    }
  }
}

function countFrame(query: string, count: number): Buffer {
  return frame(Opcode.text, `["COUNT","${query}",{"count":${count}}]`);
}

function okFrame(id: string): Buffer {
  return frame(Opcode.text, `["OK","${id}",true,""]`);
}

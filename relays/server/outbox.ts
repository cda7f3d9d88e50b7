import type { Outbox } from '../strategy.js';
import type { TrafficCounters } from './counters.js';
import type { Departures } from './departures.js';
import type { HeldBytes } from './held-bytes.js';
import { frameLength, joinFrames, type TextFrame } from './wire.js';

/** Joined frames leave when they reach this many bytes, or when the work at hand rests, whichever is first. */
const WRITE_BYTES = 64 * 1024;

/** How long an OK may wait for the OKs after it: a write a message is a fifth of what an EVENT costs. */
const ACKNOWLEDGE_WITHIN_MS = 16;

/** With this many bytes unread, {@link Outbox.hasRoom} is false: whoever answers a REQ waits. */
export const ROOM_BYTES = 256 * 1024;

/** With this many bytes unread, a live event ends the connection. */
export const LIVE_CAP_BYTES = 8 * 1024 * 1024;

/** What the outbox needs of a socket; `net.Socket` has it. */
export interface OutboxSocket {
  readonly writableLength: number;
  readonly writable: boolean;
  write(bytes: Uint8Array): boolean;
  once(event: 'drain', listener: () => void): unknown;
}

export interface OutboxOwner {
  /** False while frames may not be written: the closing handshake has begun, or the connection ended. */
  readonly isOpen: boolean;
  /** True while messages of this client wait to be served. */
  readonly hasMoreToServe: boolean;
  /** Called when a client has left more than {@link LIVE_CAP_BYTES} unread. */
  overflowed(): void;
  /** Where this connection's messages are counted. */
  readonly counters: TrafficCounters;
  /** Where what waits here is counted, with that of all other connections. */
  readonly held: HeldBytes;
  /** By which live events leave. */
  readonly departures: Departures;
}

/** An {@link Outbox} that writes frames to the socket beneath `ws`, always whole ones. */
export class SocketOutbox implements Outbox {
  readonly #socket: OutboxSocket;
  readonly #owner: OutboxOwner;
  #frames: TextFrame[] = [];
  #framesBytes = 0;
  #heldBytes = 0;
  #accountedBytes = 0;
  #hasEnded = false;
  #isFlushScheduled = false;
  #isDeparting = false;
  #isAwaitingDrain = false;
  #acknowledging: NodeJS.Timeout | undefined;
  #waiting: (() => void)[] = [];

  constructor(socket: OutboxSocket, owner: OutboxOwner) {
    this.#socket = socket;
    this.#owner = owner;
  }

  get hasRoom(): boolean {
    return this.#unreadBytes < ROOM_BYTES || !this.#owner.isOpen;
  }

  room(): Promise<void> {
    if (this.hasRoom) return Promise.resolve();
    this.#flush();
    this.#awaitDrain();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  message(text: string): void {
    this.#owner.counters.countMessage(text);
    this.#push(text);
  }

  acknowledge(text: string, expectsMore: boolean): void {
    this.#owner.counters.countMessage(text);
    if (!expectsMore && !this.#owner.hasMoreToServe) this.#push(text);
    else if (this.#add(text)) this.#acknowledging ??= setTimeout(() => this.#flush(), ACKNOWLEDGE_WITHIN_MS);
  }

  event(head: Uint8Array, json: Uint8Array): void {
    this.#owner.counters.eventsSent += 1;
    this.#push({ head, event: json });
  }

  liveEvent(head: Uint8Array, json: Uint8Array): void {
    if (this.#isOverCap()) return;
    this.#owner.counters.liveDeliveries += 1;
    if (!this.#add({ head, event: json }) || this.#isFlushScheduled || this.#isDeparting) return;
    this.#isDeparting = true;
    this.#owner.departures.add(this);
  }

  hold(bytes: number): void {
    this.#heldBytes += bytes;
    this.account();
    if (bytes > 0) this.#isOverCap();
  }

  /** Ends the connection if its client has left too much unread; for what `ws` answers by itself. */
  enforceCap(): void {
    this.#isOverCap();
  }

  /** Hands everything to the socket, so that what is written to that after it comes after it. */
  flush(): void {
    this.#flush();
  }

  /** Called by {@link Departures}. */
  depart(): void {
    this.#isDeparting = false;
    this.#flush();
  }

  /** Brings the count of held bytes up to what the socket has taken by now. */
  account(): void {
    const bytes = this.#hasEnded ? 0 : this.#unreadBytes + this.#heldBytes;
    if (bytes === this.#accountedBytes) return;
    this.#owner.held.add('outboxes', bytes - this.#accountedBytes);
    this.#accountedBytes = bytes;
  }

  /** Lets go of everything, and of everyone who waits for room. */
  end(): void {
    this.#hasEnded = true;
    clearTimeout(this.#acknowledging);
    this.#frames = [];
    this.#framesBytes = 0;
    this.account();
    this.#wake();
  }

  get #unreadBytes(): number {
    return this.#framesBytes + this.#socket.writableLength;
  }

  #isOverCap(): boolean {
    if (this.#unreadBytes + this.#heldBytes < LIVE_CAP_BYTES) return false;
    if (this.#owner.isOpen) this.#owner.overflowed();
    return true;
  }

  #push(frame: TextFrame): void {
    if (this.#add(frame) && !this.#isFlushScheduled) this.#scheduleFlush();
  }

  /** @returns whether it is now among the frames that have yet to be written. */
  #add(frame: TextFrame): boolean {
    if (!this.#owner.isOpen) return false;
    this.#frames.push(frame);
    this.#framesBytes += frameLength(frame);
    if (this.#framesBytes < WRITE_BYTES) return true;
    this.#flush();
    return false;
  }

  /** What an answer's own promises still bring, its EOSE for one, leaves in the same write: ticks run when they rest. */
  #scheduleFlush(): void {
    this.#isFlushScheduled = true;
    queueMicrotask(() =>
      process.nextTick(() => {
        this.#isFlushScheduled = false;
        this.#flush();
      }),
    );
  }

  #flush(): void {
    if (this.#acknowledging !== undefined) {
      clearTimeout(this.#acknowledging);
      this.#acknowledging = undefined;
    }
    if (this.#frames.length === 0) return;
    this.account();
    const frames = this.#frames;
    const bytes = this.#framesBytes;
    this.#frames = [];
    this.#framesBytes = 0;
    if (this.#owner.isOpen && this.#socket.writable && !this.#socket.write(joinFrames(frames, bytes)))
      this.#awaitDrain();
    this.account();
  }

  #awaitDrain(): void {
    if (this.#isAwaitingDrain) return;
    this.#isAwaitingDrain = true;
    this.#socket.once('drain', () => {
      this.#isAwaitingDrain = false;
      this.account();
      this.#wake();
    });
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

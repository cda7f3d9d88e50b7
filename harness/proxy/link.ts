import type { Socket } from 'node:net';
import type { RandomStream } from '../scenario/random.js';
import type { NetworkConditions } from './network.js';

/** Bytes that may be on their way without a bandwidth: 4 MiB at 40 ms are 100 MB/s. */
const UNSHAPED_WINDOW = 4 * 1024 * 1024;
const LEAST_WINDOW = 64 * 1024;
/** A stream with a bandwidth flows in pieces of so many milliseconds, so that it trickles and doesn't gush. */
const PIECE_MS = 10;

export interface LinkOptions {
  readonly network: NetworkConditions;
  readonly random: RandomStream;
  /** Monotonic. */
  readonly clockMs: () => number;
  /** Told of each chunk; gives how many of its bytes may go on. Fewer than all: the link carries nothing after them. */
  readonly admit: (bytes: number) => number;
  /** The link has delivered all that it will ever carry after a refusal of `admit`. */
  readonly onRefused: () => void;
}

/**
 * One direction of a connection. What comes in goes out after the network's delay, in order. At most a window of
 * bytes is on its way: after that the sender isn't read any more, so that it feels the backpressure.
 */
export class Link {
  readonly #queue: { readonly bytes: Buffer; readonly dueMs: number }[] = [];
  readonly #window: number;
  #queuedBytes = 0;
  /** When the last byte that was taken in has left the bottleneck. */
  #bottleneckFreeMs = 0;
  #lastDueMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #isDestinationFull = false;
  #isSourcePaused = false;
  #hasEnded = false;
  #isRefused = false;

  constructor(
    private readonly from: Socket,
    private readonly to: Socket,
    private readonly options: LinkOptions,
  ) {
    this.#window = windowOf(options.network);
    from.on('data', (bytes) => this.#take(bytes));
    from.once('end', () => {
      this.#hasEnded = true;
      this.#deliver();
    });
    to.on('drain', () => {
      this.#isDestinationFull = false;
      this.#deliver();
    });
  }

  /** Nothing is carried any more, and the sender isn't read. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#isRefused = true;
    this.#queue.length = 0;
    this.from.pause();
  }

  #take(bytes: Buffer): void {
    if (this.#isRefused) return;
    const admitted = this.options.admit(bytes.length);
    for (const piece of this.#pieces(bytes.subarray(0, admitted))) {
      this.#queue.push({ bytes: piece, dueMs: this.#dueMs(piece.length) });
      this.#queuedBytes += piece.length;
    }
    if (admitted < bytes.length) {
      this.#isRefused = true;
      this.from.pause();
    }
    this.#deliver();
  }

  #pieces(bytes: Buffer): Buffer[] {
    const { bytesPerS } = this.options.network;
    const size =
      bytesPerS === undefined ? bytes.length : Math.max(1, Math.floor((bytesPerS * PIECE_MS) / 1_000));
    const pieces: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
    return pieces;
  }

  /** When a piece that comes in now goes out: after its turn at the bottleneck, the delay, and all before it. */
  #dueMs(length: number): number {
    const { network, random, clockMs } = this.options;
    const sendingMs = network.bytesPerS === undefined ? 0 : (length / network.bytesPerS) * 1_000;
    this.#bottleneckFreeMs = Math.max(this.#bottleneckFreeMs, clockMs()) + sendingMs;
    const jitterMs = network.jitterMs === 0 ? 0 : network.jitterMs * (2 * random.unit() - 1);
    const delayMs = Math.max(0, network.latencyMs + jitterMs);
    this.#lastDueMs = Math.max(this.#lastDueMs, this.#bottleneckFreeMs + delayMs);
    return this.#lastDueMs;
  }

  #deliver(): void {
    const nowMs = this.options.clockMs();
    for (let first = this.#queue[0]; first && first.dueMs <= nowMs; first = this.#queue[0]) {
      if (this.#isDestinationFull) break;
      this.#queue.shift();
      this.#queuedBytes -= first.bytes.length;
      if (!this.to.destroyed) this.#isDestinationFull = !this.to.write(first.bytes);
    }
    this.#throttleSource();
    this.#finishOrWait(nowMs);
  }

  #finishOrWait(nowMs: number): void {
    clearTimeout(this.#timer);
    const [first] = this.#queue;
    if (first) {
      if (!this.#isDestinationFull) {
        this.#timer = setTimeout(() => this.#deliver(), Math.max(0, first.dueMs - nowMs));
      }
    } else if (this.#isRefused) {
      this.options.onRefused();
    } else if (this.#hasEnded && !this.to.destroyed) {
      this.to.end();
    }
  }

  #throttleSource(): void {
    if (this.#isRefused) return;
    const isFull = this.#queuedBytes >= this.#window;
    if (isFull === this.#isSourcePaused) return;
    this.#isSourcePaused = isFull;
    if (isFull) this.from.pause();
    else this.from.resume();
  }
}

/** Twice what is on its way when the network is busy. */
function windowOf({ latencyMs, jitterMs, bytesPerS }: NetworkConditions): number {
  if (bytesPerS === undefined) return UNSHAPED_WINDOW;
  return Math.max(LEAST_WINDOW, (2 * bytesPerS * (latencyMs + jitterMs + PIECE_MS)) / 1_000);
}

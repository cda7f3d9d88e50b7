import { isLoopback, placeOf } from './door.js';

/** Bounds on sockets that are open and no client's; 0: none. */
export interface WaitingLimits {
  /** In total. */
  readonly maxWaiting: number;
  /** From one address, as {@link placeOf} has it; loopback has none. */
  readonly maxConnectionsPerAddress: number;
}

/** What is needed of a socket; `net.Socket` has it. */
export interface WaitingSocket {
  readonly remoteAddress?: string | undefined;
  once(event: 'close', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
  destroy(): unknown;
}

interface Waiting {
  readonly place: string;
  readonly left: () => void;
}

/**
 * The sockets that have connected and are no WebSocket clients: not yet, or never. When there are too many, the one that has
 * waited longest gives way: who means to become a client does so in milliseconds, and a crowd that sends nothing keeps nobody out.
 */
export class WaitingSockets {
  readonly #limits: WaitingLimits;
  readonly #gaveWay: (address: string) => void;
  /** In the order in which they came. */
  readonly #waiting = new Map<WaitingSocket, Waiting>();
  readonly #byPlace = new Map<string, Set<WaitingSocket>>();

  /** @param gaveWay told the address of each that was closed. */
  constructor(limits: WaitingLimits, gaveWay: (address: string) => void) {
    this.#limits = limits;
    this.#gaveWay = gaveWay;
  }

  get size(): number {
    return this.#waiting.size;
  }

  enter(socket: WaitingSocket): void {
    const address = socket.remoteAddress ?? '';
    const place = placeOf(address);
    const left = (): void => this.leave(socket);
    socket.once('close', left);
    this.#waiting.set(socket, { place, left });
    const same = this.#byPlace.get(place);
    if (same === undefined) this.#byPlace.set(place, new Set([socket]));
    else same.add(socket);
    if (!isLoopback(address)) {
      const ofPlace = this.#byPlace.get(place) ?? new Set();
      if (isExceeded(this.#limits.maxConnectionsPerAddress, ofPlace.size)) this.#letGoOfFirst(ofPlace);
    }
    if (isExceeded(this.#limits.maxWaiting, this.size)) this.#letGoOfFirst(this.#waiting.keys());
  }

  /** It has closed, or is a client now. */
  leave(socket: WaitingSocket): void {
    const waiting = this.#waiting.get(socket);
    if (waiting === undefined) return;
    socket.off('close', waiting.left);
    this.#waiting.delete(socket);
    const same = this.#byPlace.get(waiting.place);
    same?.delete(socket);
    if (same?.size === 0) this.#byPlace.delete(waiting.place);
  }

  #letGoOfFirst([longest]: Iterable<WaitingSocket>): void {
    if (longest === undefined) return;
    const address = longest.remoteAddress ?? '';
    this.leave(longest);
    longest.destroy();
    this.#gaveWay(address);
  }
}

function isExceeded(bound: number, count: number): boolean {
  return bound > 0 && count > bound;
}

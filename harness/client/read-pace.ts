import type { WebSocket } from 'ws';
import type { ReadRate } from '../scenario/pacing.js';

/**
 * Lets a client read no faster than it wants to. It takes what the system hands out at once (up to 64 KiB) and then
 * pauses the socket for as long as those bytes should have taken; TCP then slows the relay down.
 */
export class ReadPace {
  #rate: ReadRate = 'full';
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly socket: Pick<WebSocket, 'pause' | 'resume'>) {}

  set(rate: ReadRate): void {
    this.#rate = rate;
    clearTimeout(this.#timer);
    if (rate === 0) this.socket.pause();
    else this.socket.resume();
  }

  /** So many bytes were read. */
  took(bytes: number): void {
    const rate = this.#rate;
    if (rate === 'full' || rate === 0) return;
    this.socket.pause();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.socket.resume(), (bytes / rate) * 1_000);
  }

  /** The socket is gone. */
  end(): void {
    clearTimeout(this.#timer);
    this.#rate = 'full';
  }
}

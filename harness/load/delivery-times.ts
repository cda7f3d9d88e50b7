import type { DeliveryTimes } from '../client/session-context.js';
import type { PeerNews, Peers } from './peers.js';

/**
 * When publishes were due. Another worker's is told of a moment after it was sent, maybe after what it brought has
 * arrived; that waits here.
 */
export class SharedDeliveryTimes implements DeliveryTimes {
  readonly #dueNs = new Map<number, number>();
  readonly #waiting = new Map<number, ((dueNs: number) => void)[]>();

  constructor(
    private readonly peers: Peers,
    /** False: nobody publishes anything, or nobody else does. */
    private readonly othersPublish: boolean,
  ) {}

  due(publish: number, dueNs: number): void {
    this.#dueNs.set(publish, dueNs);
    this.peers.tellDue(publish, dueNs);
  }

  heard({ dues }: PeerNews): void {
    for (const [publish, dueNs] of dues) {
      this.#dueNs.set(publish, dueNs);
      for (const arrived of this.#waiting.get(publish) ?? []) arrived(dueNs);
      this.#waiting.delete(publish);
    }
  }

  of(publish: number): number | undefined {
    return this.#dueNs.get(publish);
  }

  whenKnown(publish: number, arrived: (dueNs: number) => void): void {
    if (!this.othersPublish) return;
    const waiting = this.#waiting.get(publish);
    if (waiting) waiting.push(arrived);
    else this.#waiting.set(publish, [arrived]);
  }
}

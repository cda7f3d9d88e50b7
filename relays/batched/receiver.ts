import type { BatchedSettings } from '../relay.js';
import type { Outbox } from '../strategy.js';

interface WaitingEvent {
  readonly head: Uint8Array;
  readonly json: Uint8Array;
}

/**
 * Where the publisher puts the live events of one subscription. While the client reads, they pass; else a few wait. A
 * receiver that has to take one more than that, or in which they wait too long, is stuck: nothing is lost in silence.
 */
export class Receiver {
  readonly #outbox: Outbox;
  readonly #settings: Pick<BatchedSettings, 'receiverQueue' | 'receiverStallMs'>;
  readonly #stuck: () => void;
  #waiting: WaitingEvent[] = [];
  #stall: NodeJS.Timeout | undefined;

  /** @param stuck called once; the owner then ends the subscription, and this receiver by {@link end}. */
  constructor(
    outbox: Outbox,
    settings: Pick<BatchedSettings, 'receiverQueue' | 'receiverStallMs'>,
    stuck: () => void,
  ) {
    this.#outbox = outbox;
    this.#settings = settings;
    this.#stuck = stuck;
  }

  take(head: Uint8Array, json: Uint8Array): void {
    const { receiverQueue } = this.#settings;
    if (receiverQueue === 0 || (this.#waiting.length === 0 && this.#outbox.hasRoom)) {
      this.#outbox.liveEvent(head, json);
    } else if (this.#waiting.length >= receiverQueue) {
      this.#stuck();
    } else {
      this.#waiting.push({ head, json });
      this.#outbox.hold(json.length);
      if (this.#waiting.length === 1) void this.#drain();
    }
  }

  /** Lets go of everything. */
  end(): void {
    clearTimeout(this.#stall);
    for (const { json } of this.#waiting) this.#outbox.hold(-json.length);
    this.#waiting = [];
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      this.#stall = setTimeout(this.#stuck, this.#settings.receiverStallMs).unref();
      await this.#outbox.room();
      clearTimeout(this.#stall);
      this.#handOver();
    }
  }

  #handOver(): void {
    while (this.#outbox.hasRoom) {
      const event = this.#waiting.shift();
      if (event === undefined) return;
      this.#outbox.hold(-event.json.length);
      this.#outbox.liveEvent(event.head, event.json);
    }
  }
}

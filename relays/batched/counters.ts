import type { ClientMessage } from '../protocol/client-message.js';
import type { Clock } from '../strategy.js';

/** What one connection has asked for, logged when it ends. */
export class Counters {
  readonly #clock: Clock;
  readonly #connectedMs: number;
  #messages = 0;
  #requests = 0;
  #events = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#connectedMs = clock.monotonicMs();
  }

  received(label: ClientMessage['label']): void {
    this.#messages += 1;
    if (label === 'REQ') this.#requests += 1;
    if (label === 'EVENT') this.#events += 1;
  }

  summary(): Readonly<Record<string, number>> {
    return {
      messages: this.#messages,
      requests: this.#requests,
      events: this.#events,
      durationMs: this.#clock.monotonicMs() - this.#connectedMs,
    };
  }
}

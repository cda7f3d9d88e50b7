import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientConnection, WireListener } from '../client/connection.js';
import { NS_PER_MS, nowNs } from '../clock.js';
import type { Judge, JudgeReport } from '../conformance/index.js';
import type { TraceWriter } from '../trace/index.js';
import { answerOpenQuestions, FRESH_SUBSCRIPTION } from './open-questions.js';

/** How long connections get for their closing handshake at the end of a round. */
const CLOSING_MS = 500;

export interface WireObservers {
  /** Undefined for the floor. */
  readonly judge: Judge | undefined;
  readonly trace: TraceWriter | undefined;
  /** Something came from the relay. */
  readonly onActivity: () => void;
}

/** All connections of a round: what goes over them reaches the judge and the trace until the judge has the last word. */
export class RoundWire {
  readonly #open = new Map<number, ClientConnection>();
  readonly #fresh = new Map<number, () => void>();
  #count = 0;
  #lastGotNs = nowNs();
  #isOver = false;

  constructor(private readonly observers: WireObservers) {}

  /** When anything last came from the relay. */
  get lastGotNs(): number {
    return this.#lastGotNs;
  }

  /** A number for a connection, unique in the round. */
  nextNumber(): number {
    this.#count += 1;
    return this.#count;
  }

  add(connection: ClientConnection): void {
    this.#open.set(connection.connection, connection);
  }

  isOwedLive(connection: number): boolean {
    return this.observers.judge?.isOwedLive(connection, nowNs()) ?? false;
  }

  listener(): WireListener {
    const { judge, trace, onActivity } = this.observers;
    return {
      opened: (connection, atNs) => {
        if (this.#isOver) return;
        judge?.opened(connection, atNs);
        trace?.opened(connection, atNs);
      },
      sent: (connection, message, atNs, text) => {
        if (this.#isOver) return;
        judge?.sent(connection, message, atNs);
        trace?.sent(connection, text, atNs);
      },
      paced: (connection, rate) => {
        if (!this.#isOver && rate !== 'full') judge?.readsSlowly(connection);
      },
      got: (connection, message, atNs, payload, isBinary) => {
        onActivity();
        this.#lastGotNs = atNs;
        if (!this.#isOver) {
          judge?.got(connection, message, atNs);
          if (payload) trace?.got(connection, payload, isBinary, atNs);
          else if (message.label === 'malformed') trace?.broken(connection, message.problem, atNs);
        }
        if (message.label === 'EOSE' && message.subscription === FRESH_SUBSCRIPTION) {
          this.#fresh.get(connection)?.();
        }
      },
      closed: (connection, by, detail, atNs) => {
        this.#open.delete(connection);
        if (this.#isOver) return;
        judge?.closed(connection, by, detail, atNs);
        trace?.closed(connection, by, detail, atNs);
      },
    };
  }

  /** Asks what is still missing, on every connection that owes something. */
  async answerOpenQuestions(deadlineMs: number): Promise<void> {
    const { judge } = this.observers;
    if (!judge) return;
    // Who read slowly on purpose hurries now: what is still missing then is missing.
    for (const connection of this.#open.values()) connection.readAt('full');
    const times = { silenceMs: deadlineMs, answerMs: deadlineMs };
    await answerOpenQuestions(judge, this.#open, this.#fresh, times);
  }

  /** The judge's last word, and the stamp of it; to be had before connections close, for one that has ended owes nothing. */
  conclude(): { readonly report: JudgeReport | undefined; readonly atNs: number } {
    this.#isOver = true;
    const atNs = nowNs();
    return { report: this.observers.judge?.finish(atNs), atNs };
  }

  async disconnectAll(): Promise<void> {
    for (const connection of this.#open.values()) connection.close();
    const untilNs = nowNs() + CLOSING_MS * NS_PER_MS;
    while (this.#open.size > 0 && nowNs() < untilNs) await sleep(2);
    for (const connection of this.#open.values()) connection.terminate();
  }
}

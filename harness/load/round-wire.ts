import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientConnection, WireListener } from '../client/connection.js';
import { NS_PER_MS, nowNs } from '../clock.js';
import type { Judge, JudgeReport } from '../conformance/index.js';
import { FRESH_SUBSCRIPTION, type TraceWriter } from '../trace/index.js';
import { answerOpenQuestions } from './open-questions.js';
import { OrderedJudge } from './ordered-judge.js';
import type { PeerNews, Peers } from './peers.js';
import type { Share } from './share.js';

/** How long connections get for their closing handshake at the end of a round. */
const CLOSING_MS = 500;

export interface WireObservers {
  /** Undefined for the floor. */
  readonly judge: Judge | undefined;
  readonly trace: TraceWriter | undefined;
  readonly peers: Peers;
  readonly share: Share;
  /** Something came from the relay. */
  readonly onActivity: () => void;
}

/** All connections of a round: what goes over them reaches the judge and the trace until the judge has the last word. */
export class RoundWire {
  readonly #open = new Map<number, ClientConnection>();
  readonly #fresh = new Map<number, () => void>();
  readonly #judge: Judge | undefined;
  /** The judge, where it has to wait for what other workers tell. */
  readonly #ordered: OrderedJudge | undefined;
  #count = 0;
  #lastGotNs = nowNs();
  #isOver = false;

  constructor(private readonly observers: WireObservers) {
    const { judge, share } = observers;
    this.#ordered =
      judge && share.of > 1
        ? new OrderedJudge({ ...observers, judge, clock: nowNs, later: setImmediate })
        : undefined;
    this.#judge = this.#ordered ?? judge;
  }

  /** When anything last came from the relay. */
  get lastGotNs(): number {
    return this.#lastGotNs;
  }

  /** A number for a connection, from 1, unique in the round: workers take turns. */
  nextNumber(): number {
    const { index, of } = this.observers.share;
    this.#count += 1;
    return (this.#count - 1) * of + index + 1;
  }

  /** Another worker told something. */
  heard(from: number, news: PeerNews): void {
    this.#ordered?.heard(from, news);
  }

  /** Does something when the judge has seen what happened so far. */
  inOrder(act: () => void): void {
    if (this.#ordered) this.#ordered.inOrder(act);
    else act();
  }

  add(connection: ClientConnection): void {
    this.#open.set(connection.connection, connection);
  }

  isOwed(connection: number): boolean {
    return this.#judge?.isOwed(connection, nowNs()) ?? false;
  }

  listener(): WireListener {
    const { trace, onActivity } = this.observers;
    const judge = this.#judge;
    return {
      opened: (connection, atNs) => {
        if (this.#isOver) return;
        judge?.opened(connection, atNs);
        trace?.opened(connection, atNs);
      },
      sent: (connection, message, atNs, payload, isBinary) => {
        if (this.#isOver) return;
        judge?.sent(connection, message, atNs);
        trace?.sent(connection, payload, isBinary, atNs);
      },
      paced: (connection, rate) => {
        if (!this.#isOver && rate !== 'full') judge?.readsSlowly(connection);
      },
      got: (connection, message, atNs, payload, isBinary) => {
        onActivity();
        this.#lastGotNs = atNs;
        if (!this.#isOver) {
          if (this.#ordered) this.#ordered.got(connection, message, atNs, payload?.length);
          else judge?.got(connection, message, atNs);
          if (payload) trace?.got(connection, payload, isBinary, atNs);
          else if (message.label === 'malformed') trace?.broken(connection, message.problem, atNs);
        }
        const isAnswer = message.label === 'EOSE' || message.label === 'CLOSED';
        if (isAnswer && message.subscription === FRESH_SUBSCRIPTION) this.#fresh.get(connection)?.();
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
  async answerOpenQuestions(deadlineMs: number, isAborted: () => boolean): Promise<void> {
    if (!this.#judge) return;
    await this.#ordered?.caughtUp();
    // Who read slowly on purpose hurries now: what is still missing then is missing.
    for (const connection of this.#open.values()) connection.readAt('full');
    const [judge, connections, fresh] = [this.#judge, this.#open, this.#fresh];
    await answerOpenQuestions({ judge, connections, fresh, deadlineMs, isAborted });
  }

  /**
   * The judge's last word, and the stamp of it; to be had before connections close, for one that has ended owes nothing.
   * @param atOnce the round was given up: nothing is waited for
   */
  async conclude(atOnce: boolean): Promise<{ report: JudgeReport | undefined; atNs: number }> {
    this.#isOver = true;
    const atNs = nowNs();
    this.observers.peers.end();
    if (!atOnce) await this.#ordered?.caughtUp();
    return { report: this.#judge?.finish(atNs), atNs };
  }

  async disconnectAll(): Promise<void> {
    for (const connection of this.#open.values()) connection.close();
    const untilNs = nowNs() + CLOSING_MS * NS_PER_MS;
    while (this.#open.size > 0 && nowNs() < untilNs) await sleep(2);
    for (const connection of this.#open.values()) connection.terminate();
  }
}

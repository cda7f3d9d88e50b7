import type { DistantNotice } from '../conformance/index.js';
import type { PeerListener, PeerNews, Peers } from './peers.js';
import type { WorkerMessage } from './protocol.js';

/** How often the others are told: what waits to be judged meanwhile has to be kept. */
const TELL_EVERY_MS = 20;

/** Two hops between processes take about a millisecond; on a busy machine each may wait for a core. */
const NOTICE_NS = 50e6;

/** Connects a worker with the others of its round, by way of the process that started them. */
export class PeerChannel implements Peers {
  readonly noticeNs = NOTICE_NS;
  readonly #meetings = new Map<string, { readonly atNs: number; readonly go: (atNs: number) => void }>();
  #notices: DistantNotice[] = [];
  #dues: (readonly [number, number])[] = [];
  #listener: PeerListener | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isAbandoned = false;

  constructor(
    private readonly say: (message: WorkerMessage) => void,
    private readonly clock: () => number,
  ) {}

  meet(point: string, atNs: number): Promise<number> {
    if (this.#isAbandoned) return Promise.resolve(atNs);
    return new Promise((go) => {
      this.#meetings.set(point, { atNs, go });
      this.say({ type: 'meet', point, atNs });
    });
  }

  /** Every worker has come to the point. */
  met(point: string, atNs: number): void {
    this.#meetings.get(point)?.go(atNs);
    this.#meetings.delete(point);
  }

  tell(notice: DistantNotice): void {
    this.#notices.push(notice);
  }

  tellDue(publish: number, dueNs: number): void {
    this.#dues.push([publish, dueNs]);
  }

  listen(listener: PeerListener): void {
    this.#listener = listener;
    this.#timer = setInterval(() => this.#flush(this.clock()), TELL_EVERY_MS);
  }

  heard(from: number, news: PeerNews): void {
    this.#listener?.heard(from, news);
  }

  end(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#flush(undefined);
  }

  abandon(): void {
    this.#isAbandoned = true;
    for (const { atNs, go } of this.#meetings.values()) go(atNs);
    this.#meetings.clear();
  }

  #flush(untilNs: number | undefined): void {
    const news: PeerNews = { untilNs, notices: this.#notices, dues: this.#dues };
    this.#notices = [];
    this.#dues = [];
    this.say({ type: 'news', news });
  }
}

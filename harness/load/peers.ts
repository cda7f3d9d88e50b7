import type { DistantNotice } from '../conformance/index.js';

/** What a load worker tells the others of its round, now and then. */
export interface PeerNews {
  /** Everything that happened up to this stamp has been told; undefined: nothing happens any more. */
  readonly untilNs: number | undefined;
  readonly notices: readonly DistantNotice[];
  /** Indices of publishes with the times at which they were due, for the latency of their deliveries. */
  readonly dues: readonly (readonly [publish: number, dueNs: number])[];
}

/** Who hears what the others tell. */
export interface PeerListener {
  /** @param from the worker's index */
  heard(from: number, news: PeerNews): void;
}

/** The workers that play one round together, as one of them sees them. */
export interface Peers {
  /** How long something that was agreed on takes to reach everybody, with a reserve; in ns. */
  readonly noticeNs: number;
  /** Resolves once every worker has come to this point, with the latest of their stamps. */
  meet(point: string, atNs: number): Promise<number>;
  tell(notice: DistantNotice): void;
  tellDue(publish: number, dueNs: number): void;
  /** Begins to pass on what the others tell. */
  listen(listener: PeerListener): void;
  /** Nothing happens here any more. */
  end(): void;
  /** The round is given up: nobody is waited for from now on. */
  abandon(): void;
}

/** Time between the end of one phase without a duration and the start of the next, so that nothing starts late. */
const ALONE_NOTICE_NS = 2e6;

/** Of a worker that plays the whole round itself. */
export const NO_PEERS: Peers = {
  noticeNs: ALONE_NOTICE_NS,
  meet: (_, atNs) => Promise.resolve(atNs),
  tell() {},
  tellDue() {},
  listen() {},
  end() {},
  abandon() {},
};

import type { Bin } from '../histogram.js';
import { countWithin, quantileOf, total } from './distribution.js';

/** Latencies that carry the mark of the delayed-ACK timer. */
export interface DelayedAck {
  /** Of all samples, 0 to 1. */
  readonly share: number;
  /** The median of those that wait, in ms. */
  readonly atMs: number;
}

/**
 * Linux holds an acknowledgement back for 40 ms at least (TCP_DELACK_MIN = HZ / 25, include/net/tcp.h), in hope of data to
 * carry it. A sender with Nagle's algorithm on (RFC 896) holds a small segment back until the one before is acknowledged. The two
 * together stop an answer of two writes for one such timer, which fires on the next tick: up to 10 ms later at
 * HZ = 100. The relay's own time comes on top, and a timer may be seen half a millisecond early.
 */
const WINDOW_MS = { from: 39.5, to: 51 } as const;

/** Fewer samples are a handful of late answers, not a cluster. */
const LEAST_SAMPLES = 20;
/** A twentieth of the answers moves mean and p99, and is far above what a wide tail puts into 11.5 ms. */
const LEAST_SHARE = 0.05;
/** Before the timer nothing can come: with more than this share of them in an equally wide window below, it is a hump. */
const MOST_BELOW = 0.05;
/** After it, late ones can, on a busy machine; with half as many in the window above, it is a slope. */
const MOST_ABOVE = 0.5;
/** Middle half of what a timer on a tick of 4 ms spreads over, and 2 ms for the relay's own time. */
const WIDEST_MIDDLE_HALF_MS = 4;

/**
 * Looks for a narrow cluster 40 ms above what the path takes anyway.
 * @param pathMs what the network is set to take for a round trip; 0 on loopback
 * @param ownDelaysMs service times that the run was told to play; a cluster that they explain is not accused
 */
export function findDelayedAck(
  bins: readonly Bin[],
  pathMs = 0,
  ownDelaysMs: readonly number[] = [],
): DelayedAck | undefined {
  const [from, to] = [WINDOW_MS.from + pathMs, WINDOW_MS.to + pathMs];
  const width = to - from;
  if (ownDelaysMs.some((own) => own >= WINDOW_MS.from - width / 2 && own < WINDOW_MS.to)) return undefined;
  const inside = bins.filter(({ ms }) => ms >= from && ms < to);
  const count = total(inside);
  if (count < LEAST_SAMPLES || count < LEAST_SHARE * total(bins)) return undefined;
  if (countWithin(bins, from - width, from) > MOST_BELOW * count) return undefined;
  if (countWithin(bins, to, to + width) > MOST_ABOVE * count) return undefined;
  if (quantileOf(inside, 0.75) - quantileOf(inside, 0.25) > WIDEST_MIDDLE_HALF_MS) return undefined;
  return { share: count / total(bins), atMs: quantileOf(inside, 0.5) };
}

/**
 * How many paired rounds a rule takes that compares two relays. The rounds' log ratios scatter by a standard deviation that was seen
 * with pairs of fresh processes of one relay and windows of about half a second (docs/method.md, "Calibration"); a machine's own
 * is what `reqbench calibrate` says.
 */
import { binomialBelow } from './binomial.js';
import { signRank } from './sign-interval.js';

/** Standard deviation of the log ratio of two equal relays in a round, by statistic. */
export const TYPICAL_SCATTER = { p50: 0.05, mean: 0.1, p90: 0.15, p99: 0.23 } as const;

/** Beyond so many rounds nobody waits. */
const MOST_PAIRS = 2_000;

/**
 * The least number of rounds with which a relay that equals the other keeps a bound of `factor` (above 1) in 95 % of runs;
 * undefined where that takes more than 2,000.
 * @param looks how many looks share the error rate
 */
export function pairsToPass(factor: number, scatter: number, looks = 1): number | undefined {
  const within = normalBelow(Math.log(factor) / scatter);
  for (let n = 2; n <= MOST_PAIRS; n += n < 50 ? 1 : 5) {
    const rank = signRank(n, looks);
    // The upper end is the rank-th largest ratio: it keeps the bound when fewer than `rank` ratios are above it.
    if (rank > 0 && binomialBelow(n, 1 - within, rank) >= 0.95) return n;
  }
  return undefined;
}

/** Φ(x), by Abramowitz and Stegun 26.2.17; off by 7.5e-8 at most. */
function normalBelow(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const above = (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return x >= 0 ? 1 - above : above;
}

/**
 * How often a rule between two relays is wrong, and what it finds, from rounds that were recorded. A rule `head <= k * base` over N
 * rounds fails when the interval of the rounds' ratios lies wholly above k (harness/gates): when fewer than r of the ratios
 * are k or less, r being the rank of the interval's ends. Of independent rounds, each above k with probability p, the
 * number that is not is binomial, so that
 *
 *     P(fails) = P(B < r),  B ~ Binomial(N, 1 − p)
 *
 * is what resampling the recorded rounds for ever comes to. It grows with p, so that the limits of p by Clopper and Pearson
 * give those of the rate.
 *
 * @see W. J. Conover, Practical Nonparametric Statistics, 3rd ed. (1999), §3.1 and §3.2
 */
import { holdsFor, overInterval } from '../gates/outcome.js';
import { median } from '../measure/statistics.js';
import { binomialBelow, clopperPearson, type Estimated, probabilityFor } from '../stats/binomial.js';
import { signInterval, signRank } from '../stats/sign-interval.js';

/** What is decided: whether a ratio lies above `factor`, by so many rounds. */
export interface RatioRule {
  readonly rounds: number;
  /** k; 1: whether the one is slower at all. */
  readonly factor: number;
  /** How many intervals share the error rate: looks, say. Default 1. */
  readonly shared?: number | undefined;
}

/** P(the whole interval lies above the factor) where a round's ratio does with probability p. */
function chance(p: number, { rounds, shared = 1 }: RatioRule): number {
  return binomialBelow(rounds, 1 - p, signRank(rounds, shared));
}

const countAbove = (ratios: readonly number[], factor: number): number =>
  ratios.filter((ratio) => ratio > factor).length;

function rateOf(p: Estimated, rule: RatioRule): Estimated {
  return { rate: chance(p.rate, rule), lo: chance(p.lo, rule), hi: chance(p.hi, rule) };
}

/** How often the rule fails with rounds such as these. */
export function failingRate(ratios: readonly number[], rule: RatioRule): Estimated {
  return rateOf(clopperPearson(countAbove(ratios, rule.factor), ratios.length), rule);
}

/** What a slowdown came out as: the median of the rounds' ratios with its interval; undefined with too few rounds. */
export function slowdownOf(ratios: readonly number[], shared = 1): Estimated | undefined {
  const rate = median(ratios);
  const interval = signInterval(ratios, shared);
  return rate === null || interval === null ? undefined : { rate, lo: interval.lo, hi: interval.hi };
}

/**
 * How often the rule fails where one side is slower by `slowdown` exactly: with the rounds of a slowed self, scaled from what its
 * slowdown came out as to that size. Both may be off, what it came out as and the share above the factor, so each has
 * half the error rate: the lower limit is that of the largest slowdown that it may have been. Undefined with too few rounds.
 */
export function findingRate(
  ratios: readonly number[],
  slowdown: number,
  rule: RatioRule,
): Estimated | undefined {
  const cameOutAs = slowdownOf(ratios, 2);
  if (!cameOutAs) return undefined;
  const share = (from: number): Estimated =>
    clopperPearson(countAbove(ratios, rule.factor / ((1 + slowdown) / from)), ratios.length, 0.025);
  return rateOf(
    { rate: share(cameOutAs.rate).rate, lo: share(cameOutAs.hi).lo, hi: share(cameOutAs.lo).hi },
    rule,
  );
}

/** What "found" means of a smallest slowdown. */
const WANTED = 0.95;

/**
 * The smallest slowdown that the rule finds in 95 % of runs, 0.08 for 8 %, from rounds of equal sides, taken to scatter around
 * any slowdown as they do around none: the share of rounds that it takes must lie above factor / (1 + slowdown).
 * `atMost` is its upper limit at 97.5 %, Infinity where so few rounds give none. Undefined without an interval of the rule.
 */
export function smallestFound(
  ratios: readonly number[],
  rule: RatioRule,
): { readonly slowdown: number; readonly atMost: number } | undefined {
  const rank = signRank(rule.rounds, rule.shared);
  const sorted = ratios.toSorted((x, y) => x - y);
  if (rank === 0 || sorted.length === 0) return undefined;
  const below = 1 - probabilityFor(rule.rounds, rule.rounds - rank + 1, WANTED);
  const at = (place: number): number => rule.factor / (sorted[place - 1] ?? 0) - 1;
  // P(the true quantile lies below the place-th least) = P(B < place), B ~ Binomial(n, below).
  let sure = 0;
  while (sure < sorted.length && binomialBelow(sorted.length, below, sure + 1) <= 0.025) sure += 1;
  return {
    slowdown: at(Math.max(1, Math.ceil(below * sorted.length))),
    atMost: sure === 0 ? Number.POSITIVE_INFINITY : at(sure),
  };
}

/**
 * Correlation of each round's log ratio with the next one's. Rates hold for independent rounds; beyond ±2 / √n, which
 * independent ones pass in one of twenty cases, they are too favourable (or, below, too strict).
 */
export function serialCorrelation(ratios: readonly number[]): number {
  const logs = ratios.map(Math.log);
  const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
  const off = logs.map((value) => value - mean);
  const square = off.reduce((sum, value) => sum + value * value, 0);
  const next = off.slice(1).reduce((sum, value, index) => sum + value * (off[index] ?? 0), 0);
  return square === 0 ? 0 : next / square;
}

/** Standard deviation of the log ratio. */
export function scatterOf(ratios: readonly number[]): number {
  const logs = ratios.map(Math.log);
  const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
  const square = logs.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(square / Math.max(1, logs.length - 1));
}

/**
 * The recorded rounds cut into consecutive runs of N, each decided as a gate is: the same question without the assumption that rounds
 * are independent, at the price of few runs.
 */
export function playedRuns(ratios: readonly number[], { rounds, factor, shared }: RatioRule) {
  const of = Math.floor(ratios.length / rounds);
  const failed = Array.from({ length: of }, (_, index) =>
    signInterval(ratios.slice(index * rounds, (index + 1) * rounds), shared),
  ).filter(
    (interval) => interval && overInterval(interval, holdsFor('<=', factor), '').result === 'failed',
  ).length;
  return { failed, of };
}

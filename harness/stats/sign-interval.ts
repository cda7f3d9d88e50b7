/**
 * Interval for a median from order statistics, by inverting the sign test. It assumes nothing of the distribution but
 * that the values are independent: each lies below the true median with probability ½ (or at it, which only
 * widens the coverage), so the number below is binomial.
 *
 * @see W. J. Conover, Practical Nonparametric Statistics, 3rd ed. (1999), §3.2
 * @see J.-Y. Le Boudec, Performance Evaluation of Computer and Communication Systems (2010), chapter 2, theorem 2.1
 */

/** Share of cases in which an interval may miss the true value. */
const ERROR_RATE = 0.05;

export interface SignInterval {
  readonly lo: number;
  readonly hi: number;
  /** The ends are the values of this rank from below and from above; 1 is the least and the largest. */
  readonly rank: number;
  /** Least probability that the interval holds the true median. */
  readonly coverage: number;
}

/**
 * The least number of values for an interval when `comparisons` of them share the error rate (Bonferroni): the
 * least and the largest value of n both miss with probability 2^(1−n), so n with 2^(1−n) ≤ 0.05 / k.
 */
export function leastPairs(comparisons = 1): number {
  return 1 + Math.ceil(Math.log2(Math.max(1, comparisons) / ERROR_RATE));
}

/**
 * The narrowest symmetric interval of order statistics [X(r), X(n+1−r)] whose coverage 1 − 2·P(B ≤ r−1), with B ~
 * Binomial(n, ½), is at least 1 − 0.05 / k; null with fewer values than {@link leastPairs}.
 */
export function signInterval(values: readonly number[], comparisons = 1): SignInterval | null {
  const n = values.length;
  const sorted = values.toSorted((x, y) => x - y);
  const { rank, missed } = widestMiss(n, comparisons);
  const lo = sorted[rank - 1];
  const hi = sorted[n - rank];
  return rank === 0 || lo === undefined || hi === undefined
    ? null
    : { lo, hi, rank, coverage: 1 - 2 * missed };
}

/** The rank r of {@link signInterval} for n values; 0 where there is no interval. */
export function signRank(n: number, comparisons = 1): number {
  return widestMiss(n, comparisons).rank;
}

/** The largest rank whose ends miss rarely enough, and P(B ≤ rank − 1), how rarely each does. */
function widestMiss(n: number, comparisons: number): { readonly rank: number; readonly missed: number } {
  const allowed = ERROR_RATE / Math.max(1, comparisons) / 2;
  let rank = 0;
  let missed = 0;
  let tail = 2 ** -n;
  for (let below = 0; below < n / 2 && tail <= allowed; below++) {
    rank = below + 1;
    missed = tail;
    tail += binomialHalf(n, below + 1);
  }
  return { rank, missed };
}

/** P(B = x) for B ~ Binomial(n, ½). */
function binomialHalf(n: number, x: number): number {
  let probability = 2 ** -n;
  for (let i = 1; i <= x; i++) probability *= (n - i + 1) / i;
  return probability;
}

/**
 * Interval for the ratio of two independent samples' locations: Hodges and Lehmann's estimate with Moses' interval, on the
 * log scale. It assumes independent values and that the two samples differ by a factor alone, not in shape; no
 * distribution otherwise.
 *
 * @see J. L. Hodges and E. L. Lehmann, "Estimates of location based on rank tests", Annals of Mathematical Statistics 34
 *   (1963), 598–611
 * @see W. J. Conover, Practical Nonparametric Statistics, 3rd ed. (1999), §5.4
 */
import { median } from '../measure/statistics.js';

/** Share of cases in which an interval may miss the true ratio. */
const ERROR_RATE = 0.05;

export interface RatioInterval {
  /** a / b: the median of the ratios of every value of a with every value of b. */
  readonly ratio: number;
  readonly lo: number;
  readonly hi: number;
}

/**
 * Where a / b lies, at 95 % shared by `comparisons` (Bonferroni); null where there are too few values for an interval, or
 * one that is not above zero.
 */
export function unpairedRatio(
  a: readonly number[],
  b: readonly number[],
  comparisons = 1,
): RatioInterval | null {
  if ([...a, ...b].some((value) => value <= 0)) return null;
  const logs = a.flatMap((x) => b.map((y) => Math.log(x / y))).toSorted((x, y) => x - y);
  const below = pairsBelow(a.length, b.length, ERROR_RATE / Math.max(1, comparisons) / 2);
  const ratio = median(logs);
  const lo = logs[below - 1];
  const hi = logs[logs.length - below];
  if (below === 0 || ratio === null || lo === undefined || hi === undefined) return null;
  return { ratio: Math.exp(ratio), lo: Math.exp(lo), hi: Math.exp(hi) };
}

/** The least number of values on each side, when both have as many, for an interval. */
export function leastUnpaired(comparisons = 1): number {
  let n = 1;
  while (pairsBelow(n, n, ERROR_RATE / Math.max(1, comparisons) / 2) === 0) n += 1;
  return n;
}

/**
 * The largest k with P(U ≤ k − 1) ≤ `tail` for the Mann–Whitney statistic U of n and m values without ties, from its
 * exact distribution; 0 where even P(U = 0) is more.
 */
function pairsBelow(n: number, m: number, tail: number): number {
  const counts = mannWhitneyCounts(n, m);
  const all = counts.reduce((sum, count) => sum + count, 0);
  let k = 0;
  let cumulative = counts[0] ?? 0;
  while (k < n * m && cumulative / all <= tail) {
    k += 1;
    cumulative += counts[k] ?? 0;
  }
  return k;
}

/**
 * In how many of the orders of n and m values U is 0, 1, … n·m: coefficients of the Gaussian binomial
 * ∏ (1 − q^(m+i)) / (1 − q^i), i = 1 … n.
 */
function mannWhitneyCounts(n: number, m: number): readonly number[] {
  const size = n * m + 1;
  const counts = new Array<number>(size).fill(0);
  counts[0] = 1;
  for (let i = 1; i <= n; i += 1) {
    for (let at = size - 1; at >= m + i; at -= 1) counts[at] = (counts[at] ?? 0) - (counts[at - m - i] ?? 0);
    for (let at = i; at < size; at += 1) counts[at] = (counts[at] ?? 0) + (counts[at - i] ?? 0);
  }
  return counts;
}

/** Questions to a distribution that is given by its bins, ascending. */
import type { Bin } from '../histogram.js';

export function total(bins: readonly Bin[]): number {
  return bins.reduce((sum, { count }) => sum + count, 0);
}

/** Samples from `from` to below `to`. */
export function countWithin(bins: readonly Bin[], from: number, to: number): number {
  return total(bins.filter(({ ms }) => ms >= from && ms < to));
}

/** The value that a share `p` of the samples are at or below (nearest rank), in ms. NaN without samples. */
export function quantileOf(bins: readonly Bin[], p: number): number {
  const rank = Math.max(1, Math.ceil(p * total(bins)));
  let seen = 0;
  for (const { ms, count } of bins) {
    seen += count;
    if (seen >= rank) return ms;
  }
  return Number.NaN;
}

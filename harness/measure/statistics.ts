import type { MetricResult } from '../results.js';

/** Samples from which a p90 is printed: ten lie above it. */
export const LEAST_SAMPLES_P90 = 100;
/** Samples from which a p99 is printed: ten lie above it. */
export const LEAST_SAMPLES_P99 = 1_000;

/**
 * The p-quantile by linear interpolation between order statistics (type 7 of Hyndman and Fan, "Sample Quantiles in
 * Statistical Packages", The American Statistician 50, 1996); null without values.
 */
function quantile(values: readonly number[], p: number): number | null {
  const sorted = values.toSorted((x, y) => x - y);
  const position = (sorted.length - 1) * p;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) return null;
  return below + (above - below) * (position - Math.floor(position));
}

/** The middle value, or the mean of the two middle ones; null without values. */
export function median(values: readonly number[]): number | null {
  return quantile(values, 0.5);
}

export function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * The distance between the quartiles: the width of the middle half. Two runs in eight may be disturbed by
 * something else without widening it, and it doesn't grow with the number of values as the full range does.
 */
export function interquartileRange(values: readonly number[]): number | null {
  const lower = quantile(values, 0.25);
  const upper = quantile(values, 0.75);
  return lower === null || upper === null ? null : upper - lower;
}

/** Figures of results.json that say what a metric is in one round. */
export type SampledStatistic = 'mean' | 'p50' | 'p90' | 'p99';

export function isSampledStatistic(name: string): name is SampledStatistic {
  return name === 'mean' || name === 'p50' || name === 'p90' || name === 'p99';
}

/** The figure of each round that has one, by round. */
export function perRoundValues(
  metric: Pick<MetricResult, 'perRound'>,
  statistic: SampledStatistic,
): ReadonlyMap<number, number> {
  const values = new Map<number, number>();
  for (const round of metric.perRound) {
    const value = round[statistic];
    if (value !== null) values.set(round.round, value);
  }
  return values;
}

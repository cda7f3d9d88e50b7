import { median } from '../statistics.js';

/** The first sample of a round, and what most of the round's samples are below. Times in ms. */
export interface RoundStart {
  readonly firstMs: number;
  /** Median of all samples of the round. */
  readonly medianMs: number;
  readonly count: number;
}

export interface FirstSampleOutlier {
  /** How many times the median of its round the first one takes, as the median over the rounds. */
  readonly times: number;
  readonly rounds: number;
  /** Figures of a round that one such sample moves. */
  readonly statistics: readonly ('mean' | 'p90' | 'p99')[];
}

/** Once is bad luck. */
const LEAST_ROUNDS = 3;
/** With fewer samples in a round, a tenth of them is not even one. */
const LEAST_SAMPLES = 10;
/** A first call that loads code, opens files or resolves names takes tens of times; a crowded moment two or three. */
const LEAST_TIMES = 5;
/** Below this it is the scheduler's doing, in ms. */
const LEAST_EXCESS_MS = 2;
/** Share of the rounds in which it shows. */
const LEAST_SHARE = 2 / 3;

/**
 * Looks for a first sample that stands out in round after round: a fresh process that is still warming up, seen through the one that
 * came first.
 */
export function findFirstSampleOutlier(rounds: readonly RoundStart[]): FirstSampleOutlier | undefined {
  const judged = rounds.filter(({ count }) => count >= LEAST_SAMPLES);
  const outlying = judged.filter(
    ({ firstMs, medianMs }) => firstMs >= LEAST_TIMES * medianMs && firstMs - medianMs >= LEAST_EXCESS_MS,
  );
  if (outlying.length < LEAST_ROUNDS || outlying.length < LEAST_SHARE * judged.length) return undefined;
  const fewest = Math.min(...outlying.map(({ count }) => count));
  return {
    times: median(outlying.map(({ firstMs, medianMs }) => firstMs / medianMs)) ?? 0,
    rounds: outlying.length,
    statistics: [
      'mean',
      ...(fewest <= 10 ? ['p90' as const] : []),
      ...(fewest <= 100 ? ['p99' as const] : []),
    ],
  };
}

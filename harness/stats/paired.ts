import { interquartileRange, median } from '../measure/statistics.js';
import type { Comparison } from '../results.js';
import { leastPairs, signInterval } from './sign-interval.js';

/** Two relays whose ratio lies within 1 ± this are the same for the user's purposes, unless the scenario says otherwise. */
export const DEFAULT_EQUIVALENCE = 0.05;

/** Below this many values, quartiles say nothing. */
export const LEAST_FOR_SPREAD = 4;

/** A figure of one relay, by round. */
export type FigureByRound = ReadonlyMap<number, number>;

/** Two relays' figures of the same metric, paired by round. */
export interface PairedFigures {
  readonly a: FigureByRound;
  readonly b: FigureByRound;
  /** The null relay's, of the same metric; undefined when it didn't run or has no such figure. */
  readonly floor: FigureByRound | undefined;
  /** How many comparisons share the error rate. */
  readonly comparisons: number;
  /** δ: see {@link DEFAULT_EQUIVALENCE}. */
  readonly equivalence?: number | undefined;
  /** Why the figures can't be compared, in a sentence: unequal answers, a saturated generator. */
  readonly spoiled?: string | undefined;
}

/** The part of a {@link Comparison} that is computed; the rest are names. */
export type PairedOutcome = Omit<Comparison, 'metric' | 'labels' | 'statistic' | 'a' | 'b'>;

type Verdict = Pick<Comparison, 'verdict' | 'reason'>;

/** What is known of the pairs before a verdict. */
interface Estimate {
  readonly ratio: number;
  readonly difference: number;
  readonly ci95: readonly [number, number];
  /** The smaller of the two relays' medians: what a share is taken of. */
  readonly size: number;
  /** Null without a floor. */
  readonly floorSpread: number | null;
}

/**
 * Compares two relays over the rounds in which both have the figure. A spoiled comparison has no numbers: someone would read
 * them. See docs/method.md, "Verdicts", for the order of decisions and what each number means.
 */
export function comparePaired(figures: PairedFigures): PairedOutcome {
  const pairs = pairByRound(figures.a, figures.b);
  if (figures.spoiled !== undefined) {
    return { ...withoutNumbers(figures, pairs), ...notMeasurable(figures.spoiled) };
  }
  const points = pointEstimates(pairs);
  const interval = signInterval(
    pairs.map(([a, b]) => a / b),
    figures.comparisons,
  );
  if (!points || !interval) {
    return {
      ...withoutNumbers(figures, pairs),
      ratio: points?.ratio ?? null,
      difference: points?.difference ?? null,
      ...notMeasurable(points || pairs.length === 0 ? tooFew(pairs, figures.comparisons) : NO_RATIO),
    };
  }
  const estimate: Estimate = {
    ...points,
    ci95: [interval.lo, interval.hi],
    floorSpread: figures.floor ? interquartileRange([...figures.floor.values()]) : null,
  };
  return {
    ratio: points.ratio,
    difference: points.difference,
    ci95: [interval.lo, interval.hi],
    method: describeMethod(figures.comparisons, pairs.length, interval.rank),
    pairs: pairs.length,
    ...decide(estimate, figures),
    detectable: detectableRatio(estimate),
  };
}

function withoutNumbers({ comparisons }: PairedFigures, pairs: readonly Pair[]) {
  return {
    ratio: null,
    difference: null,
    ci95: null,
    method: describeMethod(comparisons, pairs.length),
    pairs: pairs.length,
    detectable: null,
  };
}

type Pair = readonly [a: number, b: number];

function pairByRound(a: FigureByRound, b: FigureByRound): Pair[] {
  return [...a].flatMap(([round, ofA]) => {
    const ofB = b.get(round);
    return ofB === undefined ? [] : [[ofA, ofB] as const];
  });
}

/** Undefined when there is no pair, or a figure of zero or less, of which no ratio can be made. */
function pointEstimates(pairs: readonly Pair[]): Pick<Estimate, 'ratio' | 'difference' | 'size'> | undefined {
  if (pairs.some(([a, b]) => a <= 0 || b <= 0)) return undefined;
  // On the log scale, so that b against a is exactly the inverse of a against b also for an even number of pairs.
  const logRatio = median(pairs.map(([a, b]) => Math.log(a / b)));
  const difference = median(pairs.map(([a, b]) => a - b));
  const ofA = median(pairs.map(([a]) => a));
  const ofB = median(pairs.map(([, b]) => b));
  if (logRatio === null || difference === null || ofA === null || ofB === null) return undefined;
  return { ratio: Math.exp(logRatio), difference, size: Math.min(ofA, ofB) };
}

function decide(estimate: Estimate, { floor, equivalence = DEFAULT_EQUIVALENCE }: PairedFigures): Verdict {
  if (floor && floor.size < LEAST_FOR_SPREAD) {
    return notMeasurable(
      `harness-bound: the null relay has this figure in ${floor.size} rounds, and its spread takes ${LEAST_FOR_SPREAD}`,
    );
  }
  const spread = estimate.floorSpread ?? 0;
  const [lo, hi] = estimate.ci95;
  const isWithin = lo >= 1 - equivalence && hi <= 1 + equivalence;
  if (isWithin && equivalence * estimate.size >= spread) return { verdict: 'equivalent' };
  if (Math.abs(estimate.difference) < spread) {
    return notMeasurable('harness-bound: the two differ by less than the null relay does between rounds');
  }
  if (hi < 1) return { verdict: 'a-lower' };
  if (lo > 1) return { verdict: 'b-lower' };
  return { verdict: 'undecided' };
}

function notMeasurable(reason: string): Verdict {
  return { verdict: 'not-measurable', reason };
}

const NO_RATIO = 'a ratio takes figures above zero, and a round has one that is not';

function tooFew(pairs: readonly Pair[], comparisons: number): string {
  const rounds = pairs.length === 1 ? '1 round has' : `${pairs.length} rounds have`;
  return `${rounds} the figure for both relays, and an interval takes ${leastPairs(comparisons)}`;
}

/**
 * The smallest ratio (≥ 1, in either direction) that this run could have told from 1.
 *
 * With ratio ρ and interval [lo, hi], suppose the true ratio were θ and the rounds scattered around it, on the log scale,
 * as they did around ρ: the interval would be [θ·lo/ρ, θ·hi/ρ]. It excludes 1 when θ > ρ/lo, or, downwards, when 1/θ >
 * hi/ρ. The larger of the two is the half width of the interval on the log scale, as a factor. Besides, a
 * difference below the floor's spread is never told: a·(θ − 1) ≥ spread takes θ ≥ 1 + spread / a.
 */
function detectableRatio({ ratio, ci95: [lo, hi], size, floorSpread }: Estimate): number {
  return Math.max(ratio / lo, hi / ratio, 1 + (floorSpread ?? 0) / size);
}

function describeMethod(comparisons: number, pairs: number, rank?: number): string {
  const shared = comparisons > 1 ? `, shared by ${comparisons} comparisons (Bonferroni)` : '';
  const ends = rank === undefined ? '' : `: order statistics ${rank} and ${pairs + 1 - rank} of ${pairs}`;
  return `median of paired rounds, sign-test interval at 95 %${shared}${ends}`;
}

/**
 * What two runs of different times say of one figure. Their rounds don't pair, so the interval is that of two independent
 * samples (unpaired.ts), and what became of the machine in between is in the ratio too. Of that the null relay, which
 * does the same in both, shows a part: a verdict must hold with the ratio as it was measured and with the null relay's own
 * change taken out of it.
 */
import { interquartileRange, median } from '../measure/statistics.js';
import type { Comparison } from '../results.js';
import { DEFAULT_EQUIVALENCE, LEAST_FOR_SPREAD } from './paired.js';
import { leastUnpaired, type RatioInterval, unpairedRatio } from './unpaired.js';

/** A figure in each round of either run. */
export interface UnpairedFigures {
  readonly a: readonly number[];
  readonly b: readonly number[];
  /** The null relay's, of the same figure; undefined where one of the runs doesn't have it. */
  readonly floor: { readonly a: readonly number[]; readonly b: readonly number[] } | undefined;
  /** How many comparisons share the error rate. */
  readonly comparisons: number;
  /** δ: two runs whose ratio lies within 1 ± this are the same for the user's purposes. */
  readonly equivalence?: number | undefined;
}

export interface UnpairedOutcome {
  /** b / a; null where no ratio can be made. */
  readonly ratio: number | null;
  readonly ci95: readonly [number, number] | null;
  /** What the null relay's figure changed by, b / a; null without it. */
  readonly floorRatio: number | null;
  /** The smallest ratio (≥ 1, in either direction) that these runs could have told from 1. */
  readonly detectable: number | null;
  readonly verdict: Comparison['verdict'];
  /** Why it is not measurable, in a sentence. */
  readonly reason?: string;
}

/** Compares a figure of two runs; see docs/comparing.md for the order of decisions. */
export function compareUnpaired(figures: UnpairedFigures): UnpairedOutcome {
  const { a, b, floor, comparisons, equivalence = DEFAULT_EQUIVALENCE } = figures;
  const interval = unpairedRatio(b, a, comparisons);
  const [ofA, ofB] = [median(a), median(b)];
  if (!interval || ofA === null || ofB === null) {
    return { ...NO_NUMBERS, ...notMeasurable(tooFew(figures)) };
  }
  const drift = floor && driftOf(floor);
  const { ratio, lo, hi } = interval;
  const spread = drift?.spread ?? 0;
  const size = Math.min(ofA, ofB);
  const factor = drift?.ratio ?? 1;
  const numbers = {
    ratio,
    ci95: [lo, hi] as const,
    floorRatio: drift?.ratio ?? null,
    detectable: Math.max(ratio / lo, hi / ratio, 1 + spread / size) * Math.max(factor, 1 / factor),
  };
  if (floor && !drift) return { ...numbers, ...notMeasurable(NO_FLOOR) };
  const both = [interval, { lo: lo / factor, hi: hi / factor }];
  const isWithin = both.every((one) => one.lo >= 1 - equivalence && one.hi <= 1 + equivalence);
  if (isWithin && equivalence * size >= spread) return { ...numbers, verdict: 'equivalent' };
  if (Math.abs(ofB - ofA) < spread) return { ...numbers, ...notMeasurable(BELOW_FLOOR) };
  return { ...numbers, ...direction(interval, factor) };
}

const NO_NUMBERS = { ratio: null, ci95: null, floorRatio: null, detectable: null };
const NO_FLOOR = `harness-bound: the null relay has this figure above zero in fewer than ${LEAST_FOR_SPREAD} rounds of a run, and its spread takes as many`;
const BELOW_FLOOR = 'harness-bound: the two differ by less than the null relay does between rounds';

type Verdict = Pick<UnpairedOutcome, 'verdict' | 'reason'>;

function direction({ lo, hi }: RatioInterval, floorRatio: number): Verdict {
  const sides = [1, floorRatio].map(
    (factor) => (lo > factor ? 'a-lower' : hi < factor ? 'b-lower' : 'undecided') as Comparison['verdict'],
  );
  const [measured = 'undecided', corrected] = sides;
  if (measured === corrected || measured === 'undecided') return { verdict: measured };
  return notMeasurable(
    `the null relay, which does the same in both runs, has ${floorRatio.toFixed(2)} times the figure in b: the machine may have changed as much`,
  );
}

/** The null relay's change from a to b, and its spread within a run; undefined with too few rounds. */
function driftOf({
  a,
  b,
}: NonNullable<UnpairedFigures['floor']>): { readonly ratio: number; readonly spread: number } | undefined {
  if (Math.min(a.length, b.length) < LEAST_FOR_SPREAD) return undefined;
  const ratio = unpairedRatio(b, a)?.ratio;
  if (ratio === undefined) return undefined;
  return { ratio, spread: Math.max(interquartileRange(a) ?? 0, interquartileRange(b) ?? 0) };
}

function tooFew({ a, b, comparisons }: UnpairedFigures): string {
  if ([...a, ...b].some((value) => value <= 0))
    return 'a ratio takes figures above zero, and a round has one that is not';
  return `${a.length} rounds against ${b.length} have the figure, and an interval takes ${leastUnpaired(comparisons)} each`;
}

function notMeasurable(reason: string): Verdict {
  return { verdict: 'not-measurable', reason };
}

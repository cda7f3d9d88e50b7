import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { InputError } from '../harness/errors.js';
import { median } from '../harness/measure/statistics.js';
import { leastPairs, signInterval } from '../harness/stats/sign-interval.js';
import type { MicroFigures } from './measure.js';

export const MICRO_SCHEMA = 'reqbench.micro/1';

export const microSchema = z.object({
  schema: z.literal(MICRO_SCHEMA),
  reqbench: z.string(),
  node: z.string(),
  cpu: z.string(),
  measuredAt: z.string(),
  cases: z.array(z.object({ name: z.string(), what: z.string(), nsPerCall: z.array(z.number().positive()) })),
});

export type MicroResults = z.infer<typeof microSchema>;

/** A case against the baseline's. */
export interface MicroComparison {
  readonly name: string;
  /** Now / baseline, of the medians. */
  readonly ratio: number;
  /** Where the ratio lies; all intervals of a comparison hold together with 95 %. Null with too few samples. */
  readonly interval: readonly [lo: number, hi: number] | null;
  readonly verdict: 'slower' | 'faster' | 'equivalent' | 'undecided';
}

/** A difference that nobody cares for: the δ of verdicts. */
export const EQUIVALENCE = 0.05;

/** Samples that `cases` cases take for an interval: two medians each, whose intervals share the error rate. */
export function samplesFor(cases: number): number {
  return leastPairs(2 * cases);
}

/**
 * Compares each case with the baseline's of the same name. The two were measured at different times, so nothing is paired: each
 * median has its sign-test interval, at 1 − 0.05 / 2m for m cases (Bonferroni), and the ratio lies between the quotients of
 * their ends. *slower* and *faster*: the interval lies wholly beyond 1 ± δ.
 */
export function compareWithBaseline(
  figures: readonly MicroFigures[],
  baseline: MicroResults,
  equivalence = EQUIVALENCE,
): MicroComparison[] {
  const pairs = figures.flatMap((now) => {
    const before = baseline.cases.find(({ name }) => name === now.name);
    return before ? [{ name: now.name, now: now.nsPerCall, before: before.nsPerCall }] : [];
  });
  return pairs.map(({ name, now, before }) => {
    const ratio = (median(now) ?? Number.NaN) / (median(before) ?? Number.NaN);
    const [ofNow, ofBefore] = [now, before].map((values) => signInterval(values, 2 * pairs.length));
    if (!ofNow || !ofBefore) return { name, ratio, interval: null, verdict: 'undecided' };
    const interval = [ofNow.lo / ofBefore.hi, ofNow.hi / ofBefore.lo] as const;
    return { name, ratio, interval, verdict: verdictOf(interval, equivalence) };
  });
}

function verdictOf([lo, hi]: readonly [number, number], equivalence: number): MicroComparison['verdict'] {
  if (lo > 1 + equivalence) return 'slower';
  if (hi < 1 - equivalence) return 'faster';
  return lo >= 1 - equivalence && hi <= 1 + equivalence ? 'equivalent' : 'undecided';
}

/**
 * @param here what the baseline must have been measured on
 * @throws {InputError} for a file that is no baseline, or one of another machine or another Node
 */
export function readBaseline(file: string, here: Pick<MicroResults, 'node' | 'cpu'>): MicroResults {
  const baseline = microSchema.safeParse(parse(file));
  if (!baseline.success) {
    const [first] = baseline.error.issues;
    throw problem(
      `${file} is no baseline of reqbench micro: ${first?.path.join('.') || 'the file'}: ${first?.message}`,
      'make one with: reqbench micro --save FILE',
    );
  }
  for (const what of ['node', 'cpu'] as const) {
    if (baseline.data[what] === here[what]) continue;
    throw problem(
      `${file} was measured on another ${what}: ${baseline.data[what]}, not ${here[what]}`,
      'times of two machines can’t be compared; make a baseline here',
    );
  }
  return baseline.data;
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw problem(
      `${file} can't be read as a baseline: ${error instanceof Error ? error.message : error}`,
      'make one with: reqbench micro --save FILE',
    );
  }
}

function problem(message: string, hint: string): InputError {
  return new InputError([{ message, hint }]);
}

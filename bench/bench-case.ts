import type { SubjectName } from './subjects.js';

export type FigureUnit = 'ms' | 'µs' | '1/s' | 'bytes' | 'ratio';

/** One number that a case measures. */
export interface Figure {
  readonly name: string;
  readonly title: string;
  readonly unit: FigureUnit;
  /** Goal of the design, in words; undefined where it has none. */
  readonly goal?: string | undefined;
}

/** Figures by name. */
export type Measured = Readonly<Record<string, number>>;

/** One question: its figures are measured for each subject in turn, in a fresh process each time. */
export interface BenchCase<Subject extends string = SubjectName> {
  readonly name: string;
  readonly title: string;
  /** `bare` first where there is one. */
  readonly subjects: readonly Subject[];
  /** What a subject is also given as a ratio to; without it, the bare one where there is one. */
  readonly basisOf?: ((subject: string) => Subject | undefined) | undefined;
  /** Sizes from the smallest on: figures are also given as ratios to the first. */
  readonly isGrowth?: boolean | undefined;
  readonly figures: readonly Figure[];
  /** Makes what all repetitions share, in a scratch folder. */
  prepare(dir: string): Promise<(subject: Subject) => Promise<Measured>>;
}

/** Median by linear interpolation; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [low, high] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

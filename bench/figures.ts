import { type BenchCase, type Figure, median } from './bench-case.js';

export { median };

/** The middle of several repetitions, and the least and the largest of them. */
export interface Spread {
  readonly median: number;
  readonly spread: readonly [number, number];
}

/** The repetitions of one figure, in order, and what they come to. */
export interface FigureResult extends Spread {
  readonly figure: Figure;
  readonly subject: string;
  readonly values: readonly number[];
  /** The subject that this one is held against, in the same repetition. */
  readonly basis: string | undefined;
  /** To the value of the basis. */
  readonly ratio: Spread | undefined;
  /** In a case of growth: to the same subject's first figure, the smallest size. */
  readonly growth: Spread | undefined;
}

/** The values of a case by subject, each a list over the repetitions of its figures. */
export type Repetitions = ReadonlyMap<string, readonly Readonly<Record<string, number>>[]>;

/** What the figures of a case come to; ratios are taken within a repetition. */
export function figureResults(
  {
    figures,
    subjects,
    isGrowth,
    basisOf,
  }: Pick<BenchCase<string>, 'figures' | 'subjects' | 'isGrowth' | 'basisOf'>,
  repetitions: Repetitions,
): readonly FigureResult[] {
  const valuesOf = (subject: string, figure: Figure | undefined): readonly number[] =>
    figure === undefined
      ? []
      : (repetitions.get(subject) ?? []).map((measured) => measured[figure.name] ?? Number.NaN);
  const bareFor = (subject: string): string | undefined =>
    subject !== 'bare' && subjects.includes('bare') ? 'bare' : undefined;
  return figures.flatMap((figure, index) =>
    subjects.map((subject): FigureResult => {
      const values = valuesOf(subject, figure);
      const basis = (basisOf ?? bareFor)(subject);
      const isLarger = isGrowth === true && index > 0;
      return {
        figure,
        subject,
        values,
        ...spreadOf(values),
        basis,
        ratio: basis === undefined ? undefined : spreadOf(ratios(values, valuesOf(basis, figure))),
        growth: isLarger ? spreadOf(ratios(values, valuesOf(subject, figures[0]))) : undefined,
      };
    }),
  );
}

function ratios(values: readonly number[], to: readonly number[]): readonly number[] {
  return values.map((value, i) => value / (to[i] ?? Number.NaN));
}

function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), spread: [Math.min(...values), Math.max(...values)] };
}

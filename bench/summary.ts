import { type BenchCase, type Figure, median } from './bench-case.js';

/** The repetitions of one figure, in order, and what they come to. */
export interface FigureResult {
  readonly figure: Figure;
  readonly subject: string;
  readonly values: readonly number[];
  readonly median: number;
  /** Least and largest. */
  readonly spread: readonly [number, number];
  /** Of this subject's value to the bare server's of the same repetition; undefined where there is none. */
  readonly ratio: { readonly median: number; readonly spread: readonly [number, number] } | undefined;
}

export interface CaseResult {
  readonly name: string;
  readonly title: string;
  readonly figures: readonly FigureResult[];
}

/** What is saved: enough to see where the figures come from. */
export interface BenchResults {
  readonly startedAt: string;
  readonly command: string;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly repetitions: number;
  readonly cases: readonly CaseResult[];
}

/** The values of a case by subject, each a list over the repetitions of its figures. */
export type Repetitions = ReadonlyMap<string, readonly Readonly<Record<string, number>>[]>;

export function summarise(
  { name, title, figures, subjects }: Pick<BenchCase<string>, 'name' | 'title' | 'figures' | 'subjects'>,
  repetitions: Repetitions,
): CaseResult {
  const valuesOf = (subject: string, figure: Figure): readonly number[] =>
    (repetitions.get(subject) ?? []).map((measured) => measured[figure.name] ?? Number.NaN);
  const results = figures.flatMap((figure) =>
    subjects.map((subject): FigureResult => {
      const values = valuesOf(subject, figure);
      const bare = subject === 'bare' ? [] : valuesOf('bare', figure);
      const ratios = bare.length > 0 ? values.map((value, i) => value / (bare[i] ?? Number.NaN)) : [];
      const ratio = ratios.length > 0 ? { median: median(ratios), spread: spreadOf(ratios) } : undefined;
      return { figure, subject, values, median: median(values), spread: spreadOf(values), ratio };
    }),
  );
  return { name, title, figures: results };
}

function spreadOf(values: readonly number[]): readonly [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

/** The results as Markdown tables. */
export function toMarkdown(results: BenchResults): string {
  const { startedAt, node, cpu, cores, repetitions, command } = results;
  const head =
    `\`${command}\` on ${startedAt.slice(0, 10)}: Node ${node}, ${cpu}, ${cores} cores; median of ${repetitions} ` +
    'repetitions (least – largest). Ratios are to `bare` in the same repetition.';
  return [head, ...results.cases.map(caseTable)].join('\n\n');
}

function caseTable({ title, figures }: CaseResult): string {
  const rows = figures.map(({ figure, subject, median: middle, spread, ratio }) => {
    const cells = [
      figure.title,
      subject,
      withSpread(middle, spread, figure.unit),
      ratio === undefined ? '' : withSpread(ratio.median, ratio.spread, 'ratio'),
      subject === 'bare' ? '' : (figure.goal ?? ''),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    `### ${title}`,
    '',
    '| figure | of | value | ratio | goal |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function withSpread(
  middle: number,
  [least, largest]: readonly [number, number],
  unit: Figure['unit'],
): string {
  return `${quantity(middle, unit)} (${quantity(least, unit)} – ${quantity(largest, unit)})`;
}

function quantity(value: number, unit: Figure['unit']): string {
  switch (unit) {
    case 'ms':
      return `${value.toPrecision(3)} ms`;
    case '1/s':
      return `${Math.round(value).toLocaleString('en')}/s`;
    case 'bytes':
      return `${Math.round(value).toLocaleString('en')} B`;
    case 'ratio':
      return value.toFixed(2);
  }
}

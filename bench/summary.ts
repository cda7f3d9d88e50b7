import type { BenchCase, FigureUnit } from './bench-case.js';
import { type FigureResult, figureResults, type Repetitions, type Spread } from './figures.js';
import { type Verdict, verdictsOn } from './goals.js';

export interface CaseResult {
  readonly name: string;
  readonly title: string;
  /** How long all repetitions took together, in seconds. */
  readonly tookS: number;
  readonly figures: readonly FigureResult[];
  /** The goals that the design has for these figures. */
  readonly verdicts: readonly Verdict[];
  /** Where it was measured apart from the others and put among them later. */
  readonly apart?:
    | Pick<BenchResults, 'startedAt' | 'command' | 'node' | 'cpu' | 'cores' | 'repetitions'>
    | undefined;
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

export function summarise(
  bench: Pick<BenchCase<string>, 'name' | 'title' | 'figures' | 'subjects' | 'isGrowth' | 'basisOf'>,
  repetitions: Repetitions,
  tookS: number,
): CaseResult {
  const { name, title } = bench;
  const figures = figureResults(bench, repetitions);
  return { name, title, tookS, figures, verdicts: verdictsOn(name, figures) };
}

/** The results as Markdown: the goals with their verdicts, then a table a case. */
export function toMarkdown(results: BenchResults): string {
  const { startedAt, node, cpu, cores, repetitions, command, cases } = results;
  const together = cases.filter(({ apart }) => apart === undefined);
  const minutes = Math.ceil(together.reduce((sum, { tookS }) => sum + tookS, 0) / 60);
  const head =
    `\`${command}\` on ${startedAt.slice(0, 10)}: Node ${node}, ${cpu}, ${cores} cores, ${minutes} min; median of ` +
    `${repetitions} repetitions (least – largest). Ratios are within a repetition, to \`bare\` unless said.`;
  const verdicts = cases.flatMap((each) => each.verdicts);
  const goals = verdicts.length > 0 ? [goalTable(verdicts)] : [];
  return [head, ...goals, ...cases.map(caseTable)].join('\n\n');
}

function goalTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map((each) => {
    const { what, subject, goal, unit, reached, spread, verdict, reachedIn, repetitions } = each;
    const inSome = reachedIn > 0 && reachedIn < repetitions ? `, in ${reachedIn} of ${repetitions}` : '';
    return row([what, subject, goal, withSpread({ median: reached, spread }, unit), `${verdict}${inSome}`]);
  });
  return table('Goals', ['what', 'of', 'goal', 'reached', 'verdict'], rows);
}

function caseTable({ title, figures, apart }: CaseResult): string {
  const isGrowth = figures.some(({ growth }) => growth !== undefined);
  const hasBasis = figures.some(({ ratio }) => ratio !== undefined);
  const rows = figures.map(({ figure, subject, ratio, growth, ...value }) =>
    row([
      figure.title,
      subject,
      withSpread(value, figure.unit),
      ...(hasBasis ? [ratio === undefined ? '' : withSpread(ratio, 'ratio')] : []),
      ...(isGrowth ? [growth === undefined ? '' : withSpread(growth, 'ratio')] : []),
    ]),
  );
  const columns = [
    'figure',
    'of',
    'value',
    ...(hasBasis ? [basisColumn(figures)] : []),
    ...(isGrowth ? ['to the smallest'] : []),
  ];
  return table(title, columns, rows, apart && apartLine(apart));
}

function apartLine({
  command,
  startedAt,
  node,
  cpu,
  cores,
  repetitions,
}: NonNullable<CaseResult['apart']>): string {
  return (
    `Measured apart, by \`${command}\` on ${startedAt.slice(0, 10)}: Node ${node}, ${cpu}, ${cores} cores, ` +
    `${repetitions} repetitions.`
  );
}

function basisColumn(figures: readonly FigureResult[]): string {
  const bases = new Set(figures.flatMap(({ basis }) => basis ?? []));
  return bases.size === 1 ? `to ${[...bases].join('')}` : 'to the same in memory';
}

function table(title: string, columns: readonly string[], rows: readonly string[], note?: string): string {
  const above = note === undefined ? [] : [note, ''];
  return [`### ${title}`, '', ...above, row(columns), row(columns.map(() => '---')), ...rows].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function withSpread({ median, spread: [least, largest] }: Spread, unit: FigureUnit): string {
  return `${quantity(median, unit)} (${quantity(least, unit)} – ${quantity(largest, unit)})`;
}

function quantity(value: number, unit: FigureUnit): string {
  switch (unit) {
    case 'ms':
      return `${value.toPrecision(3)} ms`;
    case 'µs':
      return `${value.toPrecision(3)} µs`;
    case '1/s':
      return `${Math.round(value).toLocaleString('en')}/s`;
    case 'bytes':
      return `${Math.round(value).toLocaleString('en')} B`;
    case 'ratio':
      return value.toFixed(2);
  }
}

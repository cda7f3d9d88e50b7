/** How each figure grows with the parameter of a sweep. */
import type { Results, SweepResult } from '../harness/results.js';
import { ABSENT, formatRatio, formatValue } from './format.js';
import { capitalised, metricNaming } from './metric-names.js';
import { printable } from './printable.js';
import { labelKey, labelText } from './select.js';

type Point = SweepResult['points'][number];
type Statistic = 'p50' | 'p90' | 'p99';

/** One figure at every value, relay by relay. */
export interface SweptFigure {
  /** `Time to EOSE of timeline, p50`. */
  readonly title: string;
  readonly unit: string;
  readonly relays: readonly {
    readonly name: string;
    /** In the order of the points; undefined where there is none. */
    readonly values: readonly (number | undefined)[];
  }[];
}

const SHOWN: readonly (readonly [string, Statistic])[] = [
  ['req.ttfe', 'p50'],
  ['req.eose', 'p50'],
  ['req.eose', 'p99'],
  ['count.latency', 'p50'],
  ['http.latency', 'p50'],
  ['event.ok', 'p50'],
  ['event.delivery', 'p50'],
  ['connect', 'p50'],
  ['memory.rss.peak', 'p50'],
  ['cpu.time', 'p50'],
  ['events.received.rate', 'p50'],
];

/** The figures that the run compares, then the usual ones, as far as any relay has them. */
export function sweptFigures({ sweep }: Results): readonly SweptFigure[] {
  if (!sweep) return [];
  const compared = sweep.points.flatMap(({ comparisons }) =>
    comparisons.map(({ metric, labels, statistic }) => ({ metric, labels, statistic })),
  );
  const usual = SHOWN.map(([metric, statistic]) => ({ metric, labels: {}, statistic }));
  const seen = new Set<string>();
  return [...compared, ...usual].flatMap(({ metric, labels, statistic }) => {
    const key = `${metric} ${labelKey(labels)} ${statistic}`;
    if (seen.has(key) || !isStatistic(statistic)) return [];
    seen.add(key);
    const at = ({ relays }: Point, name: string) =>
      relays
        .find((relay) => relay.name === name)
        ?.metrics.find((entry) => entry.metric === metric && labelKey(entry.labels) === labelKey(labels));
    const names = [...new Set(sweep.points.flatMap(({ relays }) => relays.map(({ name }) => name)))];
    const relays = names.map((name) => ({
      name,
      values: sweep.points.map((point) => at(point, name)?.[statistic] ?? undefined),
    }));
    if (relays.every(({ values }) => values.every((value) => value === undefined))) return [];
    const unit = sweep.points.flatMap((point) => names.flatMap((name) => at(point, name)?.unit ?? []))[0];
    const of = labelText(labels);
    const suffix = statistic === 'p50' && metric.includes('.peak') ? '' : `, ${statistic}`;
    const title = capitalised(`${metricNaming(metric).name}${of ? ` of ${of}` : ''}${suffix}`);
    return [{ title, unit: unit ?? '', relays }];
  });
}

function isStatistic(statistic: string): statistic is Statistic {
  return statistic === 'p50' || statistic === 'p90' || statistic === 'p99';
}

/** The table of a figure: a row a relay, a column a value, and how many times the last is the first. */
export function sweptTable(
  figure: SweptFigure,
  { points }: SweepResult,
): { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] } {
  return {
    head: [figure.title, ...points.map(({ value }) => printable(value, 24)), 'growth'],
    rows: figure.relays.map(({ name, values }) => [
      printable(name, 40),
      ...values.map((value) => formatValue(value, figure.unit)),
      growth(values.at(0), values.at(-1)),
    ]),
  };
}

function growth(first: number | undefined, last: number | undefined): string {
  return first === undefined || last === undefined || first <= 0 ? ABSENT : `${formatRatio(last / first)}×`;
}

/** What a sweep was over, in words. */
export function sweepHeading({ parameter, points }: SweepResult): string {
  return `${printable(parameter, 120)} over ${points.map(({ value }) => printable(value, 24)).join(', ')}`;
}

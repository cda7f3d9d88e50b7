/** What the charts show, as plain data: decoded histograms, points of rounds, series over time. */
import hdr from 'hdr-histogram-js';
import type { MetricLabels, MetricResult, RelayResult, Results } from '../../harness/results.js';
import { formatValue } from '../format.js';
import { capitalised, metricNaming } from '../metric-names.js';
import { printable } from '../printable.js';
import { contenderIndex, isDistribution, labelKey, labelText, metricOf } from '../select.js';
import { seriesIndex } from './palette.js';

export interface ChartLine {
  readonly relay: string;
  /** Index of colour and marker; undefined for the floor, which is grey and dashed. */
  readonly series: number | undefined;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Chart {
  /** Letters, digits and hyphens. */
  readonly id: string;
  /** `percentiles`: x = 1 / (1 − p). `rounds`: x = round. `time`: x in ms from the start of the window. `sweep`: x from 1, named by `xLabels`. */
  readonly kind: 'percentiles' | 'rounds' | 'time' | 'sweep';
  readonly title: string;
  readonly unit: string;
  /** Of a sweep: its values. */
  readonly xLabels?: readonly string[];
  readonly lines: readonly ChartLine[];
  readonly table: ChartTable;
}

/** The chart for those who can't see it. */
export interface ChartTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const POINTS_PER_DECADE = 24;
/** A percentile is shown while this many samples lie beyond it: p90 from 100, p99 from 1,000. */
const SAMPLES_BEYOND = 10;

/** Percentile curves and points of rounds for a metric. */
export interface MetricCharts {
  readonly metric: string;
  readonly labels: MetricLabels;
  readonly title: string;
  readonly charts: readonly Chart[];
}

/** Charts of every latency that a relay has, compared ones first. */
export function latencyCharts(results: Results): readonly MetricCharts[] {
  return latencies(results).flatMap(({ metric, labels }, index): MetricCharts[] => {
    const of = labelText(labels);
    const title = capitalised(`${metricNaming(metric).name}${of ? `, ${of}` : ''}`);
    const charts = [
      percentileChart(results, { metric, labels }, `percentiles-${index}`),
      roundsChart(results, { metric, labels }, `rounds-${index}`),
    ].filter((chart) => chart !== undefined);
    return charts.length ? [{ metric, labels, title, charts }] : [];
  });
}

interface Selection {
  readonly metric: string;
  readonly labels: MetricLabels;
}

function latencies(results: Results): readonly Selection[] {
  const compared = results.comparisons.map(({ metric, labels }) => ({ metric, labels }));
  const whole = results.relays.flatMap((relay) =>
    relay.metrics
      .filter(
        (entry) =>
          isDistribution(entry) && entry.metric !== 'lateness' && labelKey(entry.labels) === labelKey({}),
      )
      .map(({ metric, labels }) => ({ metric, labels })),
  );
  const order = ['req.ttfe', 'req.eose', 'event.ok', 'event.delivery', 'auth', 'connect'];
  const rank = ({ metric }: Selection) => (order.includes(metric) ? order.indexOf(metric) : order.length);
  const seen = new Set<string>();
  return [...compared, ...whole.toSorted((x, y) => rank(x) - rank(y))].filter((selection) => {
    const key = `${selection.metric} ${labelKey(selection.labels)}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

/** The relays that have `select`, with colour and name. */
export function linesOf<T>(
  results: Results,
  select: (relay: RelayResult) => T | undefined,
): readonly { relay: string; series: number | undefined; selected: T }[] {
  return results.relays.flatMap((relay) => {
    const selected = select(relay);
    const place = contenderIndex(results, relay.name);
    const series = place === undefined ? undefined : seriesIndex(place);
    return selected === undefined ? [] : [{ relay: printable(relay.name, 40), series, selected }];
  });
}

function percentileChart(results: Results, { metric, labels }: Selection, id: string): Chart | undefined {
  const curves = linesOf(results, (relay) => curveOf(metricOf(relay, metric, labels)));
  const lines = curves.map(({ relay, series, selected }) => ({ relay, series, points: selected.points }));
  if (lines.length === 0) return undefined;
  const unit = 'ms';
  return {
    id,
    kind: 'percentiles',
    title: 'Percentiles',
    unit,
    lines,
    table: {
      head: ['', ...SHOWN_PERCENTILES.map((p) => `p${p}`)],
      rows: curves.map(({ relay, selected }) => [
        relay,
        ...selected.percentiles.map((ms) => formatValue(ms, unit)),
      ]),
    },
  };
}

const SHOWN_PERCENTILES = [10, 50, 75, 90, 95, 99, 99.9] as const;

interface Curve {
  readonly points: readonly (readonly [number, number])[];
  readonly percentiles: readonly (number | null)[];
}

/** Undefined without a histogram, with one that can't be read, or with too few samples for a median. */
function curveOf(entry: MetricResult | undefined): Curve | undefined {
  const histogram = entry?.histogram === undefined ? undefined : decoded(entry.histogram);
  if (!histogram) return undefined;
  const furthest = histogram.totalCount / SAMPLES_BEYOND;
  if (furthest < 2) return undefined;
  const largest = entry?.max ?? Number.POSITIVE_INFINITY;
  const valueAt = (beyond: number) =>
    Math.min(histogram.getValueAtPercentile(100 * (1 - 1 / beyond)) / 1000, largest);
  const steps = Math.floor(Math.log10(furthest) * POINTS_PER_DECADE);
  const xs = Array.from({ length: steps + 1 }, (_, step) => 10 ** (step / POINTS_PER_DECADE));
  return {
    points: [...xs, furthest].map((x) => [rounded(x), rounded(valueAt(x))] as const),
    percentiles: SHOWN_PERCENTILES.map((p) =>
      100 / (100 - p) <= furthest + 1e-9 ? valueAt(100 / (100 - p)) : null,
    ),
  };
}

function decoded(base64: string): ReturnType<typeof hdr.decodeFromCompressedBase64> | undefined {
  try {
    return hdr.decodeFromCompressedBase64(base64, 64);
  } catch {
    return undefined;
  }
}

/** Five significant digits: enough for a chart, and a third of the bytes. */
export function rounded(value: number): number {
  return Number(value.toPrecision(5));
}

function roundsChart(results: Results, { metric, labels }: Selection, id: string): Chart | undefined {
  const found = linesOf(results, (relay) => metricOf(relay, metric, labels));
  const unit = found[0]?.selected.unit ?? 'ms';
  const lines = found
    .map(({ relay, series, selected }) => ({
      relay,
      series,
      points: selected.perRound.flatMap(({ round, p50 }) =>
        p50 === null ? [] : [[round, rounded(p50)] as const],
      ),
    }))
    .filter(({ points }) => points.length > 0);
  if (lines.length === 0) return undefined;
  const rounds = [...new Set(lines.flatMap(({ points }) => points.map(([round]) => round)))].toSorted(
    (x, y) => x - y,
  );
  const cell = (line: ChartLine, round: number) =>
    formatValue(line.points.find(([x]) => x === round)?.[1], unit);
  return {
    id,
    kind: 'rounds',
    title: 'Median of each round',
    unit,
    lines,
    table: {
      head: ['Round', ...lines.map(({ relay }) => relay)],
      rows: rounds.map((round) => [String(round), ...lines.map((line) => cell(line, round))]),
    },
  };
}

import type { MetricLabels, MetricResult } from '../results.js';
import { METRICS, type MetricName } from './catalogue.js';
import { LatencyHistogram } from './histogram.js';
import { labelKey, labelsInclude, pickLabels } from './labels.js';
import type { RecordedMetric } from './recorder.js';
import { LEAST_SAMPLES_P90, LEAST_SAMPLES_P99, mean, median } from './statistics.js';
import { unionNs } from './time-span.js';

/** What all recorders of one relay took in during one round. */
export interface RoundRecording {
  /** From 1. */
  readonly round: number;
  readonly recorded: readonly RecordedMetric[];
}

type Recorded<Shape extends RecordedMetric['shape']> = Extract<RecordedMetric, { readonly shape: Shape }>;
/** A distribution whose histogram is decoded: once, though several entries are made of it. */
type Sampled = Recorded<'distribution'> & { readonly decoded: LatencyHistogram };
type Part = Sampled | Recorded<'count'> | Recorded<'round'>;
type RoundOf<One> = { readonly round: number; readonly recorded: readonly One[] };
type Figures = Omit<MetricResult, 'metric' | 'labels' | 'unit'>;
type RoundFigures = MetricResult['perRound'][number];

/**
 * Turns the recordings of a relay's rounds into the metrics of results.json. Each metric has an entry without
 * labels (the whole), one for each `client`, one for each `req`, one for each full set of labels as it was
 * recorded, and other combinations where they hold anything that these don't; so that {@link selectMetric} finds an entry for
 * every set of labels that was recorded.
 *
 * @throws {RangeError} when a round has two values of a once-a-round metric with the same labels
 */
export function assembleMetrics(rounds: readonly RoundRecording[]): MetricResult[] {
  const names = new Set(rounds.flatMap(({ recorded }) => recorded.map(({ metric }) => metric)));
  return (Object.keys(METRICS) as MetricName[])
    .filter((metric) => names.has(metric))
    .flatMap((metric) =>
      assembleMetric(
        metric,
        rounds.map(({ round, recorded }) => ({
          round,
          recorded: recorded.filter((one) => one.metric === metric).map(decode),
        })),
      ),
    );
}

function decode(one: RecordedMetric): Part {
  switch (one.shape) {
    case 'distribution':
      return { ...one, decoded: LatencyHistogram.decode(one.histogram) };
    case 'rate':
      return { ...one, shape: 'round', value: one.amount / (unionNs(one.spans) / 1e9) };
    default:
      return one;
  }
}

function assembleMetric(metric: MetricName, rounds: readonly RoundOf<Part>[]): MetricResult[] {
  const full = distinct(rounds.flatMap(({ recorded }) => recorded.map(({ labels }) => labels)));
  return entryLabels(metric, full).map((labels) => ({
    metric,
    labels,
    unit: METRICS[metric].unit,
    ...figures(
      metric,
      rounds.map(({ round, recorded }) => ({
        round,
        recorded: recorded.filter((one) => labelsInclude(one.labels, labels)),
      })),
    ),
  }));
}

/** The label sets that get an entry; `full` are those that were recorded. */
function entryLabels(metric: MetricName, full: readonly MetricLabels[]): MetricLabels[] {
  if (METRICS[metric].shape === 'round') return [...full];
  const always = [
    {},
    ...full.map((one) => pickLabels(one, ['client'])),
    ...full.map((one) => pickLabels(one, ['req'])),
    ...full,
  ];
  const entries = distinct(always);
  const contents = new Set(entries.map((labels) => content(labels, full)));
  for (const names of [['client', 'req'], ['phase'], ['client', 'phase'], ['req', 'phase']] as const) {
    for (const labels of distinct(full.map((one) => pickLabels(one, names)))) {
      const key = content(labels, full);
      if (contents.has(key)) continue;
      contents.add(key);
      entries.push(labels);
    }
  }
  return entries;
}

/** Which of the recorded label sets an entry holds, as a key. */
function content(labels: MetricLabels, full: readonly MetricLabels[]): string {
  return full.map((one) => (labelsInclude(one, labels) ? '1' : '0')).join('');
}

function distinct(labels: readonly MetricLabels[]): MetricLabels[] {
  return [...new Map(labels.map((one) => [labelKey(one), one])).values()];
}

function figures(metric: MetricName, rounds: readonly RoundOf<Part>[]): Figures {
  switch (METRICS[metric].shape) {
    case 'distribution':
      return distributionFigures(only(rounds, (one): one is Sampled => one.shape === 'distribution'));
    case 'count':
      return countFigures(only(rounds, (one): one is Recorded<'count'> => one.shape === 'count'));
    case 'round':
      return roundFigures(only(rounds, (one): one is Recorded<'round'> => one.shape === 'round'));
  }
}

function only<One extends Part>(
  rounds: readonly RoundOf<Part>[],
  isWanted: (one: Part) => one is One,
): RoundOf<One>[] {
  return rounds.map(({ round, recorded }) => ({ round, recorded: recorded.filter(isWanted) }));
}

const NO_FIGURES = { mean: null, p50: null, p90: null, p99: null } as const;

type Samples = Pick<Sampled, 'decoded' | 'sumMs' | 'maxMs'>;

function distributionFigures(rounds: readonly RoundOf<Sampled>[]): Figures {
  const merged = rounds.map(({ round, recorded }) => ({ round, samples: merge(recorded) }));
  const whole = merge(merged.map(({ samples }) => samples));
  const { count } = whole.decoded;
  const printed = { p90: count >= LEAST_SAMPLES_P90, p99: count >= LEAST_SAMPLES_P99 };
  return {
    ...summary(whole, printed),
    max: count === 0 ? null : whole.maxMs,
    histogram: whole.decoded.encode(),
    perRound: merged.map(({ round, samples }) => ({ round, ...summary(samples, printed) })),
  };
}

function merge(parts: readonly Samples[]): Samples {
  const [first, ...others] = parts;
  if (first !== undefined && others.length === 0) return first;
  const decoded = new LatencyHistogram();
  for (const part of parts) decoded.add(part.decoded);
  return {
    decoded,
    sumMs: parts.reduce((sum, part) => sum + part.sumMs, 0),
    maxMs: parts.reduce((max, part) => Math.max(max, part.maxMs), 0),
  };
}

function summary(
  { decoded, sumMs, maxMs }: Samples,
  printed: { readonly p90: boolean; readonly p99: boolean },
): Omit<RoundFigures, 'round'> {
  const { count } = decoded;
  if (count === 0) return { count, ...NO_FIGURES };
  // A bucket's upper end can lie above the largest sample in it: no percentile is above the maximum.
  const percentile = (p: number) => Math.min(decoded.percentileMs(p) ?? maxMs, maxMs);
  return {
    count,
    mean: sumMs / count,
    p50: percentile(50),
    p90: printed.p90 ? percentile(90) : null,
    p99: printed.p99 ? percentile(99) : null,
  };
}

function countFigures(rounds: readonly RoundOf<Recorded<'count'>>[]): Figures {
  const total = (recorded: readonly Recorded<'count'>[]) =>
    recorded.reduce((sum, { count }) => sum + count, 0);
  return {
    count: total(rounds.flatMap(({ recorded }) => recorded)),
    ...NO_FIGURES,
    max: null,
    perRound: rounds.map(({ round, recorded }) => ({ round, count: total(recorded), ...NO_FIGURES })),
  };
}

function roundFigures(rounds: readonly RoundOf<Recorded<'round'>>[]): Figures {
  const perRound = rounds.map(({ round, recorded }): RoundFigures => {
    const [only, ...others] = recorded;
    if (others.length > 0)
      throw new RangeError(`round ${round} has ${recorded.length} values of ${only?.metric}`);
    if (only === undefined) return { round, count: 0, ...NO_FIGURES };
    return { round, count: 1, mean: only.value, p50: only.value, p90: null, p99: null };
  });
  const values = rounds.flatMap(({ recorded }) => recorded.map(({ value }) => value));
  return {
    count: values.length,
    mean: mean(values),
    p50: median(values),
    p90: null,
    p99: null,
    max: values.length === 0 ? null : Math.max(...values),
    perRound,
  };
}

/**
 * The entry that holds all samples of `metric` whose labels include `labels`: the one with exactly these, or one
 * that holds the same samples under more or other labels (the only phase, the only client that sends that REQ).
 * Undefined when nothing with these labels was measured.
 */
export function selectMetric(
  metrics: readonly MetricResult[],
  metric: string,
  labels: MetricLabels = {},
): MetricResult | undefined {
  const entries = metrics.filter((entry) => entry.metric === metric);
  const exact = entries.find((entry) => labelKey(entry.labels) === labelKey(labels));
  if (exact) return exact;
  // Samples have at least client and phase: entries with both show which labels hold the same samples.
  const cells = entries
    .map((entry) => entry.labels)
    .filter((one) => one.client !== undefined && one.phase !== undefined);
  const wanted = content(labels, cells);
  if (!wanted.includes('1')) return undefined;
  // From the back, for the whole stands in front and can hold counts that have no labels at all.
  return entries.findLast((entry) => content(entry.labels, cells) === wanted);
}

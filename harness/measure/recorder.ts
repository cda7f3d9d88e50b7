import type { MetricLabels } from '../results.js';
import type { MetricNameOf } from './catalogue.js';
import { LatencyHistogram } from './histogram.js';
import { type TimeSpan, unionNs } from './time-span.js';

/** What a sample is labelled with. */
export interface SampleLabels {
  /** Client kind. */
  readonly client: string;
  /** Label of the REQ or publish (`as` of the script). */
  readonly req?: string | undefined;
  readonly phase: string;
}

/** Of a count or a once-a-round value: those of a sample, or none at all. */
export type RecordLabels = SampleLabels | Readonly<Record<string, never>>;

/** What was recorded of one metric under one set of labels in one round; plain data, for IPC and files. */
export type RecordedMetric =
  | {
      readonly shape: 'distribution';
      readonly metric: MetricNameOf<'distribution'>;
      readonly labels: MetricLabels;
      readonly count: number;
      /** ms, exact: what mean and max are made of. */
      readonly sumMs: number;
      readonly maxMs: number;
      /** The metric's first sample of all, where it is among these. */
      readonly firstMs?: number | undefined;
      /** See {@link LatencyHistogram.encode}. */
      readonly histogram: string;
    }
  | {
      readonly shape: 'count';
      readonly metric: MetricNameOf<'count'>;
      readonly labels: MetricLabels;
      readonly count: number;
    }
  | {
      readonly shape: 'round';
      readonly metric: MetricNameOf<'round'>;
      readonly labels: MetricLabels;
      /** In the metric's unit. */
      readonly value: number;
    }
  | {
      readonly shape: 'rate';
      readonly metric: MetricNameOf<'round'>;
      readonly labels: MetricLabels;
      readonly amount: number;
      /** When it came; the rate is the amount by second that at least one of them lasted. */
      readonly spans: readonly TimeSpan[];
    };

interface Samples {
  readonly histogram: LatencyHistogram;
  sumMs: number;
  maxMs: number;
  firstMs: number | undefined;
}

/** Labels as path into nested maps: no text is built and hashed for a sample. */
type ByReq<Entry> = Map<string | undefined, Entry>;
type ByPhase<Entry> = Map<string | undefined, ByReq<Entry>>;
type ByClient<Entry> = Map<string | undefined, ByPhase<Entry>>;
type ByLabels<Name, Entry> = Map<Name, ByClient<Entry>>;

/**
 * Takes in what a load worker measures in one round of one relay. Stands on the hot path: some 50 ns a sample.
 * What is recorded counts; leave out what happens outside of measured phases.
 */
export class Recorder {
  readonly #samples: ByLabels<MetricNameOf<'distribution'>, Samples> = new Map();
  readonly #counts: ByLabels<MetricNameOf<'count'>, { count: number }> = new Map();
  readonly #values: ByLabels<MetricNameOf<'round'>, { value: number }> = new Map();
  readonly #rates = new Map<MetricNameOf<'round'>, { amount: number; spans: readonly TimeSpan[] }>();
  readonly #begun = new Set<MetricNameOf<'distribution'>>();

  /**
   * One sample. Below 0 (a timer that fired early) counts as 0.
   * @throws {RangeError} when `valueMs` isn't a finite number
   */
  record(metric: MetricNameOf<'distribution'>, valueMs: number, labels: SampleLabels): void {
    const samples = entry(this.#samples, metric, labels, newSamples);
    if (samples.histogram.count === 0 && !this.#begun.has(metric)) {
      this.#begun.add(metric);
      samples.firstMs = Math.max(0, valueMs);
    }
    samples.histogram.record(valueMs);
    samples.sumMs += Math.max(0, valueMs);
    samples.maxMs = Math.max(samples.maxMs, valueMs);
  }

  /** Samples that somebody else has recorded. */
  merge(
    metric: MetricNameOf<'distribution'>,
    {
      histogram,
      sumMs,
      maxMs,
    }: { readonly histogram: string; readonly sumMs: number; readonly maxMs: number },
    labels: SampleLabels,
  ): void {
    const samples = entry(this.#samples, metric, labels, newSamples);
    samples.histogram.add(LatencyHistogram.decode(histogram));
    samples.sumMs += sumMs;
    samples.maxMs = Math.max(samples.maxMs, maxMs);
  }

  /** Adds to an exact count. `by` = 0 says that it was counted and nothing came up so far. */
  count(metric: MetricNameOf<'count'>, labels: RecordLabels = {}, by = 1): void {
    entry(this.#counts, metric, labels, newCount).count += by;
  }

  /** The round's one value of a metric, in its unit; a later one replaces it. */
  value(metric: MetricNameOf<'round'>, value: number, labels: RecordLabels = {}): void {
    entry(this.#values, metric, labels, newValue).value = value;
  }

  /** The round's value of a metric that is a rate: an amount, and when it came. Nothing where that took no time. */
  rate(metric: MetricNameOf<'round'>, amount: number, spans: readonly TimeSpan[]): void {
    if (unionNs(spans) > 0) this.#rates.set(metric, { amount, spans });
  }

  /** Everything so far; recording can go on. */
  snapshot(): RecordedMetric[] {
    return [
      ...list(this.#samples).map(
        ([metric, labels, { histogram, sumMs, maxMs, firstMs }]): RecordedMetric => ({
          shape: 'distribution',
          metric,
          labels,
          count: histogram.count,
          sumMs,
          maxMs,
          ...(firstMs === undefined ? {} : { firstMs }),
          histogram: histogram.encode(),
        }),
      ),
      ...list(this.#counts).map(
        ([metric, labels, { count }]): RecordedMetric => ({ shape: 'count', metric, labels, count }),
      ),
      ...list(this.#values).map(
        ([metric, labels, { value }]): RecordedMetric => ({ shape: 'round', metric, labels, value }),
      ),
      ...[...this.#rates].map(
        ([metric, { amount, spans }]): RecordedMetric => ({
          shape: 'rate',
          metric,
          labels: {},
          amount,
          spans,
        }),
      ),
    ];
  }
}

const newSamples = (): Samples => ({
  histogram: new LatencyHistogram(),
  sumMs: 0,
  maxMs: 0,
  firstMs: undefined,
});
const newCount = (): { count: number } => ({ count: 0 });
const newValue = (): { value: number } => ({ value: 0 });

function entry<Name, Entry>(
  entries: ByLabels<Name, Entry>,
  metric: Name,
  labels: RecordLabels,
  create: () => Entry,
): Entry {
  const ofMetric = descend(entries, metric, (): ByClient<Entry> => new Map());
  const ofClient = descend(ofMetric, labels.client, (): ByPhase<Entry> => new Map());
  const ofPhase = descend(ofClient, labels.phase, (): ByReq<Entry> => new Map());
  return descend(ofPhase, labels.req, create);
}

function descend<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  const found = map.get(key);
  if (found !== undefined) return found;
  const created = create();
  map.set(key, created);
  return created;
}

function list<Name, Entry>(entries: ByLabels<Name, Entry>): [Name, MetricLabels, Entry][] {
  const found: [Name, MetricLabels, Entry][] = [];
  for (const [metric, clients] of entries) {
    for (const [client, phases] of clients) {
      for (const [phase, reqs] of phases) {
        for (const [req, recorded] of reqs) found.push([metric, present({ client, req, phase }), recorded]);
      }
    }
  }
  return found;
}

/** Without the labels that aren't there: in JSON and IPC an undefined one would read as one. */
function present(labels: MetricLabels): MetricLabels {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== undefined));
}

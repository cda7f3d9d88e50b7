import type { GeneratorSample } from '../load/protocol.js';
import { assembleMetrics, selectMetric } from '../measure/assemble.js';
import { type GeneratorJudgement, judgeGenerator } from '../measure/generator.js';
import { LEAST_SAMPLES_P99, median } from '../measure/statistics.js';
import type { GeneratorFigures, MetricResult, Results } from '../results.js';
import type { WorkerRecord } from './relay-record.js';

/** A judgement over the generator of one relay, with those of the workers that it consisted of. */
export interface RelayGenerator extends GeneratorJudgement {
  readonly workers: Results['harness']['perRelay'][number]['workers'];
}

/**
 * What the generator was while it measured one relay, over all its rounds. Of several workers the worst counts: what one
 * of them was late with is among the figures.
 */
export function generatorOf(
  records: readonly WorkerRecord[],
  metrics: readonly MetricResult[],
): RelayGenerator | undefined {
  const [only, ...others] = records;
  if (!only) return undefined;
  if (only.pid === undefined) return { ...judge(only.samples, metrics, metrics), workers: undefined };
  const each = [only, ...others].map(({ samples, lateness }) =>
    judge(samples, assembleMetrics(lateness), metrics),
  );
  const named = (reasons: (one: GeneratorJudgement) => readonly string[]) =>
    each.flatMap((one, index) =>
      reasons(one).map((reason) => `${reason} (load worker ${index + 1} of ${each.length})`),
    );
  return {
    figures: worstGenerator(each.map(({ figures }) => figures)),
    reasons: named(({ reasons }) => reasons),
    tailReasons: named(({ tailReasons }) => tailReasons),
    workers: each.map(({ figures }, index) => ({
      worker: index + 1,
      pid: records[index]?.pid ?? 0,
      ...figures,
    })),
  };
}

/** @param own metrics with the lateness of the worker that the samples are of */
function judge(
  samples: readonly GeneratorSample[],
  own: readonly MetricResult[],
  metrics: readonly MetricResult[],
): GeneratorJudgement {
  const delays = samples.map(({ eventLoopDelayMs }) => eventLoopDelayMs);
  const delaySamples = delays.reduce((sum, { count }) => sum + count, 0);
  const latency = selectMetric(metrics, 'req.eose') ?? selectMetric(metrics, 'event.ok');
  return judgeGenerator({
    lateness: spreadOf(selectMetric(own, 'lateness')),
    eventLoopDelay: {
      p50: median(delays.map(({ p50 }) => p50)),
      p99: delaySamples < LEAST_SAMPLES_P99 ? null : median(delays.map(({ p99 }) => p99)),
      max: delays.length === 0 ? null : Math.max(...delays.map(({ max }) => max)),
    },
    cpu: median(samples.map(({ cpu }) => cpu)),
    busyShare: median(samples.map(({ busyShare }) => busyShare)),
    latency: spreadOf(latency),
  });
}

function spreadOf(metric: MetricResult | undefined): GeneratorFigures['lateness'] {
  return { p50: metric?.p50 ?? null, p99: metric?.p99 ?? null, max: metric?.max ?? null };
}

/** The worst of several: what holds for the run as a whole. */
export function worstGenerator(figures: readonly GeneratorFigures[]): GeneratorFigures {
  return {
    lateness: worstSpread(figures.map(({ lateness }) => lateness)),
    eventLoopDelay: worstSpread(figures.map(({ eventLoopDelay }) => eventLoopDelay)),
    cpu: largest(figures.map(({ cpu }) => cpu)),
    headroom: smallest(figures.map(({ headroom }) => headroom)),
    bound: figures.some(({ bound }) => bound),
    tailBound: figures.some(({ tailBound }) => tailBound),
  };
}

function worstSpread(spreads: readonly GeneratorFigures['lateness'][]): GeneratorFigures['lateness'] {
  return {
    p50: largest(spreads.map(({ p50 }) => p50)),
    p99: largest(spreads.map(({ p99 }) => p99)),
    max: largest(spreads.map(({ max }) => max)),
  };
}

function largest(values: readonly (number | null)[]): number | null {
  return values.reduce(
    (most, value) => (value !== null && (most === null || value > most) ? value : most),
    null,
  );
}

function smallest(values: readonly (number | null)[]): number | null {
  return values.reduce(
    (least, value) => (value !== null && (least === null || value < least) ? value : least),
    null,
  );
}

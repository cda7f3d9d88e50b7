import type { GeneratorSample } from '../load/protocol.js';
import { selectMetric } from '../measure/assemble.js';
import { type GeneratorJudgement, judgeGenerator } from '../measure/generator.js';
import { LEAST_SAMPLES_P99, median } from '../measure/statistics.js';
import type { GeneratorFigures, MetricResult } from '../results.js';

/** What the generator was while it measured one relay, over all its rounds. */
export function generatorOf(
  samples: readonly GeneratorSample[],
  metrics: readonly MetricResult[],
): GeneratorJudgement {
  const delays = samples.map(({ eventLoopDelayMs }) => eventLoopDelayMs);
  const delaySamples = delays.reduce((sum, { count }) => sum + count, 0);
  const latency = selectMetric(metrics, 'req.eose') ?? selectMetric(metrics, 'event.ok');
  return judgeGenerator({
    lateness: spreadOf(selectMetric(metrics, 'lateness')),
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

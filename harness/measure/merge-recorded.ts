import { LatencyHistogram } from './histogram.js';
import { labelKey } from './labels.js';
import type { RecordedMetric } from './recorder.js';

type Distribution = Extract<RecordedMetric, { shape: 'distribution' }>;

/**
 * What several recorders took in of one round, as one of them would have: samples and counts are added, and of
 * once-a-round values, which are rates over one window, the sum is taken. A rate over spans of its own is one over all of
 * them. A first sample is the first of its recorder: the largest is kept.
 */
export function mergeRecorded(parts: readonly (readonly RecordedMetric[])[]): RecordedMetric[] {
  const merged = new Map<string, RecordedMetric>();
  for (const one of parts.flat()) {
    const key = `${one.metric} ${labelKey(one.labels)}`;
    const before = merged.get(key);
    merged.set(key, before ? sum(before, one) : one);
  }
  return [...merged.values()];
}

function sum(a: RecordedMetric, b: RecordedMetric): RecordedMetric {
  if (a.shape === 'count' && b.shape === 'count') return { ...a, count: a.count + b.count };
  if (a.shape === 'round' && b.shape === 'round') return { ...a, value: a.value + b.value };
  if (a.shape === 'rate' && b.shape === 'rate') {
    return { ...a, amount: a.amount + b.amount, spans: [...a.spans, ...b.spans] };
  }
  if (a.shape === 'distribution' && b.shape === 'distribution') return sumOfSamples(a, b);
  throw new TypeError(`${a.metric} was recorded in two ways`);
}

function sumOfSamples(a: Distribution, b: Distribution): Distribution {
  const histogram = LatencyHistogram.decode(a.histogram);
  histogram.add(LatencyHistogram.decode(b.histogram));
  const firsts = [a.firstMs, b.firstMs].filter((ms) => ms !== undefined);
  return {
    ...a,
    count: a.count + b.count,
    sumMs: a.sumMs + b.sumMs,
    maxMs: Math.max(a.maxMs, b.maxMs),
    ...(firsts.length === 0 ? {} : { firstMs: Math.max(...firsts) }),
    histogram: histogram.encode(),
  };
}

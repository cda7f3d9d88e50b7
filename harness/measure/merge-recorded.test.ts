import { expect, test } from 'vitest';
import { assembleMetrics, selectMetric } from './assemble.js';
import { mergeRecorded } from './merge-recorded.js';
import { Recorder } from './recorder.js';

const LABELS = { client: 'reader', req: 'notes', phase: 'steady' };

/** What a recorder has that took in these latencies. */
function recorded(latencies: readonly number[], rate: number) {
  const recorder = new Recorder();
  for (const ms of latencies) recorder.record('req.eose', ms, LABELS);
  recorder.count('refused', {}, latencies.length);
  recorder.value('events.received.rate', rate);
  return recorder.snapshot();
}

test('what two recorders took in is what one of them would have', () => {
  const together = mergeRecorded([recorded([1, 2, 40], 100), recorded([3, 4], 50)]);
  const alone = recorded([1, 2, 40, 3, 4], 150);
  const figures = (metrics: typeof alone) => assembleMetrics([{ round: 1, recorded: metrics }]);
  expect(figures(together)).toEqual(figures(alone));
});

test('the slower of the first samples is kept, so that a warm-up shows', () => {
  const [merged] = mergeRecorded([recorded([1, 9], 0), recorded([7, 1], 0)]);
  expect(merged).toMatchObject({ metric: 'req.eose', firstMs: 7, count: 4 });
});

test('labels are kept apart', () => {
  const other = new Recorder();
  other.record('req.eose', 5, { ...LABELS, client: 'writer' });
  const metrics = assembleMetrics([
    { round: 1, recorded: mergeRecorded([recorded([1], 1), other.snapshot()]) },
  ]);
  expect(selectMetric(metrics, 'req.eose', { client: 'writer' })?.count).toBe(1);
  expect(selectMetric(metrics, 'req.eose')?.count).toBe(2);
});

test('a rate over spans of its own is one over the spans of all: loads one after another are no faster than each', () => {
  const http = (amount: number, fromS: number, toS: number) => {
    const recorder = new Recorder();
    recorder.rate('http.rate', amount, [{ fromNs: fromS * 1e9, toNs: toS * 1e9 }]);
    return recorder.snapshot();
  };
  const rate = (...parts: ReturnType<typeof http>[]) =>
    selectMetric(assembleMetrics([{ round: 1, recorded: mergeRecorded(parts) }]), 'http.rate')?.mean;
  expect(rate(http(100, 0, 1), http(100, 1, 2))).toBe(100);
  expect(rate(http(100, 0, 2), http(100, 0, 2))).toBe(100);
  expect(rate(http(100, 0, 2), http(50, 1, 3))).toBe(50);
  expect(rate(http(100, 0, 2), [])).toBe(50);
});

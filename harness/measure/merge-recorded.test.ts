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

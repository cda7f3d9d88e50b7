import { expect, test } from 'vitest';
import type { Results } from '../../harness/results.js';
import { distribution, sampleResults } from '../../tests/sample-results.js';
import { latencyCharts } from './chart-data.js';
import { timeCharts } from './time-charts.js';

function withMetric(samplesARound: number): Results {
  const results = sampleResults({ comparisons: [] });
  const metrics = [distribution('req.ttfe', 0.5, { perRound: samplesARound })];
  return { ...results, relays: results.relays.map((relay) => ({ ...relay, metrics })) };
}

function curve(results: Results) {
  const chart = latencyCharts(results)[0]?.charts.find(({ kind }) => kind === 'percentiles');
  return { chart, points: chart?.lines[0]?.points ?? [] };
}

test('a percentile curve says the same as the metric, in ms', () => {
  const results = sampleResults();
  const p50 = results.relays[0]?.metrics.find(({ metric }) => metric === 'req.ttfe')?.p50 ?? 0;
  const median = Number.parseFloat(curve(results).chart?.table.rows[0]?.[2] ?? '');
  expect(Math.abs(median - p50) / p50).toBeLessThan(0.01);
});

test('a curve never falls and ends where ten samples lie beyond it', () => {
  const { points } = curve(withMetric(100));
  const values = points.map(([, y]) => y);
  expect(values).toEqual(values.toSorted((x, y) => x - y));
  expect(points.at(-1)?.[0]).toBe(70);
});

test('percentiles that the contract does not print are dashes in the table of a chart', () => {
  const { chart } = curve(withMetric(20));
  const row = Object.fromEntries(
    (chart?.table.head ?? []).map((head, index) => [head, chart?.table.rows[0]?.[index]]),
  );
  expect(row).toMatchObject({ p90: expect.stringMatching(/ms$/), p95: '–', p99: '–' });
});

test('too few samples for a median make no curve, and a histogram that is not one does no harm', () => {
  expect(curve(withMetric(2)).chart).toBeUndefined();
  const results = withMetric(100);
  const broken = results.relays.map((relay) => ({
    ...relay,
    metrics: relay.metrics.map((metric) => ({ ...metric, histogram: 'bm90IGEgaGlzdG9ncmFt' })),
  }));
  expect(latencyCharts({ ...results, relays: broken })[0]?.charts.map(({ kind }) => kind)).toEqual([
    'rounds',
  ]);
});

test('the floor has no colour of its own, and a relay keeps its colour wherever the floor stands', () => {
  const results = sampleResults();
  const colours = (given: Results) =>
    latencyCharts(given)[0]?.charts[0]?.lines.map(({ relay, series }) => [relay, series]);
  expect(colours(results)).toEqual([
    ['streaming', 0],
    ['batched', 1],
    ['null', undefined],
  ]);
  expect(colours({ ...results, relays: results.relays.toReversed() })).toContainEqual(['null', undefined]);
});

test('long series are thinned and keep their ends', () => {
  const results = sampleResults();
  const atMs = Array.from({ length: 5000 }, (_, index) => index);
  const series = [{ metric: 'memory.rss', unit: 'bytes', round: 1, atMs, value: atMs.map((at) => at * 10) }];
  const [chart] = timeCharts({ ...results, relays: results.relays.map((relay) => ({ ...relay, series })) });
  const points = chart?.lines[0]?.points ?? [];
  expect(points.length).toBeLessThanOrEqual(120);
  expect([points[0], points.at(-1)]).toEqual([
    [0, 0],
    [4999, 49_990],
  ]);
});

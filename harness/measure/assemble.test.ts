import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assembleMetrics, type RoundRecording, selectMetric } from './assemble.js';
import { LatencyHistogram } from './histogram.js';
import { Recorder, type SampleLabels } from './recorder.js';

function recording(round: number, take: (recorder: Recorder) => void): RoundRecording {
  const recorder = new Recorder();
  take(recorder);
  return { round, recorded: recorder.snapshot() };
}

function samples(round: number, values: readonly (readonly [number, SampleLabels])[]): RoundRecording {
  return recording(round, (recorder) => {
    for (const [ms, labels] of values) recorder.record('req.eose', ms, labels);
  });
}

const timeline = { client: 'reader', req: 'timeline', phase: 'steady' };
const profile = { client: 'reader', req: 'profile', phase: 'steady' };
const search = { client: 'searcher', req: 'timeline', phase: 'steady' };

describe('assembleMetrics', () => {
  it('has the whole, one entry for each client and req, and each full set of labels', () => {
    const metrics = assembleMetrics([
      samples(1, [
        [1, timeline],
        [2, profile],
        [3, search],
      ]),
    ]);
    expect(metrics.map(({ labels, count }) => [labels, count])).toEqual([
      [{}, 3],
      [{ client: 'reader' }, 2],
      [{ client: 'searcher' }, 1],
      [{ req: 'timeline' }, 2],
      [{ req: 'profile' }, 1],
      [timeline, 1],
      [profile, 1],
      [search, 1],
    ]);
  });

  it('adds phases, and client with req over phases, only where there are several phases', () => {
    const metrics = assembleMetrics([
      samples(1, [
        [1, timeline],
        [2, profile],
        [3, { ...timeline, phase: 'rush' }],
      ]),
    ]);
    const labels = metrics.map((entry) => entry.labels);
    expect(labels).toContainEqual({ phase: 'steady' });
    expect(labels).not.toContainEqual({ client: 'reader', req: 'timeline' });
    expect(selectMetric(metrics, 'req.eose', { client: 'reader', req: 'timeline' })?.count).toBe(2);
    expect(selectMetric(metrics, 'req.eose', { phase: 'rush' })?.count).toBe(1);
  });

  it('pools rounds and snapshots without loss, with exact mean and max', () => {
    const metrics = assembleMetrics([
      {
        round: 1,
        recorded: [...samples(1, [[1, timeline]]).recorded, ...samples(1, [[2, timeline]]).recorded],
      },
      samples(2, [[6.00001, timeline]]),
    ]);
    const whole = selectMetric(metrics, 'req.eose');
    expect(whole).toMatchObject({ unit: 'ms', count: 3, p50: 2, max: 6.00001 });
    expect(whole?.mean).toBeCloseTo(3.00000333, 8);
    expect(LatencyHistogram.decode(whole?.histogram ?? '').count).toBe(3);
    expect(whole?.perRound).toEqual([
      { round: 1, count: 2, mean: 1.5, p50: 1, p90: null, p99: null },
      { round: 2, count: 1, mean: 6.00001, p50: 6.00001, p90: null, p99: null },
    ]);
  });

  it.each([
    [99, false, false],
    [100, true, false],
    [999, true, false],
    [1000, true, true],
  ])('prints p90 from 100 and p99 from 1,000 samples pooled over rounds (%i)', (count, p90, p99) => {
    const half = Math.floor(count / 2);
    const of = (n: number) => Array.from({ length: n }, (_, i) => [i + 1, timeline] as const);
    const whole = selectMetric(
      assembleMetrics([samples(1, of(half)), samples(2, of(count - half))]),
      'req.eose',
    );
    for (const figures of [whole, ...(whole?.perRound ?? [])]) {
      expect(figures?.p50).not.toBeNull();
      expect(figures?.p90 !== null).toBe(p90);
      expect(figures?.p99 !== null).toBe(p99);
    }
  });

  it('never has a percentile above the maximum', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e5, noNaN: true }), { minLength: 100, maxLength: 120 }),
        (values) => {
          const [whole] = assembleMetrics([
            samples(
              1,
              values.map((ms) => [ms, timeline] as const),
            ),
          ]);
          expect(whole?.p90 ?? Number.NaN).toBeLessThanOrEqual(whole?.max ?? Number.NaN);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('takes a once-a-round metric as one sample a round', () => {
    const metrics = assembleMetrics([
      recording(1, (recorder) => recorder.value('memory.rss.peak', 100)),
      recording(2, (recorder) => recorder.value('memory.rss.peak', 300)),
      recording(3, () => {}),
    ]);
    expect(metrics).toEqual([
      {
        metric: 'memory.rss.peak',
        labels: {},
        unit: 'bytes',
        count: 2,
        mean: 200,
        p50: 200,
        p90: null,
        p99: null,
        max: 300,
        perRound: [
          { round: 1, count: 1, mean: 100, p50: 100, p90: null, p99: null },
          { round: 2, count: 1, mean: 300, p50: 300, p90: null, p99: null },
          { round: 3, count: 0, mean: null, p50: null, p90: null, p99: null },
        ],
      },
    ]);
  });

  it('refuses two values of a once-a-round metric in a round: neither would be the right one', () => {
    const twice = recording(1, (recorder) => recorder.value('cpu.time', 1)).recorded;
    expect(() => assembleMetrics([{ round: 1, recorded: [...twice, ...twice] }])).toThrow(RangeError);
  });

  it('adds up exact counts, zero included', () => {
    const metrics = assembleMetrics([
      recording(1, (recorder) => recorder.count('refused', timeline, 2)),
      recording(2, (recorder) => {
        recorder.count('refused', search, 3);
        recorder.count('lost', {}, 0);
      }),
    ]);
    expect(selectMetric(metrics, 'refused')).toMatchObject({ count: 5, p50: null, mean: null });
    expect(selectMetric(metrics, 'refused')?.perRound.map(({ count }) => count)).toEqual([2, 3]);
    expect(selectMetric(metrics, 'refused', { client: 'searcher' })?.count).toBe(3);
    expect(selectMetric(metrics, 'lost')).toMatchObject({ count: 0 });
  });
});

describe('selectMetric', () => {
  it('finds exactly the samples that have the labels, for every set of labels that was recorded', () => {
    const label = (prefix: string) => fc.integer({ min: 0, max: 1 }).map((n) => `${prefix}${n}`);
    const labels = fc.record({
      client: label('c'),
      req: fc.option(label('r'), { nil: undefined }),
      phase: label('p'),
    });
    fc.assert(
      fc.property(
        fc.array(labels, { minLength: 1, maxLength: 12 }),
        labels,
        fc.subarray(['client', 'req', 'phase'] as const),
        (recorded, one, names) => {
          const metrics = assembleMetrics([
            recording(1, (recorder) => {
              for (const each of recorded) recorder.count('refused', each);
            }),
          ]);
          const wanted = Object.fromEntries(
            names.flatMap((name) => (one[name] === undefined ? [] : [[name, one[name]]])),
          );
          const expected = recorded.filter((each) =>
            Object.entries(wanted).every(([name, value]) => each[name as 'req'] === value),
          );
          expect(selectMetric(metrics, 'refused', wanted)?.count ?? 0).toBe(expected.length);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('tells a count without labels from those with the labels', () => {
    const metrics = assembleMetrics([
      recording(1, (recorder) => {
        recorder.count('refused', {}, 5);
        recorder.count('refused', { client: 'reader', req: 'timeline', phase: 'steady' });
      }),
    ]);
    expect(selectMetric(metrics, 'refused')?.count).toBe(6);
    for (const labels of [{ phase: 'steady' }, { client: 'reader', phase: 'steady' }, { req: 'timeline' }]) {
      expect(selectMetric(metrics, 'refused', labels)?.count).toBe(1);
    }
  });

  it('finds nothing for labels or metrics that were not measured', () => {
    const metrics = assembleMetrics([samples(1, [[1, timeline]])]);
    expect(selectMetric(metrics, 'req.eose', { req: 'other' })).toBeUndefined();
    expect(selectMetric(metrics, 'req.eose', { req: 'timeline', client: 'searcher' })).toBeUndefined();
    expect(selectMetric(metrics, 'req.ttfe')).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { LatencyHistogram } from './histogram.js';
import { Recorder } from './recorder.js';

const reader = { client: 'reader', phase: 'steady' };

describe('Recorder', () => {
  it('keeps samples apart by metric and by every label', () => {
    const recorder = new Recorder();
    recorder.record('req.eose', 1, { ...reader, req: 'timeline' });
    recorder.record('req.eose', 2, { ...reader, req: 'profile' });
    recorder.record('req.eose', 3, { client: 'writer', phase: 'steady', req: 'timeline' });
    recorder.record('req.eose', 4, { client: 'reader', phase: 'rush', req: 'timeline' });
    recorder.record('req.ttfe', 5, { ...reader, req: 'timeline' });
    expect(recorder.snapshot().map((one) => [one.metric, one.labels, 'sumMs' in one && one.sumMs])).toEqual([
      ['req.eose', { client: 'reader', phase: 'steady', req: 'timeline' }, 1],
      ['req.eose', { client: 'reader', phase: 'steady', req: 'profile' }, 2],
      ['req.eose', { client: 'reader', phase: 'rush', req: 'timeline' }, 4],
      ['req.eose', { client: 'writer', phase: 'steady', req: 'timeline' }, 3],
      ['req.ttfe', { client: 'reader', phase: 'steady', req: 'timeline' }, 5],
    ]);
  });

  it('keeps the sum and the largest sample exactly, beside the histogram', () => {
    const recorder = new Recorder();
    for (const ms of [1.2345678, 1000.0004, 0.0001]) recorder.record('connect', ms, reader);
    const [recorded] = recorder.snapshot();
    if (recorded?.shape !== 'distribution') throw new Error('not a distribution');
    expect(recorded).toMatchObject({ count: 3, maxMs: 1000.0004 });
    expect(recorded.sumMs).toBeCloseTo(1001.2350678, 9);
    expect(LatencyHistogram.decode(recorded.histogram).count).toBe(3);
  });

  it('adds up counts, and tells a count of none from one that was not taken', () => {
    const recorder = new Recorder();
    recorder.count('lost', {}, 0);
    recorder.count('refused', reader);
    recorder.count('refused', reader, 4);
    expect(recorder.snapshot()).toEqual([
      { shape: 'count', metric: 'lost', labels: {}, count: 0 },
      { shape: 'count', metric: 'refused', labels: reader, count: 5 },
    ]);
  });

  it('has one value a round for a once-a-round metric: the latest', () => {
    const recorder = new Recorder();
    recorder.value('events.received.rate', 10);
    recorder.value('events.received.rate', 12);
    expect(recorder.snapshot()).toEqual([
      { shape: 'round', metric: 'events.received.rate', labels: {}, value: 12 },
    ]);
  });

  it('gives snapshots that survive JSON unchanged', () => {
    const recorder = new Recorder();
    recorder.record('req.eose', 1, reader);
    recorder.count('refused', { ...reader, req: undefined });
    const snapshot = recorder.snapshot();
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
    expect(Object.keys(snapshot[1]?.labels ?? {})).toEqual(['client', 'phase']);
  });

  it('counts a sample before its due time as 0', () => {
    const recorder = new Recorder();
    recorder.record('lateness', -0.3, reader);
    expect(recorder.snapshot()).toMatchObject([{ count: 1, sumMs: 0, maxMs: 0 }]);
  });
});

import { describe, expect, it } from 'vitest';
import { parseComparedTerm } from '../gates/term.js';
import { assembleMetrics } from '../measure/assemble.js';
import { Recorder } from '../measure/recorder.js';
import { compareRelays, comparisonCount, roundsForVerdicts } from './compare.js';

/** A relay whose REQs take `ms`, some more in every later round. */
function relay(name: string, ms: number, rounds = 7) {
  return {
    name,
    metrics: assembleMetrics(
      Array.from({ length: rounds }, (_, index) => {
        const recorder = new Recorder();
        recorder.record('req.eose', ms + index / 100, { client: 'reader', req: 'timeline', phase: 'steady' });
        recorder.record('req.eose', 10 * ms, { client: 'reader', req: 'search', phase: 'steady' });
        return { round: index + 1, recorded: recorder.snapshot() };
      }),
    ),
  };
}

const timeline = parseComparedTerm('req.eose{req=timeline}.p50');

describe('compareRelays', () => {
  it('compares every pair of relays by every figure, never the null relay', () => {
    const relays = [relay('streaming', 2), relay('null', 0.2), relay('batched', 3), relay('mine', 3)];
    const comparisons = compareRelays([timeline, parseComparedTerm('req.eose.mean')], relays);
    expect(comparisons.map(({ a, b, statistic }) => [a, b, statistic])).toEqual([
      ['streaming', 'batched', 'p50'],
      ['streaming', 'mine', 'p50'],
      ['batched', 'mine', 'p50'],
      ['streaming', 'batched', 'mean'],
      ['streaming', 'mine', 'mean'],
      ['batched', 'mine', 'mean'],
    ]);
  });

  it('takes the samples with the labels, and the null relay as the floor', () => {
    const [comparison] = compareRelays(
      [timeline],
      [relay('streaming', 2), relay('null', 0.2), relay('batched', 3)],
    );
    expect(comparison).toMatchObject({
      metric: 'req.eose',
      labels: { req: 'timeline' },
      pairs: 7,
      verdict: 'a-lower',
    });
    expect(comparison?.difference).toBeCloseTo(-1, 2);
    const unsteady = { ...relay('null', 1), metrics: relay('null', 1).metrics.map(unsteadyRounds) };
    expect(compareRelays([timeline], [relay('streaming', 2), unsteady, relay('batched', 3)])).toMatchObject([
      { verdict: 'not-measurable' },
    ]);
  });

  it('shares the error rate among all comparisons of the run', () => {
    const three = [relay('a', 1), relay('b', 2), relay('c', 3)];
    expect(compareRelays([timeline, timeline], three)[0]).toMatchObject({ verdict: 'not-measurable' });
    expect(comparisonCount(2, ['streaming', 'null', 'batched'])).toBe(2);
    expect(comparisonCount(2, ['a', 'b', 'c'])).toBe(6);
    expect(roundsForVerdicts(2, ['streaming', 'batched', 'null'])).toBe(7);
    expect(roundsForVerdicts(2, ['a', 'b', 'c'])).toBe(8);
  });

  it('says why a pair is spoiled, and what was not measured', () => {
    const relays = [relay('streaming', 2), relay('batched', 3)];
    const spoiled = (a: string, b: string) => `${a} and ${b} gave different answers`;
    expect(compareRelays([timeline], relays, { spoiled })[0]?.reason).toBe(
      'streaming and batched gave different answers',
    );
    expect(compareRelays([parseComparedTerm('req.ttfe')], relays)[0]).toMatchObject({
      pairs: 0,
      ratio: null,
    });
  });
});

function unsteadyRounds<T extends { perRound: { round: number; p50: number | null }[] }>(entry: T): T {
  return { ...entry, perRound: entry.perRound.map((round) => ({ ...round, p50: round.round })) };
}

import { describe, expect, it } from 'vitest';
import { sampleResults } from '../../tests/sample-results.js';
import { assembleMetrics } from '../measure/assemble.js';
import { Recorder } from '../measure/recorder.js';
import type { RelayResult, Results } from '../results.js';
import { baselineFor } from './baseline.js';
import { evaluateGates } from './evaluate.js';
import type { GatedResults } from './figure.js';
import { parseGate } from './parse.js';

const calm = {
  lateness: { p50: null, p99: null, max: null },
  eventLoopDelay: { p50: null, p99: null, max: null },
  cpu: null,
  headroom: null,
  bound: false,
  tailBound: false,
};

/** A relay that has these REQ latencies, one in each round. */
function relay(name: string, eoseMs: readonly number[], more: Partial<RelayResult> = {}): RelayResult {
  const metrics = assembleMetrics(
    eoseMs.map((ms, index) => {
      const recorder = new Recorder();
      recorder.record('req.eose', ms, { client: 'reader', req: 'timeline', phase: 'steady' });
      recorder.value('memory.rss.peak', ms * 2 ** 20);
      recorder.value('bytes.received.rate', ms * 2 ** 20);
      recorder.count('refused', {}, index === 0 ? 2 : 0);
      recorder.count('late', {}, 0);
      return { round: index + 1, recorded: recorder.snapshot() };
    }),
  );
  return {
    name,
    status: 'ok',
    target: { kind: 'builtin' },
    metrics,
    series: [],
    conformance: { checked: 12, failed: 0, checks: [] },
    ...more,
  };
}

function evaluate(
  rule: string,
  relays: readonly RelayResult[],
  harness: Partial<GatedResults['harness']> = {},
  warnings: GatedResults['warnings'] = [],
) {
  const [result] = evaluateGates([parseGate(rule)], {
    relays: [...relays],
    harness: { ...calm, perRelay: [], ...harness },
    warnings,
  });
  return result;
}

const fiveToTen = [5, 6, 7, 8, 9, 10];

describe('a figure that a warning spoils', () => {
  const spoiling = (...spoils: string[]) => [{ code: 'delayed-ack', text: 'the 40 ms timer', spoils }];
  const result = (rule: string, ...spoils: string[]) =>
    evaluate(rule, [relay('mine', fiveToTen)], {}, spoiling(...spoils));

  it.each([
    ['its relay', 'mine'],
    ['its metric', 'mine:req.eose'],
    ['the figure itself', 'mine:req.eose.p50'],
  ])('is neither passed nor failed: %s', (_, spoiled) => {
    for (const rule of ['req.eose < 11ms', 'req.eose < 5ms']) {
      expect(result(rule, spoiled)).toMatchObject({
        result: 'not-measurable',
        actual: 'mine: the 40 ms timer',
      });
    }
  });

  it.each([
    ['another relay', 'other:req.eose'],
    ['another metric', 'mine:req.ttfe'],
    ['another statistic', 'mine:req.eose.mean'],
    ['another REQ', 'mine:req.eose{req=timeline}'],
  ])('is another’s affair: %s', (_, spoiled) => {
    expect(result('req.eose < 11ms', spoiled)?.result).toBe('passed');
  });

  it('is neither passed nor failed by other load, however small it is with it', () => {
    const load = [{ code: 'machine-load', text: 'other load', spoils: ['mine'] }];
    for (const rule of ['req.eose < 11ms', 'req.eose < 5ms', 'req.eose > 4ms']) {
      expect(evaluate(rule, [relay('mine', fiveToTen)], {}, load)?.result).toBe('not-measurable');
    }
  });

  it('leaves exact counts of what was refused as they are', () => {
    expect(result('conformance.failed = 0', 'mine')?.result).toBe('passed');
  });
});

describe('a gate on a sampled figure', () => {
  it.each([
    ['req.eose < 11ms', 'passed'],
    ['req.eose < 10ms', 'not-measurable'],
    ['req.eose <= 10ms', 'passed'],
    ['req.eose < 5ms', 'failed'],
    ['req.eose <= 5ms', 'not-measurable'],
    ['req.eose > 4ms', 'passed'],
    ['req.eose > 5ms', 'not-measurable'],
    ['req.eose >= 5ms', 'passed'],
    ['req.eose > 10ms', 'failed'],
    ['memory.rss.peak < 11MiB', 'passed'],
    ['memory.rss.peak < 7MiB', 'not-measurable'],
  ])('goes by where the interval over the rounds lies: %s is %s', (rule, result) => {
    expect(evaluate(rule, [relay('mine', fiveToTen)])?.result).toBe(result);
  });

  it('says what was measured, with the interval', () => {
    expect(evaluate('req.eose{req=timeline} < 11ms', [relay('mine', fiveToTen)])).toEqual({
      rule: 'req.eose{req=timeline} < 11ms',
      result: 'passed',
      actual: 'mine: 7.5 ms, 95 % interval 5 ms to 10 ms over 6 rounds',
    });
  });

  it('is not measurable with fewer rounds than the interval takes, however clear it looks', () => {
    expect(evaluate('req.eose < 1s', [relay('mine', [5])])).toMatchObject({
      result: 'not-measurable',
      actual: 'mine: 5 ms, but an interval takes 6 rounds and 1 has this figure',
    });
  });

  it('is not measurable where there are too few samples for the percentile, or none with the labels', () => {
    expect(evaluate('req.eose.p99 < 1s', [relay('mine', fiveToTen)])).toMatchObject({
      result: 'not-measurable',
      actual: 'mine: too few samples for p99',
    });
    expect(evaluate('req.eose{req=other} < 1s', [relay('mine', fiveToTen)])?.actual).toContain('no req.eose');
  });

  it('is not measurable where the generator was saturated with that relay', () => {
    const relays = [relay('mine', fiveToTen), relay('other', fiveToTen)];
    const harness = {
      bound: true,
      perRelay: [
        { relay: 'mine', ...calm },
        { relay: 'other', ...calm, bound: true },
      ],
    };
    expect(evaluate('mine:req.eose < 1s', relays, harness)?.result).toBe('passed');
    expect(evaluate('other:req.eose < 1s', relays, harness)).toMatchObject({
      result: 'not-measurable',
      actual: 'other: harness-bound: the generator was saturated',
    });
    expect(evaluate('other:late = 0', relays, harness)?.result).toBe('not-measurable');
    expect(evaluate('mine:req.eose < 1s', relays, { bound: true })?.result).toBe('not-measurable');
  });
});

describe('a gate on a figure of which only the tail is the generator’s', () => {
  const late = { tailBound: true };

  it('stands for the median', () => {
    expect(evaluate('req.eose < 1s', [relay('mine', fiveToTen)], late)?.result).toBe('passed');
    expect(evaluate('req.eose < 1ms', [relay('mine', fiveToTen)], late)?.result).toBe('failed');
  });

  it('decides nothing on the tail', () => {
    for (const rule of ['req.eose.mean < 1s', 'req.eose.mean < 1ms', 'req.eose.mean > 1ms']) {
      expect(evaluate(rule, [relay('mine', fiveToTen)], late)?.result).toBe('not-measurable');
    }
  });
});

describe('a gate on an exact count', () => {
  it('is decided as it is, with one round and with a saturated generator', () => {
    const harness = { bound: true };
    expect(evaluate('refused = 2', [relay('mine', [5])], harness)).toMatchObject({
      result: 'passed',
      actual: 'mine: 2',
    });
    expect(evaluate('refused < 2', [relay('mine', [5])], harness)?.result).toBe('failed');
    expect(evaluate('req.eose.count >= 6', [relay('mine', fiveToTen)])?.result).toBe('passed');
  });

  it('holds failed checks against the conformance report', () => {
    const failing = relay('mine', [5], { conformance: { checked: 12, failed: 1, checks: [] } });
    expect(evaluate('conformance.failed = 0', [relay('mine', [5])])?.result).toBe('passed');
    expect(evaluate('conformance.failed = 0', [failing])).toMatchObject({
      result: 'failed',
      actual: 'mine: 1 of 12 checks failed',
    });
  });

  it('says which failed checks it leaves out', () => {
    const [check] = sampleResults().relays[0]?.conformance?.checks ?? [];
    if (!check) throw new Error('the sample has checks');
    const light = { ...check, level: 'SHOULD' as const, result: 'failed' as const };
    const gate = (checks: (typeof light)[]) =>
      evaluate('conformance.failed = 0', [
        relay('mine', [5], { conformance: { checked: 12, failed: 0, checks } }),
      ]);
    expect(gate([light])).toEqual({
      rule: 'conformance.failed = 0',
      result: 'passed',
      actual: 'mine: 0 of 12 checks failed, 1 more of level SHOULD, which counts with --strict',
    });
    expect(gate([light, light])?.actual).toContain('2 more of level SHOULD, which count with --strict');
  });

  it('has not passed where nothing was checked or counted', () => {
    const unchecked = relay('mine', [5], { conformance: null });
    const idle = relay('mine', [5], { conformance: { checked: 0, failed: 0, checks: [] } });
    for (const one of [unchecked, idle]) {
      expect(evaluate('conformance.failed = 0', [one])?.result).toBe('not-measurable');
    }
    expect(evaluate('lost = 0', [relay('mine', [5])])?.result).toBe('not-measurable');
  });
});

describe('a gate without a relay', () => {
  it('holds for each but null, and the worst decides and is named', () => {
    const relays = [relay('null', [90, 90, 90, 90, 90, 90]), relay('fast', fiveToTen)];
    const slow = relay(
      'slow',
      fiveToTen.map((ms) => 10 * ms),
    );
    expect(evaluate('req.eose < 20ms', relays)?.result).toBe('passed');
    expect(evaluate('req.eose < 20ms', [...relays, slow])).toMatchObject({
      result: 'failed',
      actual: 'slow: 75 ms, 95 % interval 50 ms to 100 ms over 6 rounds',
    });
    expect(evaluate('req.eose < 60ms', [...relays, slow])).toMatchObject({ result: 'not-measurable' });
  });

  it('is not measurable where there is no relay to hold it against', () => {
    expect(evaluate('lost = 0', [relay('null', [1])])?.result).toBe('not-measurable');
    expect(evaluate('gone:lost = 0', [relay('mine', [1])])?.actual).toBe('gone was not measured');
  });
});

describe('a relay that did not finish', () => {
  it('can fail a gate but not pass one', () => {
    const died = relay('mine', fiveToTen, { status: 'died' });
    expect(evaluate('req.eose < 1ms', [died])?.result).toBe('failed');
    expect(evaluate('req.eose < 1s', [died])).toMatchObject({ result: 'not-measurable' });
    expect(evaluate('req.eose < 1s', [died])?.actual).toContain('did not finish (died)');
  });
});

const times = (values: readonly number[], factor: number) => values.map((value) => value * factor);
const sameWork = { work: { judged: 12, equal: 12, connectionsLost: 0 } };

describe('a gate between relays of a run', () => {
  const pair = (factor: number, more: Partial<RelayResult> = {}) => [
    relay('slow', times(fiveToTen, factor), { ...sameWork, ...more }),
    relay('fast', fiveToTen, sameWork),
  ];

  it.each([
    ['slow:req.eose <= 1.5 * fast:req.eose', 1.4, 'passed'],
    ['slow:req.eose <= 1.5 * fast:req.eose', 1.6, 'failed'],
    ['slow:req.eose >= 1.5 * fast:req.eose', 1.6, 'passed'],
    ['slow:memory.rss.peak < 1 * fast:memory.rss.peak', 0.5, 'passed'],
    ['slow:refused <= 1 * fast:refused', 2, 'passed'],
    ['slow:refused < 1 * fast:refused', 2, 'failed'],
  ])(
    'goes by the ratio of each round, whatever the rounds themselves do: %s at %d is %s',
    (rule, factor, result) => {
      expect(evaluate(rule, pair(factor))?.result).toBe(result);
    },
  );

  it('says the ratio and its interval, and needs enough rounds', () => {
    expect(evaluate('slow:req.eose <= 1.5 * fast:req.eose', pair(1.4))?.actual).toBe(
      'slow: 1.40 times that of fast, 95 % interval 1.40 to 1.40 over 6 rounds',
    );
    const few = [relay('slow', [5, 6], sameWork), relay('fast', [5, 6], sameWork)];
    expect(evaluate('slow:req.eose <= 1.5 * fast:req.eose', few)).toMatchObject({ result: 'not-measurable' });
  });

  it('is not measurable where the interval holds the factor', () => {
    const crossing = [
      relay('slow', [6, 6, 6, 9, 9, 9], sameWork),
      relay('fast', [5, 5, 5, 5, 5, 5], sameWork),
    ];
    expect(evaluate('slow:req.eose <= 1.5 * fast:req.eose', crossing)?.result).toBe('not-measurable');
  });

  it('without a relay on the right means the same relay', () => {
    const own = evaluate('req.eose{req=timeline} <= 1 * req.eose', [relay('one', fiveToTen)]);
    expect(own).toMatchObject({ result: 'passed', actual: expect.stringContaining('that of one') });
  });

  it('never compares the speed of wrong answers, of unequal work, or of a saturated generator', () => {
    const rule = 'slow:req.eose <= 1.5 * fast:req.eose';
    const wrong = pair(1, { work: { judged: 12, equal: 11, connectionsLost: 0 } });
    expect(evaluate(rule, wrong)).toMatchObject({
      result: 'not-measurable',
      actual: expect.stringContaining('1 of the 12 answers of slow'),
    });
    const lost = pair(1, { work: { judged: 12, equal: 12, connectionsLost: 1 } });
    expect(evaluate(rule, lost)?.result).toBe('not-measurable');
    const bytes = 'slow:bytes.received.rate <= 1.5 * fast:bytes.received.rate';
    expect(evaluate(bytes, wrong)?.result).toBe('not-measurable');
    // Memory is not a speed.
    expect(evaluate('slow:memory.rss.peak <= 1.5 * fast:memory.rss.peak', wrong)?.result).toBe('passed');
    expect(evaluate(rule, pair(1), { perRelay: [{ relay: 'fast', ...calm, bound: true }] })?.result).toBe(
      'not-measurable',
    );
    expect(evaluate('slow:req.eose <= 1.5 * gone:req.eose', pair(1))?.actual).toBe(
      'slow: gone was not measured',
    );
  });
});

describe('a gate against a baseline', () => {
  const question = {
    scenario: { name: 's', seed: 1, epoch: '2026-01-01', planFingerprint: 'a'.repeat(64) },
    corpus: { events: 1, fingerprint: 'b'.repeat(64) },
    environment: { reqbench: '1', node: 'v20', os: 'Linux', cpu: 'c', cores: 2, flags: [] },
  };
  const saved = (eoseMs: readonly number[], more: Partial<typeof question> = {}): Results => ({
    ...sampleResults(),
    ...question,
    ...more,
    warnings: [],
    harness: { ...calm, perRelay: [] },
    relays: [relay('mine', eoseMs, sameWork)],
  });
  const gate = (rule: string, now: readonly number[], before: Results) =>
    evaluateGates(
      [parseGate(rule)],
      { relays: [relay('mine', now, sameWork)], harness: { ...calm, perRelay: [] }, warnings: [] },
      baselineFor({ ...question, workers: 1 }, before, 'b.json'),
    )[0];

  it.each([
    [1.02, 'passed'],
    [1.3, 'failed'],
    [1.1, 'not-measurable'],
  ])('goes by the ratio of the two runs: %d is %s', (factor, result) => {
    const steady = [5, 5.02, 5.04, 5.06, 5.08, 5.1];
    expect(gate('req.eose <= baseline + 10%', times(steady, factor), saved(steady))?.result).toBe(result);
  });

  it('holds exact counts and shares below as they are', () => {
    expect(gate('refused <= baseline + 0%', fiveToTen, saved(fiveToTen))?.result).toBe('passed');
    expect(gate('refused <= baseline - 50%', fiveToTen, saved(fiveToTen))?.result).toBe('failed');
  });

  it('is not measurable on the timings of another machine; memory is', () => {
    const elsewhere = saved(fiveToTen, { environment: { ...question.environment, cpu: 'other' } });
    expect(gate('req.eose <= baseline + 10%', fiveToTen, elsewhere)).toMatchObject({
      result: 'not-measurable',
      actual: expect.stringContaining('another machine (other, 2 cores, Linux)'),
    });
    expect(gate('memory.rss.peak <= baseline + 300%', fiveToTen, elsewhere)?.result).toBe('passed');
  });

  it('is not measurable for a relay that the baseline lacks, or with too few rounds', () => {
    const other = { ...saved(fiveToTen), relays: [relay('other', fiveToTen)] };
    expect(gate('req.eose <= baseline + 10%', fiveToTen, other)?.actual).toContain('no relay of this name');
    expect(gate('memory.rss.peak <= baseline + 10%', fiveToTen, saved([5, 5]))?.actual).toContain(
      'takes 4 each',
    );
  });

  it('refuses a baseline of another question, and says all that differs', () => {
    const another = saved(fiveToTen, {
      scenario: { ...question.scenario, name: 't', planFingerprint: 'c'.repeat(64) },
    });
    expect(() => baselineFor({ ...question, workers: 1 }, another, 'b.json')).toThrow(
      /b\.json: the scenario of the baseline is "t", and this run's is "s"[\s\S]*the plan of the baseline is cccccccccccc…/,
    );
  });

  it('refuses a baseline of another number of load workers, and says both', () => {
    expect(() => baselineFor({ ...question, workers: 2 }, saved(fiveToTen), 'b.json')).toThrow(
      "b.json: the number of load workers of the baseline is 1, and this run's is 2",
    );
  });

  it('is never passed over in silence where there is none', () => {
    expect(() => evaluate('req.eose <= baseline + 10%', [relay('mine', [5])])).toThrow(TypeError);
  });
});

import { expect, test } from 'vitest';
import { sampleResults } from '../../tests/sample-results.js';
import { type Results, resultsSchema } from '../results.js';
import { combineSweep } from './combine-sweep.js';

function at(value: string, change: (results: Results) => Partial<Results> = () => ({})) {
  const results = sampleResults();
  return { value, folder: `x-${value}`, results: { ...results, ...change(results) } };
}

const WHOLE = { isComplete: true, strict: false };

test('a sweep has the figures of every value, without what makes files large, and is a valid results file', () => {
  const all = combineSweep('seed', [at('1'), at('2')], WHOLE);
  expect(resultsSchema.parse(all)).toEqual(all);
  expect(all.sweep?.points.map(({ value, folder }) => [value, folder])).toEqual([
    ['1', 'x-1'],
    ['2', 'x-2'],
  ]);
  for (const { relays } of all.sweep?.points ?? []) {
    expect(relays.map(({ name }) => name)).toEqual(all.relays.map(({ name }) => name));
    const [metric] = relays[0]?.metrics ?? [];
    expect(metric?.p50).toBe(all.relays[0]?.metrics[0]?.p50);
    expect(Object.keys(metric ?? {})).not.toContain('histogram');
    expect(Object.keys(metric ?? {})).not.toContain('perRound');
  }
});

test('what went wrong at an earlier value is not lost: checks, gates, warnings, relays that died', () => {
  const early = at('1', ({ relays, gates }) => ({
    warnings: [{ code: 'attached', text: 'only once', spoils: ['streaming'] }],
    gates: [{ rule: 'refused = 0', result: 'failed', actual: '3' }, ...gates],
    relays: relays.map((relay, index) =>
      index > 0
        ? relay
        : {
            ...relay,
            status: 'died',
            error: { message: 'gone', logTail: [] },
            conformance: relay.conformance && {
              ...relay.conformance,
              checks: relay.conformance.checks.map((check) => ({
                ...check,
                level: 'MUST' as const,
                result: 'failed' as const,
                seen: 5,
                failedCases: 5,
              })),
            },
          },
    ),
  }));
  const all = combineSweep('seed', [early, at('2')], WHOLE);
  const [first] = all.relays;
  expect(first).toMatchObject({ status: 'died', error: { message: 'gone' } });
  expect(first?.conformance?.failed).toBeGreaterThan(0);
  expect(all.gates[0]).toEqual({ rule: 'refused = 0 at seed = 1', result: 'failed', actual: '3' });
  expect(all.warnings[0]).toMatchObject({ text: 'at seed = 1: only once', spoils: [] });
});

test('a sweep of which values are left is not complete', () => {
  expect(combineSweep('seed', [at('1')], { ...WHOLE, isComplete: false }).complete).toBe(false);
  expect(combineSweep('seed', [at('1', () => ({ complete: false })), at('2')], WHOLE).complete).toBe(false);
});

import { describe, expect, it } from 'vitest';
import { compareWithBaseline, MICRO_SCHEMA, type MicroResults, samplesFor } from './baseline.js';

const around = (ns: number, count = 10) =>
  Array.from({ length: count }, (_, index) => ns * (1 + 0.002 * (index - count / 2)));

function compared(now: readonly number[], before: readonly number[]) {
  const baseline: MicroResults = {
    schema: MICRO_SCHEMA,
    reqbench: '0',
    node: 'v20',
    cpu: 'one',
    measuredAt: '',
    cases: [{ name: 'match', what: '', nsPerCall: [...before] }],
  };
  return compareWithBaseline([{ name: 'match', what: '', nsPerCall: now }], baseline)[0];
}

describe('a case against its baseline', () => {
  it.each([
    ['slower', 120],
    ['faster', 80],
    ['equivalent', 101],
    ['undecided', 105],
  ])('is %s', (verdict, ns) => {
    const found = compared(around(ns), around(100));
    expect(found?.verdict).toBe(verdict);
    expect(found?.ratio).toBeCloseTo(ns / 100, 1);
  });

  it('has no verdict with too few samples, however far apart', () => {
    expect(compared(around(900, 5), around(100))).toMatchObject({ verdict: 'undecided', interval: null });
  });

  it('is not slower for one slow sample', () => {
    expect(compared([...around(100, 9), 500], around(100))?.verdict).not.toBe('slower');
  });

  it('is left out where the baseline does not have it', () => {
    const baseline = {
      schema: MICRO_SCHEMA,
      reqbench: '',
      node: '',
      cpu: '',
      measuredAt: '',
      cases: [],
    } as const;
    const figures = [{ name: 'new', what: '', nsPerCall: around(1) }];
    expect(compareWithBaseline(figures, { ...baseline, cases: [] })).toEqual([]);
  });
});

it('takes more samples where more cases share the error rate', () => {
  expect(samplesFor(1)).toBeLessThan(samplesFor(11));
});

import { expect, test } from 'vitest';
import { type BenchCase, median } from './bench-case.js';
import { mergedInto } from './merge-results.js';
import { summarise, toMarkdown } from './summary.js';

const bench: BenchCase = {
  name: 'stored-out',
  title: 'A',
  subjects: ['bare', 'streaming'],
  figures: [{ name: 'rate', title: 'events per second', unit: '1/s' }],
  prepare: () => Promise.reject(new Error('not measured here')),
};

const machine = { startedAt: '2030-01-02T', command: 'c', node: 'v', cpu: 'x', cores: 2, repetitions: 3 };

test('the median of an even number lies between the middle two', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([5, 1, 3])).toBe(3);
});

test('ratios are taken within a repetition, before their median', () => {
  const summary = summarise(
    bench,
    new Map([
      ['bare', [{ rate: 100 }, { rate: 1_000 }, { rate: 10 }]],
      ['streaming', [{ rate: 50 }, { rate: 600 }, { rate: 7 }]],
    ]),
    90,
  );
  expect(summary.figures[1]).toMatchObject({
    median: 50,
    spread: [7, 600],
    basis: 'bare',
    ratio: { median: 0.6, spread: [0.5, 0.7] },
  });
  const tables = toMarkdown({ ...machine, cases: [summary] });
  expect(tables).toContain('| events per second | streaming | 50/s (7/s – 600/s) | 0.60 (0.50 – 0.70) |');
  expect(tables).toContain('2 cores, 2 min; median of 3 repetitions');
});

test('a verdict is of the median, and says when not every repetition reached the goal', () => {
  const verdictsFor = (...rates: number[]) => {
    const repetitions = new Map([
      ['bare', rates.map(() => ({ rate: 100 }))],
      ['streaming', rates.map((rate) => ({ rate }))],
    ]);
    return summarise(bench, repetitions, 1);
  };
  expect(verdictsFor(60, 55, 50).verdicts).toMatchObject([
    { subject: 'streaming', reached: 0.55, verdict: 'met', reachedIn: 3 },
  ]);
  expect(toMarkdown({ ...machine, cases: [verdictsFor(60, 55, 40)] })).toContain(
    '| stored events out | streaming | ≥ 50 % of the bare corked `ws` server | 0.55 (0.40 – 0.60) | met, in 2 of 3 |',
  );
  expect(toMarkdown({ ...machine, cases: [verdictsFor(49, 48, 47)] })).toContain('| missed |');
});

test('what exceeds the basis is held against the bound in the unit of the figure', () => {
  const memory: BenchCase = {
    ...bench,
    name: 'memory-connections',
    figures: [{ name: 'connection', title: 'memory', unit: 'bytes' }],
  };
  const repetitions = new Map([
    ['bare', [{ connection: 10_000 }]],
    ['streaming', [{ connection: 13_500 }]],
  ]);
  expect(summarise(memory, repetitions, 1).verdicts).toMatchObject([
    { subject: 'streaming', unit: 'bytes', reached: 3_500, verdict: 'missed' },
  ]);
});

test('growth is the ratio to the first figure of the same subject', () => {
  const growth: BenchCase = {
    ...bench,
    name: 'growth-stored',
    subjects: ['streaming'],
    isGrowth: true,
    figures: ['10', '100'].map((name) => ({ name, title: name, unit: 'ms' })),
  };
  const summary = summarise(growth, new Map([['streaming', [{ 10: 2, 100: 5 }]]]), 1);
  expect(summary.figures.map((figure) => figure.growth?.median)).toEqual([undefined, 2.5]);
  expect(toMarkdown({ ...machine, cases: [summary] })).toContain(
    '| figure | of | value | to the smallest |\n| --- | --- | --- | --- |',
  );
});

test('cases that were measured apart take the place of their like, and say so', () => {
  const named = (name: string, value: number) =>
    summarise({ ...bench, name, title: name }, new Map([['bare', [{ rate: value }]]]), 60);
  const saved = { ...machine, cases: [named('a', 1), named('b', 2)] };
  const later = { ...machine, command: 'bench b c', cases: [named('b', 20), named('c', 30)] };
  const merged = mergedInto(saved, later);
  expect(merged.cases.map(({ name, figures }) => [name, figures[0]?.median])).toEqual([
    ['a', 1],
    ['b', 20],
    ['c', 30],
  ]);
  expect(merged.command).toBe('c');
  const tables = toMarkdown(merged);
  expect(tables).toContain('2 cores, 1 min;');
  expect(tables.split('Measured apart, by `bench b c` on 2030-01-02')).toHaveLength(3);
});

import { expect, test } from 'vitest';
import { type BenchCase, median } from './bench-case.js';
import { summarise, toMarkdown } from './summary.js';

const bench: BenchCase = {
  name: 'a',
  title: 'A',
  subjects: ['bare', 'streaming'],
  figures: [{ name: 'rate', title: 'rate', unit: '1/s', goal: '≥ 50 %' }],
  prepare: () => Promise.reject(new Error('not measured here')),
};

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
  );
  expect(summary.figures[1]).toMatchObject({
    median: 50,
    spread: [7, 600],
    ratio: { median: 0.6, spread: [0.5, 0.7] },
  });
  const results = { startedAt: '2030-01-02T', command: 'c', node: 'v', cpu: 'x', cores: 2, repetitions: 3 };
  expect(toMarkdown({ ...results, cases: [summary] })).toContain(
    '| rate | streaming | 50/s (7/s – 600/s) | 0.60 (0.50 – 0.70) | ≥ 50 % |',
  );
});

import { expect, test } from 'vitest';
import { atRandom, inTurn } from './arrivals.js';
import { randomStream } from './random.js';

const WEIGHTED = [
  { name: 'a', weight: 5 },
  { name: 'b', weight: 1 },
  { name: 'c', weight: 1 },
];

test('kinds in turn come as often as their weights say, and spread out', () => {
  const next = inTurn(WEIGHTED);
  expect(Array.from({ length: 14 }, next).join('')).toBe('aabacaaaabacaa');
});

test('kinds at random never are ones without weight', () => {
  const next = atRandom([{ name: 'never', weight: 0 }, ...WEIGHTED], randomStream(1, 'test'));
  const drawn = Array.from({ length: 700 }, next);
  expect(new Set(drawn)).toEqual(new Set(['a', 'b', 'c']));
  expect(Math.abs(drawn.filter((name) => name === 'a').length - 500)).toBeLessThan(60);
});

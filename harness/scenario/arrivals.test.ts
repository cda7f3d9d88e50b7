import { expect, test } from 'vitest';
import { arrivalTimesUs, atRandom, inTurn } from './arrivals.js';
import { expectedArrivals } from './open-arrivals.js';
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

const random = () => randomStream(7, 'arrivals');

test('an even ramp begins at once, and each of its gaps is what the rate then says', () => {
  const ramp = { process: 'ramp', fromPerS: 0, toPerS: 200, spacing: 'even' } as const;
  const times = arrivalTimesUs(ramp, 10_000, random());
  expect(times).toHaveLength(1_000);
  // A rate of 20 t a second has let 10 t² start by t: number n starts at sqrt(n / 10) s.
  expect(times).toEqual(Array.from({ length: 1_000 }, (_, n) => Math.floor(Math.sqrt(n / 10) * 1_000_000)));
});

test('a ramp down mirrors a ramp up, and one between equal rates is constant', () => {
  const times = (fromPerS: number, toPerS: number) =>
    arrivalTimesUs({ process: 'ramp', fromPerS, toPerS, spacing: 'even' }, 4_000, random());
  expect(times(50, 50)).toEqual(arrivalTimesUs({ process: 'constant', perS: 50 }, 4_000, random()));
  const within = (all: readonly number[], from: number, to: number) =>
    all.filter((us) => us >= from * 1e6 && us < to * 1e6).length;
  expect(within(times(100, 0), 0, 2)).toBe(150);
  expect(within(times(0, 100), 2, 4)).toBe(150);
  expect(times(100, 0)).toHaveLength(200);
});

test('a Poisson ramp has the expected number in every part, to four standard deviations, and is ascending', () => {
  const ramp = { process: 'ramp', fromPerS: 100, toPerS: 900, spacing: 'poisson' } as const;
  const times = arrivalTimesUs(ramp, 20_000, random());
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(times.every((us) => us >= 0 && us < 20_000_000 && Number.isInteger(us))).toBe(true);
  for (let part = 0; part < 4; part += 1) {
    const expected = 5 * (100 + 800 * ((part + 0.5) / 4));
    const seen = times.filter((us) => Math.floor(us / 5e6) === part).length;
    expect(Math.abs(seen - expected)).toBeLessThan(4 * Math.sqrt(expected));
  }
  expect(arrivalTimesUs(ramp, 20_000, random())).toEqual(times);
});

test('bursts come whole, the first at once, and none at the very end', () => {
  const burst = { process: 'burst', size: 3, everyMs: 500 } as const;
  expect(arrivalTimesUs(burst, 1_000, random())).toEqual([0, 0, 0, 500_000, 500_000, 500_000]);
  expect(arrivalTimesUs(burst, 1_001, random())).toHaveLength(9);
});

test.each([
  { process: 'constant', perS: 30 },
  { process: 'ramp', fromPerS: 10, toPerS: 50, spacing: 'even' },
  { process: 'burst', size: 7, everyMs: 300 },
] as const)('as many arrive as the estimate says: $process', (arrivals) => {
  expect(arrivalTimesUs(arrivals, 2_000, random())).toHaveLength(expectedArrivals(arrivals, 2_000));
});

import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, it } from 'vitest';
import { roundsInterval } from './interval.js';
import { leastPairs, signInterval } from './sign-interval.js';

const oneTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

describe('leastPairs', () => {
  it('is the least n with 2^(1−n) ≤ 0.05 / k', () => {
    expect([1, 2, 3, 6].map(leastPairs)).toEqual([6, 7, 7, 8]);
    for (let k = 1; k <= 200; k++) {
      const n = leastPairs(k);
      expect(2 ** (1 - n)).toBeLessThanOrEqual(0.05 / k);
      expect(2 ** (2 - n)).toBeGreaterThan(0.05 / k);
    }
  });
});

describe('signInterval', () => {
  it('is the least and the largest value at the least number, and null below it', () => {
    for (const k of [1, 2, 3, 6, 12]) {
      const n = leastPairs(k);
      expect(signInterval(oneTo(n), k)).toMatchObject({ lo: 1, hi: n, rank: 1, coverage: 1 - 2 ** (1 - n) });
      expect(signInterval(oneTo(n - 1), k)).toBeNull();
    }
    expect(signInterval([])).toBeNull();
  });

  // One more than the tabulated critical values of the two-sided sign test at 5 %.
  it.each([
    [6, 1],
    [8, 1],
    [9, 2],
    [11, 2],
    [12, 3],
    [15, 4],
    [20, 6],
    [25, 8],
    [30, 10],
    [50, 18],
  ])('takes the order statistics of the sign test: of %i values the rank %i from either end', (n, rank) => {
    expect(signInterval(oneTo(n))).toMatchObject({ lo: rank, hi: n + 1 - rank, rank });
  });

  it('does not depend on the order of the values', () => {
    expect(signInterval([5, 1, 4, 2, 6, 3])).toEqual(signInterval(oneTo(6)));
  });
});

/** Distributions with their true medians; made from a uniform value. */
const DISTRIBUTIONS: Record<string, { draw: (u: number) => number; median: number }> = {
  uniform: { draw: (u) => u, median: 0.5 },
  exponential: { draw: (u) => -Math.log(1 - u), median: Math.LN2 },
  'Pareto with infinite variance': { draw: (u) => (1 - u) ** (-1 / 1.5), median: 2 ** (1 / 1.5) },
  Cauchy: { draw: (u) => Math.tan(Math.PI * (u - 0.5)), median: 0 },
  'log-logistic': { draw: (u) => Math.exp(2 * Math.log(u / (1 - u))), median: 1 },
  'two humps': { draw: (u) => (u < 0.6 ? u / 0.6 : 40 + u), median: 0.5 / 0.6 },
  'rounded to whole numbers': { draw: (u) => Math.round(u * 4), median: 2 },
};

describe('coverage', () => {
  const runs = 4_000;
  const cases = Object.keys(DISTRIBUTIONS).flatMap((name) =>
    [
      [6, 1],
      [7, 2],
      [12, 1],
      [25, 3],
    ].map(([n, k]) => [name, n ?? 0, k ?? 0] as const),
  );

  it.each(cases)('is at least 95 %% of runs for %s values, n = %i, k = %i', (name, n, k) => {
    const { draw, median } = DISTRIBUTIONS[name] ?? { draw: Number.NaN, median: Number.NaN };
    if (typeof draw !== 'function') throw new Error(name);
    const random = xoroshiro128plus(n * 1000 + k);
    let covered = 0;
    let claimed = 1;
    for (let run = 0; run < runs; run++) {
      const interval = signInterval(
        Array.from({ length: n }, () => draw(uniformFloat64(random))),
        k,
      );
      if (interval && interval.lo <= median && median <= interval.hi) covered++;
      claimed = interval?.coverage ?? 0;
    }
    // Three standard errors of the simulation below what the interval claims, and it claims 1 − 0.05 / k or more.
    expect(claimed).toBeGreaterThanOrEqual(1 - 0.05 / k);
    expect(covered / runs).toBeGreaterThan(claimed - 3 * Math.sqrt((claimed * (1 - claimed)) / runs));
  });
});

describe('roundsInterval', () => {
  it('is the median over the rounds with its interval', () => {
    expect(roundsInterval([4, 1, 3, 6, 2, 5])).toEqual({
      known: true,
      estimate: 3.5,
      lo: 1,
      hi: 6,
      rounds: 6,
    });
  });

  it('says how many rounds are missing', () => {
    expect(roundsInterval([1, 2])).toEqual({ known: false, estimate: 1.5, rounds: 2, roundsNeeded: 6 });
    expect(roundsInterval([])).toMatchObject({ known: false, estimate: null, rounds: 0 });
  });
});

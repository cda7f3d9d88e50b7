import { describe, expect, it } from 'vitest';
import { binomialBelow, clopperPearson, probabilityFor } from './binomial.js';

describe('binomialBelow', () => {
  it('is the sum of the first terms', () => {
    expect(binomialBelow(12, 0.5, 3)).toBeCloseTo(79 / 4096, 12);
    expect(binomialBelow(3, 0.25, 2)).toBeCloseTo(0.75 ** 3 + 3 * 0.25 * 0.75 ** 2, 12);
  });

  it('holds at the ends', () => {
    expect([binomialBelow(5, 0, 1), binomialBelow(5, 1, 5), binomialBelow(5, 1, 6)]).toEqual([1, 0, 1]);
    expect(binomialBelow(5, 0.5, 0)).toBe(0);
  });
});

describe('clopperPearson', () => {
  // Published tables: 95 % limits of 10 of 20 and 1 of 10; none of n has the upper limit 1 − 0.025^(1/n).
  it.each([
    [10, 20, 0.272, 0.728],
    [1, 10, 0.0025, 0.445],
    [0, 200, 0, 1 - 0.025 ** (1 / 200)],
    [200, 200, 0.025 ** (1 / 200), 1],
  ])('%i of %i', (successes, n, lo, hi) => {
    const interval = clopperPearson(successes, n);
    expect(interval.lo).toBeCloseTo(lo, 3);
    expect(interval.hi).toBeCloseTo(hi, 3);
    expect(interval.rate).toBe(successes / n);
  });

  it('misses in no more than its error rate, for any probability', () => {
    for (const p of [0.01, 0.1, 0.37, 0.5, 0.95]) {
      let missed = 0;
      for (let x = 0; x <= 40; x += 1) {
        const { lo, hi } = clopperPearson(x, 40);
        if (lo > p || hi < p) missed += binomialBelow(40, p, x + 1) - binomialBelow(40, p, x);
      }
      expect(missed).toBeLessThanOrEqual(0.05);
    }
  });

  it('knows nothing without a case', () => {
    expect(clopperPearson(0, 0)).toEqual({ rate: Number.NaN, lo: 0, hi: 1 });
  });
});

describe('probabilityFor', () => {
  it('is where the tail has what is wanted', () => {
    const p = probabilityFor(30, 21, 0.95);
    expect(1 - binomialBelow(30, p, 21)).toBeCloseTo(0.95, 9);
  });
});

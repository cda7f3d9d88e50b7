import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, it } from 'vitest';
import { leastUnpaired, unpairedRatio } from './unpaired.js';

describe('unpairedRatio', () => {
  it('is the published interval of a known example', () => {
    // U of 4 and 4 values has P(U = 0) = 1/70, so at 95 % the ends are the least and the largest of the 16 ratios.
    const a = [8, 8.2, 8.4, 8.8];
    const b = [4, 4.1, 4.2, 4.4];
    expect(unpairedRatio(a, b)).toMatchObject({ lo: 8 / 4.4, hi: expect.closeTo(8.8 / 4, 12) });
    // 5 and 5: P(U ≤ 2) = 4/252 and P(U ≤ 3) = 7/252, so the ends are the third from either side.
    const five = [1, 2, 4, 8, 16];
    const ratios = five.flatMap((x) => five.map((y) => x / y)).toSorted((x, y) => x - y);
    expect(unpairedRatio(five, five)?.lo).toBeCloseTo(ratios[2] ?? 0, 12);
  });

  it('turns round with its samples', () => {
    const a = [3, 4, 5, 7, 8, 9];
    const b = [2, 2.5, 3.5, 4.5, 6];
    const [ab, ba] = [unpairedRatio(a, b), unpairedRatio(b, a)];
    expect((ab?.ratio ?? 0) * (ba?.ratio ?? 0)).toBeCloseTo(1, 12);
    expect((ab?.lo ?? 0) * (ba?.hi ?? 0)).toBeCloseTo(1, 12);
  });

  it('is nothing with too few values, or one that is not above zero', () => {
    expect(leastUnpaired()).toBe(4);
    expect(leastUnpaired(6)).toBe(5);
    expect(unpairedRatio([1, 2, 3], [1, 2, 3])).toBeNull();
    expect(unpairedRatio([], [])).toBeNull();
    expect(unpairedRatio([0, 1, 2, 3, 4], [1, 2, 3, 4, 5])).toBeNull();
  });

  it.each([
    ['log-uniform', (unit: number) => Math.exp(unit)],
    ['heavy-tailed', (unit: number) => 1 / (1 - unit)],
  ])('holds the true ratio in at least 95 %% of cases: %s', (_, shape) => {
    const random = xoroshiro128plus(11);
    const draw = (n: number, factor: number) =>
      Array.from({ length: n }, () => factor * shape(uniformFloat64(random)));
    const trials = 2_000;
    let missed = 0;
    for (let trial = 0; trial < trials; trial += 1) {
      const interval = unpairedRatio(draw(7, 1.3), draw(8, 1));
      if (interval && (interval.lo > 1.3 || interval.hi < 1.3)) missed += 1;
    }
    // 5 % and three standard errors of a share over 2,000 trials.
    expect(missed / trials).toBeLessThan(0.05 + 0.015);
    expect(missed / trials).toBeGreaterThan(0.01);
  });
});

import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, it } from 'vitest';
import { signInterval } from './sign-interval.js';
import { LOOKS, lookRounds, stoppingRule } from './stopping.js';

const random = xoroshiro128plus(2026);

/** Ratios of pairs whose logarithms scatter by `sd` around `ratio` (Box and Muller). */
function ratioOf(ratio: number, sd: number): number {
  const [u, v] = [1 - uniformFloat64(random), uniformFloat64(random)];
  return ratio * Math.exp(sd * Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v));
}

/** Plays a run that gates `ratio <= bound` and stops by the rule, or after `most` rounds. */
function play(
  ratio: number,
  bound: number,
  most: number,
): { result: string; rounds: number; missed: boolean } {
  const rule = stoppingRule(1, Number.POSITIVE_INFINITY, 0);
  const ratios: number[] = [];
  let missed = false;
  while (ratios.length < most) {
    ratios.push(ratioOf(ratio, 0.05));
    if (!rule.isLook(ratios.length) && ratios.length < most) continue;
    const interval = signInterval(ratios, rule.looks);
    if (!interval) continue;
    missed ||= interval.lo > ratio || interval.hi < ratio;
    if (interval.hi <= bound) return { result: 'passed', rounds: ratios.length, missed };
    if (interval.lo > bound) return { result: 'failed', rounds: ratios.length, missed };
  }
  return { result: 'not-measurable', rounds: most, missed };
}

const runs = (ratio: number, bound: number, most = 60) =>
  Array.from({ length: 4_000 }, () => play(ratio, bound, most));
const share = <T>(all: readonly T[], holds: (one: T) => boolean) => all.filter(holds).length / all.length;

describe('a run that stops when it is decided', () => {
  it('accuses a relay that stands exactly at the bound in at most 2.5 % of runs, and passes as few', () => {
    const all = runs(1.05, 1.05);
    // One-sided, and three standard errors of a share over 4,000 runs.
    expect(share(all, ({ result }) => result === 'failed')).toBeLessThan(0.025 + 0.0075);
    expect(share(all, ({ result }) => result === 'passed')).toBeLessThan(0.025 + 0.0075);
    expect(share(all, ({ missed }) => missed)).toBeLessThan(0.05 + 0.01);
  });

  it('finds what is there in at least 95 %, sooner the larger it is', () => {
    const [large, small] = [runs(1.3, 1.05), runs(1.1, 1.05)];
    for (const all of [large, small]) {
      expect(share(all, ({ result }) => result === 'failed')).toBeGreaterThan(0.95);
      expect(share(all, ({ result }) => result === 'passed')).toBeLessThan(0.005);
    }
    const mean = (all: readonly { rounds: number }[]) =>
      all.reduce((sum, { rounds }) => sum + rounds, 0) / all.length;
    expect(mean(large)).toBeLessThan(mean(small));
    expect(mean(large)).toBeLessThan(12);
  });

  it('would accuse more often if every look had the whole error rate: that is what sharing is for', () => {
    const unshared = Array.from({ length: 4_000 }, () => {
      const ratios: number[] = [];
      while (ratios.length < 60) {
        ratios.push(ratioOf(1, 0.05));
        const interval = signInterval(ratios);
        if (interval && (interval.lo > 1 || interval.hi < 1)) return true;
      }
      return false;
    });
    expect(share(unshared, (accused) => accused)).toBeGreaterThan(0.1);
  });
});

describe('lookRounds', () => {
  it('begins where an interval is possible and leaves one look to the end of the budget', () => {
    expect(lookRounds(1)).toEqual([9, 13, 19, 27, 38, 54, 76]);
    expect(lookRounds(2)).toHaveLength(LOOKS - 1);
    expect(lookRounds(2)[0]).toBe(10);
  });
});

describe('the budget', () => {
  it('is spent when another round would end after it', () => {
    const rule = stoppingRule(1, 60_000, 4_000);
    expect(rule.isBudgetSpent(0, 59_999)).toBe(false);
    expect(rule.isBudgetSpent(10, 54_000)).toBe(false);
    expect(rule.isBudgetSpent(10, 56_000)).toBe(true);
  });
});

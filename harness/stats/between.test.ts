import { describe, expect, it } from 'vitest';
import { compareUnpaired } from './between.js';

/** Rounds scattered by up to 2 % around a value. */
function around(value: number, rounds = 8): number[] {
  return Array.from({ length: rounds }, (_, index) => value * (1 + 0.02 * ((index % 4) / 1.5 - 1)));
}

const still = { a: around(0.1), b: around(0.1) };

describe('a figure of two runs', () => {
  it('is b over a, with the interval of two independent samples', () => {
    const outcome = compareUnpaired({ a: around(1), b: around(1.5), floor: still, comparisons: 1 });
    expect(outcome).toMatchObject({ verdict: 'a-lower', floorRatio: 1 });
    expect(outcome.ratio).toBeCloseTo(1.5, 2);
    expect(outcome.ci95?.[0]).toBeGreaterThan(1.4);
    expect(compareUnpaired({ a: around(1.5), b: around(1), floor: still, comparisons: 1 }).verdict).toBe(
      'b-lower',
    );
  });

  it('is equal where the whole interval is near 1, and undecided where it is wide', () => {
    const wide = [0.5, 0.7, 0.9, 1, 1.1, 1.4, 1.9, 2.4];
    expect(compareUnpaired({ a: around(1), b: around(1), floor: undefined, comparisons: 1 })).toMatchObject({
      verdict: 'equivalent',
      floorRatio: null,
    });
    expect(compareUnpaired({ a: wide, b: wide, floor: undefined, comparisons: 1 }).verdict).toBe('undecided');
  });

  it('is not told from a change that the null relay made as well', () => {
    const slower = { a: around(0.1), b: around(0.16) };
    const outcome = compareUnpaired({ a: around(1), b: around(1.5), floor: slower, comparisons: 1 });
    expect(outcome.verdict).toBe('not-measurable');
    expect(outcome.reason).toContain('1.60 times');
    // A floor that went the other way makes the change no smaller.
    const faster = { a: around(0.16), b: around(0.1) };
    expect(compareUnpaired({ a: around(1), b: around(1.5), floor: faster, comparisons: 1 }).verdict).toBe(
      'a-lower',
    );
  });

  it('is not called equal where the machine has changed and the relay has not', () => {
    const slower = { a: around(0.1), b: around(0.16) };
    expect(compareUnpaired({ a: around(1), b: around(1), floor: slower, comparisons: 1 }).verdict).not.toBe(
      'equivalent',
    );
  });

  it('is harness-bound where it is smaller than the null relay’s spread', () => {
    const restless = { a: [1, 2, 3, 4, 5, 6, 7, 8], b: [1, 2, 3, 4, 5, 6, 7, 8] };
    const outcome = compareUnpaired({ a: around(10), b: around(12), floor: restless, comparisons: 1 });
    expect(outcome.verdict).toBe('not-measurable');
    expect(outcome.reason).toContain('harness-bound');
  });

  it('needs rounds enough for an interval that all comparisons share', () => {
    const four = { a: around(1, 4), b: around(1.5, 4), floor: undefined };
    expect(compareUnpaired({ ...four, comparisons: 1 }).verdict).toBe('a-lower');
    expect(compareUnpaired({ ...four, comparisons: 6 })).toMatchObject({
      verdict: 'not-measurable',
      ratio: null,
      reason: '4 rounds against 4 have the figure, and an interval takes 5 each',
    });
    expect(
      compareUnpaired({ a: [0, 1, 1, 1, 1], b: around(1), floor: undefined, comparisons: 1 }).reason,
    ).toContain('above zero');
  });
});

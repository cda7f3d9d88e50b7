import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, it } from 'vitest';
import { comparePaired, type FigureByRound, type PairedFigures } from './paired.js';

const byRound = (values: readonly number[]): FigureByRound =>
  new Map(values.map((value, i) => [i + 1, value]));

function figures(
  a: readonly number[],
  b: readonly number[],
  more: Partial<PairedFigures> = {},
): PairedFigures {
  return { a: byRound(a), b: byRound(b), floor: undefined, comparisons: 1, ...more };
}

const ten = [10, 11, 9, 10.5, 9.5, 10];
const times = (values: readonly number[], factor: number) => values.map((value) => value * factor);
/** Ratios around 1 that are wide enough to say nothing. */
const noise = [1.2, 0.8, 1.1, 0.9, 1.3, 0.85];

describe('the numbers of a comparison', () => {
  it('are medians over the pairs, and an interval of the ratio by order statistics', () => {
    const outcome = comparePaired(figures([8, 9, 6, 10, 12, 14], [4, 3, 3, 4, 3, 7]));
    expect(outcome).toMatchObject({ difference: 6, ci95: [2, 4], pairs: 6 });
    expect(outcome.ratio).toBeCloseTo(Math.sqrt(2 * 2.5), 12);
    expect(outcome.method).toBe(
      'median of paired rounds, sign-test interval at 95 %: order statistics 1 and 6 of 6',
    );
  });

  it('pair by round: a round that one of the two lacks is left out', () => {
    const a = new Map([1, 2, 3, 4, 5, 6, 8].map((round) => [round, 2 * round]));
    const b = new Map([7, 6, 5, 4, 3, 2, 1].map((round) => [round, round]));
    expect(comparePaired({ ...figures([], []), a, b })).toMatchObject({ pairs: 6, ratio: 2, ci95: [2, 2] });
  });

  it('turn into their inverse when the two change places, also with an even number of pairs', () => {
    const a = [3, 8, 2, 9, 4, 7];
    const b = [5, 4, 6, 2, 8, 3];
    const forth = comparePaired(figures(a, b));
    const back = comparePaired(figures(b, a));
    expect((forth.ratio ?? 0) * (back.ratio ?? 0)).toBeCloseTo(1, 12);
    expect((forth.ci95?.[0] ?? 0) * (back.ci95?.[1] ?? 0)).toBeCloseTo(1, 12);
    expect(forth.difference).toBeCloseTo(-(back.difference ?? 0), 12);
    expect(forth.detectable).toBeCloseTo(back.detectable ?? 0, 12);
  });

  it('share the error rate: two comparisons take seven pairs', () => {
    expect(comparePaired(figures(times(ten, 2), ten, { comparisons: 2 }))).toMatchObject({
      ci95: null,
      detectable: null,
      verdict: 'not-measurable',
      reason: '6 rounds have the figure for both relays, and an interval takes 7',
    });
    const seven = [...ten, 10.2];
    expect(comparePaired(figures(times(seven, 2), seven, { comparisons: 2 })).verdict).toBe('b-lower');
  });

  it('give the smallest ratio that this run could have found: the half width of the interval, as a factor', () => {
    const ratios = [0.8, 0.9, 1, 1, 1.1, 1.2];
    expect(comparePaired(figures(times(ratios, 10), times([1, 1, 1, 1, 1, 1], 10))).detectable).toBeCloseTo(
      1.25,
      12,
    );
  });

  it('count a ratio as detectable only from where the difference leaves the spread of the floor', () => {
    const ones = [10, 10, 10, 10, 10, 10];
    const floor = byRound([1, 2, 3, 4, 5, 6]);
    expect(comparePaired(figures(ones, ones, { floor })).detectable).toBeCloseTo(1.25, 12);
  });

  it('do not exist of figures that no ratio can be made of', () => {
    expect(comparePaired(figures([1, 1, 1, 0, 1, 1], ten))).toMatchObject({
      ratio: null,
      ci95: null,
      verdict: 'not-measurable',
      reason: 'a ratio takes figures above zero, and a round has one that is not',
    });
    expect(comparePaired(figures([], [])).reason).toBe(
      '0 rounds have the figure for both relays, and an interval takes 6',
    );
  });
});

describe('the verdict', () => {
  it('names the lower one when the interval excludes 1', () => {
    expect(comparePaired(figures(times(ten, 0.8), ten)).verdict).toBe('a-lower');
    expect(comparePaired(figures(times(ten, 1.2), ten)).verdict).toBe('b-lower');
  });

  it('is undecided when the interval holds 1 and more than the equivalence allows', () => {
    const a = ten.map((value, i) => value * (noise[i] ?? 1));
    expect(comparePaired(figures(a, ten))).toMatchObject({ verdict: 'undecided' });
  });

  it('is equivalent when the interval lies within 1 ± δ, also when it excludes 1', () => {
    expect(comparePaired(figures(times(ten, 1.03), ten)).verdict).toBe('equivalent');
    expect(comparePaired(figures(times(ten, 1.03), ten, { equivalence: 0.02 })).verdict).toBe('b-lower');
  });

  it('is not measurable when the two differ by less than the floor does between rounds', () => {
    const floor = byRound([1, 2, 3, 4, 5, 6]);
    expect(comparePaired(figures(times(ten, 1.2), ten, { floor }))).toMatchObject({
      verdict: 'not-measurable',
      reason: 'harness-bound: the two differ by less than the null relay does between rounds',
    });
    expect(comparePaired(figures(times(ten, 1.3), ten, { floor })).verdict).toBe('b-lower');
  });

  it('is equivalent only where the floor is steady enough to have shown a difference of δ', () => {
    const steady = byRound([1, 1, 1.1, 1.1, 1, 1]);
    const unsteady = byRound([1, 1, 1, 2, 2, 2]);
    expect(comparePaired(figures(times(ten, 1.01), ten, { floor: steady })).verdict).toBe('equivalent');
    expect(comparePaired(figures(times(ten, 1.01), ten, { floor: unsteady })).verdict).toBe('not-measurable');
  });

  it('is not shaken by one disturbed round of the floor in eight', () => {
    const nine = [...ten, 10, 10, 10];
    const floor = byRound([1, 1, 1, 1, 50, 1, 1, 1, 1]);
    expect(comparePaired(figures(times(nine, 1.2), nine, { floor })).verdict).toBe('b-lower');
  });

  it('is not measurable without a floor to go by although the null relay ran', () => {
    const outcome = comparePaired(figures(times(ten, 2), ten, { floor: byRound([1, 1]) }));
    expect(outcome).toMatchObject({ verdict: 'not-measurable' });
    expect(outcome.reason).toContain('2 rounds');
  });

  it('comes before everything else when the figures are spoiled, and then there are no numbers to read', () => {
    const spoiled = 'the answers are not equal';
    expect(comparePaired(figures(times(ten, 2), ten, { spoiled }))).toMatchObject({
      ratio: null,
      difference: null,
      ci95: null,
      detectable: null,
      pairs: 6,
      verdict: 'not-measurable',
      reason: spoiled,
    });
  });
});

describe('the verdicts of many runs', () => {
  /** Rounds of two relays that share the round's disturbance and each have a skewed one of their own. */
  function run(seed: number, trueRatio: number): PairedFigures {
    const random = xoroshiro128plus(seed);
    const skewed = () => -Math.log(1 - uniformFloat64(random));
    const rounds = Array.from({ length: 8 }, () => ({
      shared: 10 + 20 * skewed(),
      a: 1 + skewed(),
      b: 1 + skewed(),
    }));
    return figures(
      rounds.map(({ shared, a }) => trueRatio * shared * a),
      rounds.map(({ shared, b }) => shared * b),
    );
  }
  const seeds = Array.from({ length: 2_000 }, (_, seed) => seed);
  const share = (wanted: (outcome: ReturnType<typeof comparePaired>) => boolean, ratio: number) =>
    seeds.filter((seed) => wanted(comparePaired(run(seed, ratio)))).length / seeds.length;

  it('name a winner between equals in at most 5 %', () => {
    expect(share(({ verdict }) => verdict === 'a-lower' || verdict === 'b-lower', 1)).toBeLessThan(0.05);
  });

  it('have intervals that hold the true ratio in at least 95 %', () => {
    expect(share(({ ci95 }) => ci95 !== null && ci95[0] <= 1.3 && ci95[1] >= 1.3, 1.3)).toBeGreaterThan(0.95);
  });

  it('find a ratio far beyond the detectable one', () => {
    expect(share(({ verdict }) => verdict === 'b-lower', 8)).toBeGreaterThan(0.95);
  });
});

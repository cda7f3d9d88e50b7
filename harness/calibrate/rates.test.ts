import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, it } from 'vitest';
import { holdsFor, overInterval } from '../gates/outcome.js';
import { signInterval } from '../stats/sign-interval.js';
import {
  failingRate,
  findingRate,
  playedRuns,
  type RatioRule,
  scatterOf,
  serialCorrelation,
  smallestFound,
} from './rates.js';

const random = xoroshiro128plus(5);

/** Ratios whose logarithms scatter normally by `sd` around `ratio` (Box and Muller). */
function ratios(count: number, ratio: number, sd = 0.05): number[] {
  return Array.from({ length: count }, () => {
    const [u, v] = [1 - uniformFloat64(random), uniformFloat64(random)];
    return ratio * Math.exp(sd * Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v));
  });
}

/** What a gate `head <= factor * base` says of so many rounds. */
function gateFails(rounds: readonly number[], { factor, shared }: RatioRule): boolean {
  const interval = signInterval(rounds, shared);
  return interval !== null && overInterval(interval, holdsFor('<=', factor), '').result === 'failed';
}

/** How often the gate fails in 20,000 runs of fresh rounds: the truth, to within half a percent. */
function truth(ratio: number, rule: RatioRule, sd?: number): number {
  let failed = 0;
  for (let run = 0; run < 20_000; run += 1) if (gateFails(ratios(rule.rounds, ratio, sd), rule)) failed += 1;
  return failed / 20_000;
}

const RULES: readonly RatioRule[] = [
  { rounds: 12, factor: 1 },
  { rounds: 30, factor: 1.02 },
  { rounds: 20, factor: 1.05, shared: 8 },
];

describe('the rate at which a gate fails', () => {
  it.each(RULES)('is what resampling the recorded rounds for ever comes to: %j', (rule) => {
    const recorded = ratios(60, 1.03);
    let failed = 0;
    for (let run = 0; run < 20_000; run += 1) {
      const drawn = Array.from(
        { length: rule.rounds },
        () => recorded[Math.floor(uniformFloat64(random) * recorded.length)] ?? 1,
      );
      if (gateFails(drawn, rule)) failed += 1;
    }
    expect(failingRate(recorded, rule).rate).toBeCloseTo(failed / 20_000, 1.8);
  });

  it.each(RULES)('has limits that hold the truth in 19 of 20 calibrations: %j', (rule) => {
    const really = truth(1, rule);
    const missed = Array.from({ length: 300 }, () => failingRate(ratios(100, 1), rule)).filter(
      ({ lo, hi }) => really < lo - 0.005 || really > hi + 0.005,
    );
    // 5 % and three standard errors of a share over 300.
    expect(missed.length / 300).toBeLessThan(0.05 + 0.038);
  });

  it('is 1.9 % where half the rounds are slower, and nothing where no interval is possible', () => {
    const half = [0.9, 1.1, 0.95, 1.05];
    expect(failingRate(half, { rounds: 12, factor: 1 }).rate).toBeCloseTo(79 / 4096, 12);
    expect(failingRate(half, { rounds: 5, factor: 1 })).toEqual({ rate: 0, lo: 0, hi: 0 });
  });
});

describe('the rate at which a slowdown is found', () => {
  const rule: RatioRule = { rounds: 12, factor: 1 };

  it('is brought to the size that was meant, whatever the slowed self came out as', () => {
    const really = truth(1.05, rule);
    for (const cameOutAs of [1.03, 1.05, 1.08]) {
      expect(findingRate(ratios(5_000, cameOutAs), 0.05, rule)?.rate).toBeCloseTo(really, 1.3);
    }
  });

  it('has limits that hold the truth in 19 of 20 calibrations', () => {
    const really = truth(1.05, rule);
    const missed = Array.from({ length: 300 }, () => findingRate(ratios(100, 1.04), 0.05, rule)).filter(
      (rate) => rate === undefined || really < rate.lo - 0.005 || really > rate.hi + 0.005,
    );
    expect(missed.length / 300).toBeLessThan(0.05 + 0.038);
  });

  it('is unknown with too few rounds', () => {
    expect(findingRate([1.1, 1.1, 1.1], 0.1, rule)).toBeUndefined();
  });
});

describe('the smallest slowdown that is found', () => {
  it('is found in 95 % of runs', () => {
    for (const rule of RULES) {
      const found = smallestFound(ratios(20_000, 1), rule);
      expect(truth(1 + (found?.slowdown ?? 0), rule)).toBeCloseTo(0.95, 1.5);
    }
  });

  it('lies below its upper limit in 97.5 % of calibrations', () => {
    const rule: RatioRule = { rounds: 12, factor: 1 };
    const really = smallestFound(ratios(50_000, 1), rule)?.slowdown ?? 0;
    const above = Array.from({ length: 300 }, () => smallestFound(ratios(100, 1), rule)).filter(
      (found) => found === undefined || found.atMost < really,
    );
    expect(above.length / 300).toBeLessThan(0.025 + 0.028);
  });

  it('has no limit where too few rounds were recorded, and is nothing without an interval', () => {
    expect(smallestFound(ratios(6, 1), { rounds: 12, factor: 1 })?.atMost).toBe(Number.POSITIVE_INFINITY);
    expect(smallestFound(ratios(60, 1), { rounds: 5, factor: 1 })).toBeUndefined();
  });
});

describe('runs as they were played', () => {
  it('are the recorded rounds, one after another, each decided as a gate is', () => {
    const slow = Array.from({ length: 12 }, () => 1.2);
    const equal = Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? 0.9 : 1.1));
    const rule = { rounds: 12, factor: 1 };
    expect(playedRuns([...slow, ...equal, ...slow, 1.2], rule)).toEqual({ failed: 2, of: 3 });
    expect(playedRuns(slow.slice(1), rule)).toEqual({ failed: 0, of: 0 });
  });
});

describe('how rounds scatter', () => {
  it('is the standard deviation of the log ratio', () => {
    expect(scatterOf(ratios(20_000, 1.3, 0.08))).toBeCloseTo(0.08, 2);
  });

  it('shows a drift as a correlation of one round with the next', () => {
    expect(Math.abs(serialCorrelation(ratios(400, 1)))).toBeLessThan(0.15);
    const drifting = ratios(400, 1).map((ratio, index) => ratio * Math.exp(0.1 * Math.sin(index / 20)));
    expect(serialCorrelation(drifting)).toBeGreaterThan(0.4);
    expect(serialCorrelation([1, 1, 1])).toBe(0);
  });
});

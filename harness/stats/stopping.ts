/**
 * When a run with `--rounds auto` may stop. It looks at its results after set numbers of rounds and ends at the first look that
 * decides everything, or when its time is up. All looks share the error rate (Bonferroni): each interval is held at
 * 1 − 0.05 / (k · looks), so that all of them together miss in at most 5 % of runs, whenever the run stopped.
 *
 * @see C. Jennison and B. W. Turnbull, Group Sequential Methods with Applications to Clinical Trials (2000), chapter 2
 */
import { leastPairs } from './sign-interval.js';

/** The last look is the one at the end of the budget, wherever that falls. */
export const LOOKS = 8;

/** From look to look: an undecided run gets so much more evidence before the next one. */
const GROWTH = 1.4;

/** Rounds after which a run with `comparisons` verdicts looks at its results, the end of the budget apart; ascending. */
export function lookRounds(comparisons: number): readonly number[] {
  const rounds = [leastPairs(Math.max(1, comparisons) * LOOKS)];
  while (rounds.length < LOOKS - 1) rounds.push(Math.ceil((rounds.at(-1) ?? 1) * GROWTH));
  return rounds;
}

/** Decides, round by round, whether a run goes on. */
export interface StoppingRule {
  /** How many looks share the error rate. */
  readonly looks: number;
  /** Whether the results are looked at after so many rounds. */
  isLook(rounds: number): boolean;
  /** Whether another round would end after the budget, by what a round took so far. */
  isBudgetSpent(rounds: number, elapsedMs: number): boolean;
}

/**
 * @param budgetMs what a run may take altogether
 * @param preparedMs what of it went by before the first round
 */
export function stoppingRule(comparisons: number, budgetMs: number, preparedMs: number): StoppingRule {
  const looks = new Set(lookRounds(comparisons));
  return {
    looks: LOOKS,
    isLook: (rounds) => looks.has(rounds),
    isBudgetSpent(rounds, elapsedMs) {
      if (rounds === 0) return false;
      const perRoundMs = (elapsedMs - preparedMs) / rounds;
      return elapsedMs + perRoundMs > budgetMs;
    },
  };
}

import { median } from '../measure/statistics.js';
import { leastPairs, signInterval } from './sign-interval.js';

/** A relay's figure over its rounds. */
export type RoundsInterval =
  | {
      readonly known: true;
      /** Median of the rounds' figures. */
      readonly estimate: number;
      readonly lo: number;
      readonly hi: number;
      readonly rounds: number;
    }
  | {
      readonly known: false;
      /** Null without any round. */
      readonly estimate: number | null;
      readonly rounds: number;
      readonly roundsNeeded: number;
    };

/**
 * Where a relay's figure lies, from its figure in each round: the median over the rounds and its 95 % interval by
 * order statistics (see sign-interval.ts). Not known with fewer rounds than such an interval needs. `looks` of them share
 * the error rate where the run stopped by what it saw (stopping.ts).
 */
export function roundsInterval(values: readonly number[], looks = 1): RoundsInterval {
  const estimate = median(values);
  const interval = signInterval(values, looks);
  const rounds = values.length;
  if (estimate === null || interval === null)
    return { known: false, estimate, rounds, roundsNeeded: leastPairs(looks) };
  return { known: true, estimate, lo: interval.lo, hi: interval.hi, rounds };
}

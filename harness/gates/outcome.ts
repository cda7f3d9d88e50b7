import type { GateResult } from '../results.js';
import type { GateOperator } from './parse.js';

export type Outcome = Pick<GateResult, 'result' | 'actual'>;

/** Whether a value keeps a rule. */
export type Holds = (value: number) => boolean;

export function holdsFor(operator: GateOperator, bound: number): Holds {
  switch (operator) {
    case '<':
      return (value) => value < bound;
    case '<=':
      return (value) => value <= bound;
    case '>':
      return (value) => value > bound;
    case '>=':
      return (value) => value >= bound;
    case '=':
      return (value) => value === bound;
  }
}

export function notMeasurable(actual: string): Outcome {
  return { result: 'not-measurable', actual };
}

export function exact(holds: boolean, actual: string): Outcome {
  return { result: holds ? 'passed' : 'failed', actual };
}

/** Passed with the interval wholly on the good side, failed with it wholly on the bad side, else not measurable. */
export function overInterval(
  { lo, hi }: { readonly lo: number; readonly hi: number },
  holds: Holds,
  actual: string,
): Outcome {
  const ends = [holds(lo), holds(hi)];
  if (ends.every((good) => good)) return { result: 'passed', actual };
  return ends.some((good) => good) ? notMeasurable(actual) : { result: 'failed', actual };
}

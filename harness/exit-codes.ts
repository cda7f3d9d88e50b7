/** Exit codes of the command line (contracts.md). */
export const EXIT = {
  fine: 0,
  /** A check or a gate failed. */
  failed: 1,
  /** Bad usage, scenario or file. */
  badInput: 2,
  /** A relay was not ready in time, or its process died. */
  relayDown: 3,
  /** A gate could not be measured. */
  notMeasurable: 4,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What happened in a run, as far as the exit code tells it. */
export interface RunOutcome {
  readonly badInput: boolean;
  readonly interrupted: boolean;
  readonly relayDown: boolean;
  /** A check or a gate failed. */
  readonly failed: boolean;
  readonly gateNotMeasurable: boolean;
  /** `--not-measurable`: what a gate that could not be measured counts as; undefined: a code of its own. */
  readonly notMeasurable?: 'pass' | 'fail' | undefined;
}

/** The code of a run; of several that apply, the first of 2, 130, 3, 1, 4. */
export function exitCode(outcome: RunOutcome): ExitCode {
  const { gateNotMeasurable, notMeasurable } = outcome;
  if (outcome.badInput) return EXIT.badInput;
  if (outcome.interrupted) return EXIT.interrupted;
  if (outcome.relayDown) return EXIT.relayDown;
  if (outcome.failed || (gateNotMeasurable && notMeasurable === 'fail')) return EXIT.failed;
  return gateNotMeasurable && notMeasurable === undefined ? EXIT.notMeasurable : EXIT.fine;
}

import { InputError, type InputProblem } from '../errors.js';
import type { RelayResult, Results } from '../results.js';
import { differingQuestion, machineOf, type Question, questionIn } from '../same-question.js';
import { leastUnpaired, unpairedRatio } from '../stats/unpaired.js';
import { unequalWork } from '../unequal-work.js';
import { type Figure, figureOf, isTimed } from './figure.js';
import { exact, holdsFor, notMeasurable, type Outcome, overInterval } from './outcome.js';
import type { GateRule } from './parse.js';

/** Saved results of an earlier run of the same question. */
export interface Baseline {
  readonly results: Results;
  /** Its machine, where that is another one: timings of two machines say nothing of a relay. */
  readonly otherMachine: string | undefined;
}

/**
 * Makes a baseline of saved results.
 * @throws {InputError} with everything that differs, where they are of another scenario, plan or corpus, or of
 *   another number of load workers
 */
export function baselineFor(run: Question, saved: Results, file: string): Baseline {
  const problems = differingQuestion(run, questionIn(saved)).map(
    ({ what, a, b }): InputProblem => ({
      message: `the ${what} of the baseline is ${b}, and this run's is ${a}`,
      at: { file },
      hint: 'a baseline answers the same question: run the same scenario with the same seed, --set and --workers',
    }),
  );
  const [first, ...rest] = problems;
  if (first) throw new InputError([first, ...rest]);
  return {
    results: saved,
    otherMachine: machineOf(run) === machineOf(saved) ? undefined : machineOf(saved),
  };
}

/** One relay's figure, as the left side of a rule. */
interface Side {
  readonly relay: RelayResult;
  readonly figure: Exclude<Figure, { kind: 'unknown' }>;
}

/** Holds a figure against the same one of the relay of that name in the baseline. */
export function againstBaseline(
  { relay, figure }: Side,
  { figure: term, operator }: GateRule,
  change: number,
  { results, otherMachine, looks }: Baseline & { readonly looks: number },
): Outcome {
  const before = results.relays.find(({ name }) => name === relay.name);
  if (!before) return notMeasurable('the baseline has no relay of this name');
  const then = figureOf(before, term, results);
  if (then.kind === 'unknown') return notMeasurable(`in the baseline: ${then.why}`);
  if (figure.kind === 'exact' || then.kind === 'exact') {
    if (figure.kind !== then.kind) return notMeasurable('the baseline has another kind of figure');
    const was = then.kind === 'exact' ? then : { value: 0, text: '' };
    const is = figure.kind === 'exact' ? figure : was;
    return exact(holdsFor(operator, (1 + change) * was.value)(is.value), `${is.text}, baseline ${was.text}`);
  }
  if (isTimed(term)) {
    if (otherMachine !== undefined)
      return notMeasurable(
        `the baseline is of another machine (${otherMachine}), whose timings say nothing here`,
      );
    const unequal = unequalWork(relay, before);
    if (unequal) return notMeasurable(`against the baseline: ${unequal}`);
  }
  const [now, earlier] = [[...figure.byRound.values()], [...then.byRound.values()]];
  const interval = unpairedRatio(now, earlier, looks);
  if (!interval) {
    return notMeasurable(
      `${now.length} rounds against ${earlier.length} of the baseline have the figure above zero, and an interval takes ${leastUnpaired(looks)} each`,
    );
  }
  const { ratio, lo, hi } = interval;
  const actual = `${ratio.toFixed(2)} times the baseline, 95 % interval ${lo.toFixed(2)} to ${hi.toFixed(2)}, ${now.length} against ${earlier.length} rounds`;
  return overInterval(interval, holdsFor(operator, 1 + change), actual);
}

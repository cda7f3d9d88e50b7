import { median } from '../measure/statistics.js';
import { type GateResult, NULL_RELAY, type RelayResult } from '../results.js';
import { roundsInterval } from '../stats/interval.js';
import { leastPairs, signInterval } from '../stats/sign-interval.js';
import { unequalWork } from '../unequal-work.js';
import { againstBaseline, type Baseline } from './baseline.js';
import { type Figure, figureOf, type GatedResults, isTimed, looksOf } from './figure.js';
import { exact, holdsFor, notMeasurable, type Outcome, overInterval } from './outcome.js';
import type { GateRule } from './parse.js';
import { formatQuantity } from './quantity.js';
import { type MetricTerm, termUnit } from './term.js';

/** From best to worst: the worst relay decides a rule that names none. */
const SEVERITY: readonly GateResult['result'][] = ['passed', 'not-measurable', 'failed'];

/**
 * Holds rules against results. A sampled figure passes when its interval lies wholly on the good side, fails when wholly
 * on the bad side, and is else not measurable; exact counts are decided as they are. The interval is that of the figure
 * over the rounds for a value, of the rounds' ratios for another figure of the run, and of the ratio of both runs'
 * rounds for a baseline.
 *
 * @throws {TypeError} for a rule against a baseline without one: `checkGates` refuses it before the run
 */
export function evaluateGates(
  rules: readonly GateRule[],
  results: GatedResults,
  baseline?: Baseline,
): GateResult[] {
  return rules.map((rule) => ({ rule: rule.text, ...evaluateRule(rule, results, baseline) }));
}

function evaluateRule(rule: GateRule, results: GatedResults, baseline: Baseline | undefined): Outcome {
  const named = rule.figure.relay;
  const relays = results.relays.filter(({ name }) =>
    named === undefined ? name !== NULL_RELAY : name === named,
  );
  if (relays.length === 0)
    return notMeasurable(named === undefined ? 'no relay was measured' : `${named} was not measured`);
  const outcomes = relays.map((relay) => {
    const outcome = evaluateRelay(relay, rule, results, baseline);
    return { result: outcome.result, actual: `${relay.name}: ${outcome.actual}` };
  });
  const worst = Math.max(...outcomes.map(({ result }) => SEVERITY.indexOf(result)));
  const deciding = outcomes.filter(({ result }) => SEVERITY.indexOf(result) === worst);
  return {
    result: SEVERITY[worst] ?? 'not-measurable',
    actual: deciding.map(({ actual }) => actual).join('; '),
  };
}

function evaluateRelay(
  relay: RelayResult,
  rule: GateRule,
  results: GatedResults,
  baseline: Baseline | undefined,
): Outcome {
  const outcome = outcomeOf(relay, rule, results, baseline);
  if (outcome.result !== 'passed' || relay.status === 'ok') return outcome;
  return notMeasurable(`${outcome.actual}, but the relay did not finish (${relay.status})`);
}

function outcomeOf(
  relay: RelayResult,
  rule: GateRule,
  results: GatedResults,
  baseline: Baseline | undefined,
): Outcome {
  const figure = figureOf(relay, rule.figure, results);
  if (figure.kind === 'unknown') return notMeasurable(figure.why);
  const { bound } = rule;
  switch (bound.kind) {
    case 'value':
      return againstValue(figure, rule, bound.value, looksOf(results));
    case 'term':
      return againstTerm({ relay, figure }, rule, bound, results);
    case 'baseline':
      if (!baseline) throw new TypeError(`the gate "${rule.text}" needs a baseline`);
      return againstBaseline({ relay, figure }, rule, bound.change, { ...baseline, looks: looksOf(results) });
  }
}

type Known = Exclude<Figure, { kind: 'unknown' }>;

function againstValue(figure: Known, rule: GateRule, bound: number, looks: number): Outcome {
  const holds = holdsFor(rule.operator, bound);
  if (figure.kind === 'exact') return exact(holds(figure.value), figure.text);
  const { statistic } = rule.figure;
  const show = (value: number): string => formatQuantity(value, termUnit(rule.figure));
  const interval = roundsInterval([...figure.byRound.values()], looks);
  if (!interval.known) {
    const { estimate, rounds, roundsNeeded } = interval;
    return estimate === null
      ? notMeasurable(`too few samples for ${statistic}`)
      : notMeasurable(
          `${show(estimate)}, but an interval takes ${roundsNeeded} rounds and ${rounds} ${rounds === 1 ? 'has' : 'have'} this figure`,
        );
  }
  const actual = `${show(interval.estimate)}, 95 % interval ${show(interval.lo)} to ${show(interval.hi)} over ${interval.rounds} rounds`;
  return overInterval(interval, holds, actual);
}

/** One relay's figure, as the left side of a rule. */
interface Side {
  readonly relay: RelayResult;
  readonly figure: Known;
}

/** Against a figure of the same run: by the rounds' ratios, which what disturbs a round disturbs on both sides. */
function againstTerm(
  left: Side,
  rule: GateRule,
  { factor, term }: { readonly factor: number; readonly term: MetricTerm },
  results: GatedResults,
): Outcome {
  const name = term.relay ?? left.relay.name;
  const other = results.relays.find((relay) => relay.name === name);
  if (!other) return notMeasurable(`${name} was not measured`);
  const figure = figureOf(other, term, results);
  if (figure.kind === 'unknown') return notMeasurable(`${name}: ${figure.why}`);
  if (left.figure.kind === 'exact' && figure.kind === 'exact') {
    const holds = holdsFor(rule.operator, factor * figure.value);
    return exact(holds(left.figure.value), `${left.figure.text}, against ${figure.text} of ${name}`);
  }
  if (left.figure.kind === 'exact' || figure.kind === 'exact')
    return notMeasurable('an exact count and a measured figure have no ratio by round');
  const unequal = isTimed(rule.figure) && other !== left.relay ? unequalWork(left.relay, other) : undefined;
  if (unequal) return notMeasurable(unequal);
  return byRatio(left.figure.byRound, figure.byRound, rule, { factor, name, looks: looksOf(results) });
}

type Sampled = Extract<Figure, { kind: 'sampled' }>['byRound'];

function byRatio(
  left: Sampled,
  right: Sampled,
  { operator, figure }: GateRule,
  { factor, name, looks }: { readonly factor: number; readonly name: string; readonly looks: number },
): Outcome {
  const pairs = [...left].flatMap(([round, value]) => {
    const other = right.get(round);
    return other === undefined ? [] : [{ value, other }];
  });
  if (pairs.some(({ other }) => other <= 0))
    return notMeasurable(`${name} has a round with a figure of zero, of which there is no ratio`);
  const ratios = pairs.map(({ value, other }) => value / other);
  const ratio = median(ratios);
  if (ratio === null) return notMeasurable(`no round has ${figure.statistic} of both`);
  const interval = signInterval(ratios, looks);
  const shown = `${ratio.toFixed(2)} times that of ${name}`;
  if (!interval)
    return notMeasurable(
      `${shown}, but an interval takes ${leastPairs(looks)} rounds and ${pairs.length} have both`,
    );
  const actual = `${shown}, 95 % interval ${interval.lo.toFixed(2)} to ${interval.hi.toFixed(2)} over ${pairs.length} rounds`;
  return overInterval(interval, holdsFor(operator, factor), actual);
}

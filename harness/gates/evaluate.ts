import { selectMetric } from '../measure/assemble.js';
import { METRICS, type MetricDefinition, type MetricName } from '../measure/catalogue.js';
import { perRoundValues } from '../measure/statistics.js';
import { type GateResult, NULL_RELAY, type RelayResult, type Results } from '../results.js';
import { isSpoiledBy, onlyAdds } from '../spoiled.js';
import { roundsInterval } from '../stats/interval.js';
import type { GateOperator, GateRule } from './parse.js';
import { formatQuantity } from './quantity.js';
import { type MetricTerm, termUnit } from './term.js';

/** The part of results that gates are about. */
export type GatedResults = Pick<Results, 'relays' | 'harness' | 'warnings'>;

type Outcome = Pick<GateResult, 'result' | 'actual'>;

/** From best to worst: the worst relay decides a rule that names none. */
const SEVERITY: readonly GateResult['result'][] = ['passed', 'not-measurable', 'failed'];

/**
 * Holds absolute rules against results. A sampled figure passes when its interval over the rounds lies wholly on the good
 * side, fails when wholly on the bad side, and is else not measurable; exact counts are decided as they are.
 *
 * @throws {TypeError} for a rule that isn't absolute: `checkGates` refuses it before the run
 */
export function evaluateGates(rules: readonly GateRule[], results: GatedResults): GateResult[] {
  return rules.map((rule) => ({ rule: rule.text, ...evaluateRule(rule, results) }));
}

function evaluateRule(rule: GateRule, results: GatedResults): Outcome {
  if (rule.bound.kind !== 'value') throw new TypeError(`the gate "${rule.text}" is not absolute`);
  const { figure, operator } = rule;
  const bound = rule.bound.value;
  const named = figure.relay;
  const relays = results.relays.filter(({ name }) =>
    named === undefined ? name !== NULL_RELAY : name === named,
  );
  if (relays.length === 0)
    return notMeasurable(named === undefined ? 'no relay was measured' : `${named} was not measured`);
  const outcomes = relays.map((relay) => {
    const outcome = evaluateRelay(relay, figure, (value) => compare(value, operator, bound), results);
    return { result: outcome.result, actual: `${relay.name}: ${outcome.actual}` };
  });
  const worst = Math.max(...outcomes.map(({ result }) => SEVERITY.indexOf(result)));
  const deciding = outcomes.filter(({ result }) => SEVERITY.indexOf(result) === worst);
  return {
    result: SEVERITY[worst] ?? 'not-measurable',
    actual: deciding.map(({ actual }) => actual).join('; '),
  };
}

type Holds = (value: number) => boolean;

function compare(value: number, operator: GateOperator, bound: number): boolean {
  switch (operator) {
    case '<':
      return value < bound;
    case '<=':
      return value <= bound;
    case '>':
      return value > bound;
    case '>=':
      return value >= bound;
    case '=':
      return value === bound;
  }
}

function notMeasurable(actual: string): Outcome {
  return { result: 'not-measurable', actual };
}

function evaluateRelay(relay: RelayResult, figure: MetricTerm, holds: Holds, results: GatedResults): Outcome {
  const outcome =
    figure.metric === 'conformance.failed'
      ? evaluateConformance(relay, holds)
      : evaluateMetric(relay, { ...figure, metric: figure.metric }, holds, results);
  if (outcome.result !== 'passed' || relay.status === 'ok') return outcome;
  return notMeasurable(`${outcome.actual}, but the relay did not finish (${relay.status})`);
}

function evaluateConformance({ conformance }: RelayResult, holds: Holds): Outcome {
  if (conformance === null) return notMeasurable('its answers were not checked');
  if (conformance.checked === 0 && conformance.failed === 0)
    return notMeasurable('no check had anything to judge');
  return exact(conformance.failed, `${conformance.failed} of ${conformance.checked} checks failed`, holds);
}

function exact(value: number, actual: string, holds: Holds): Outcome {
  return { result: holds(value) ? 'passed' : 'failed', actual };
}

function evaluateMetric(
  relay: RelayResult,
  figure: MetricTerm & { readonly metric: MetricName },
  holds: Holds,
  { harness, warnings }: GatedResults,
): Outcome {
  const { metric, labels, statistic } = figure;
  const entry = selectMetric(relay.metrics, metric, labels);
  if (entry === undefined) return notMeasurable(`no ${metric} with these labels was measured`);
  if (isSpoiledByLoad(metric) && isBound(relay.name, harness)) {
    return notMeasurable('harness-bound: the generator was saturated');
  }
  const spoilers = isSpoiledByLoad(metric)
    ? warnings.filter((one) => isSpoiledBy(one, { relay: relay.name, metric, labels, statistic }))
    : [];
  const wrong = spoilers.find((one) => !(onlyAdds(one) && isLowerBetter(metric)));
  if (wrong) return notMeasurable(wrong.text);
  if (statistic === 'count') return exact(entry.count, String(entry.count), holds);
  const interval = roundsInterval([...perRoundValues(entry, statistic).values()]);
  const show = (value: number) => formatQuantity(value, termUnit(figure));
  if (!interval.known) return notMeasurable(describeUnknown(interval, statistic, show));
  const actual = `${show(interval.estimate)}, 95 % interval ${show(interval.lo)} to ${show(interval.hi)} over ${interval.rounds} rounds`;
  const ends = [holds(interval.lo), holds(interval.hi)];
  const isTailSpoiled = isOfTheTail(metric, statistic) && generatorOf(relay.name, harness).tailBound;
  // A late generator and other load only add to a latency: what is small enough with them is so without them.
  const isSmallEnough = holds(0) && ends.every((good) => good);
  if (isTailSpoiled && !isSmallEnough) {
    return notMeasurable(`harness-bound: the generator was late too often for ${statistic} (${actual})`);
  }
  const [adding] = spoilers;
  if (adding && !isSmallEnough) return notMeasurable(`${adding.text} (${actual})`);
  if (ends.every((good) => good)) return { result: 'passed', actual };
  return ends.some((good) => good) ? notMeasurable(actual) : { result: 'failed', actual };
}

function describeUnknown(
  interval: Extract<ReturnType<typeof roundsInterval>, { known: false }>,
  statistic: string,
  show: (value: number) => string,
): string {
  const { estimate, rounds, roundsNeeded } = interval;
  if (estimate === null) return `too few samples for ${statistic}`;
  return `${show(estimate)}, but an interval takes ${roundsNeeded} rounds and ${rounds} ${rounds === 1 ? 'has' : 'have'} this figure`;
}

/**
 * What a saturated generator changes: everything that is timed, or that depends on the load which the relay should
 * have had. What was refused or lost was so whatever the pace.
 */
function isSpoiledByLoad(metric: MetricName): boolean {
  return METRICS[metric].shape !== 'count' || metric === 'late';
}

function isLowerBetter(metric: MetricName): boolean {
  const { lowerIsBetter }: MetricDefinition = METRICS[metric];
  return lowerIsBetter === true;
}

/** What single late moments of the generator change: the tail of a distribution, and its mean. */
function isOfTheTail(metric: MetricName, statistic: MetricTerm['statistic']): boolean {
  return METRICS[metric].shape === 'distribution' && statistic !== 'p50' && statistic !== 'count';
}

/** Whether the generator was saturated while it loaded this relay; without figures of its own, in the run. */
function isBound(relay: string, harness: Results['harness']): boolean {
  return generatorOf(relay, harness).bound;
}

function generatorOf(
  relay: string,
  harness: Results['harness'],
): Pick<Results['harness'], 'bound' | 'tailBound'> {
  return harness.perRelay.find((one) => one.relay === relay) ?? harness;
}

import { InputError, type InputProblem } from '../errors.js';
import { figureOf, isTimed, looksOf } from '../gates/figure.js';
import { type MetricTerm, parseComparedTerm } from '../gates/term.js';
import { labelKey } from '../measure/labels.js';
import { isSampledStatistic, median } from '../measure/statistics.js';
import {
  isMetricName,
  METRICS,
  type MetricName,
  NULL_RELAY,
  type RelayResult,
  type Results,
} from '../results.js';
import { differingQuestion, machineOf, questionIn } from '../same-question.js';
import { compareUnpaired } from '../stats/between.js';
import { type ComparedFigure, DEFAULT_COMPARISONS } from '../stats/compare.js';
import { unequalWork } from '../unequal-work.js';
import { circumstances, limits } from './circumstances.js';
import type {
  BetweenFigure,
  ConformanceChange,
  PointFigure,
  RelayChange,
  RunsComparison,
} from './comparison.js';
import { contenders, type RelayPair, relayPairs, type SavedRun } from './relay-pairs.js';

export interface CompareRunsOptions {
  /** `name`, or `nameInA=nameInB`; empty: all relays that both runs have. */
  readonly relays: readonly string[];
  /** Figures to give a verdict on; empty: those that the runs compared. */
  readonly figures: readonly ComparedFigure[];
}

/**
 * What two runs of the same question say of the same relays, and what they can't say.
 * @throws {InputError} where they are of another scenario, plan, corpus or number of load workers, or a relay is not in them
 */
export function compareRuns(a: SavedRun, b: SavedRun, options: CompareRunsOptions): RunsComparison {
  refuseOtherQuestion(a, b);
  const pairs = relayPairs(a, b, options.relays);
  const figures = options.figures.length > 0 ? options.figures : comparedFigures(a.results, b.results);
  const hasFloor = [a, b].every(({ results }) => floorOf(results) !== undefined);
  const comparisons = figures.length * pairs.length * Math.max(looksOf(a.results), looksOf(b.results));
  return {
    schema: 'reqbench.comparison/1',
    scenario: a.results.scenario.name,
    runs: { a: summaryOf(a), b: summaryOf(b) },
    differences: circumstances(a.results, b.results, pairs),
    limits: limits(a.results, b.results, hasFloor),
    unmatched: {
      a: contenders(a.results).filter((name) => !pairs.some((pair) => pair.a.name === name)),
      b: contenders(b.results).filter((name) => !pairs.some((pair) => pair.b.name === name)),
    },
    relays: pairs.map((pair) => relayChange(pair, { a: a.results, b: b.results, figures, comparisons })),
  };
}

function refuseOtherQuestion(a: SavedRun, b: SavedRun): void {
  const problems = differingQuestion(questionIn(a.results), questionIn(b.results)).map(
    (differing): InputProblem => ({
      message: `the ${differing.what} is ${differing.b}, and that of ${a.file} is ${differing.a}`,
      at: { file: b.file },
      hint: 'figures of different questions are not compared: run the same scenario with the same seed, --set and --workers',
    }),
  );
  const [first, ...rest] = problems;
  if (first) throw new InputError([first, ...rest]);
}

function summaryOf({ file, results }: SavedRun): RunsComparison['runs']['a'] {
  const { startedAt, complete, rounds } = results;
  return { file, startedAt, complete, rounds: rounds.length };
}

/** What either run gave verdicts on; of a run of one relay nothing is known, and the default stands for it. */
function comparedFigures(a: Results, b: Results): readonly ComparedFigure[] {
  const named = new Map(
    [...a.comparisons, ...b.comparisons].flatMap(({ metric, labels, statistic }) =>
      isMetricName(metric) && isSampledStatistic(statistic)
        ? [[`${metric}${labelKey(labels)}${statistic}`, { metric, labels, statistic }] as const]
        : [],
    ),
  );
  return named.size > 0 ? [...named.values()] : DEFAULT_COMPARISONS.map(parseComparedTerm);
}

interface Runs {
  readonly a: Results;
  readonly b: Results;
  readonly figures: readonly ComparedFigure[];
  readonly comparisons: number;
}

function relayChange(pair: RelayPair, runs: Runs): RelayChange {
  return {
    a: pair.a.name,
    b: pair.b.name,
    status: { a: pair.a.status, b: pair.b.status },
    figures: runs.figures.map((figure) => betweenFigure(pair, figure, runs)),
    points: pointsOf(pair, runs),
    conformance: conformanceChange(pair),
  };
}

function floorOf({ relays }: Results): RelayResult | undefined {
  return relays.find(({ name, status }) => name === NULL_RELAY && status === 'ok');
}

function betweenFigure(pair: RelayPair, figure: ComparedFigure, runs: Runs): BetweenFigure {
  const { metric, labels, statistic } = figure;
  const common = { metric, labels, statistic, unit: METRICS[metric].unit };
  const sides = sidesOf(pair, figure, runs);
  if ('spoiled' in sides) {
    return {
      ...common,
      ...{ a: null, b: null, ratio: null, ci95: null, floorRatio: null, detectable: null },
      rounds: { a: 0, b: 0 },
      verdict: 'not-measurable',
      reason: sides.spoiled,
    };
  }
  const [floorA, floorB] = [runs.a, runs.b].map((run) => {
    const floor = floorOf(run);
    return floor && sampled(floor, figure, run);
  });
  const hasFloor = floorA !== undefined && floorB !== undefined;
  return {
    ...common,
    a: median(sides.a),
    b: median(sides.b),
    rounds: { a: sides.a.length, b: sides.b.length },
    ...compareUnpaired({
      ...sides,
      floor: hasFloor && floorA.length + floorB.length > 0 ? { a: floorA, b: floorB } : undefined,
      comparisons: runs.comparisons,
    }),
  };
}

type Sides = { readonly a: readonly number[]; readonly b: readonly number[] } | { readonly spoiled: string };

/** The figure of each round in either run, or why it isn't compared. */
function sidesOf({ a, b }: RelayPair, figure: ComparedFigure, runs: Runs): Sides {
  const term: MetricTerm = { ...figure, relay: undefined, offset: 0 };
  if (isTimed(term)) {
    if (machineOf(runs.a) !== machineOf(runs.b)) return { spoiled: OTHER_MACHINE };
    const unequal = unequalWork(a, b);
    if (unequal !== undefined) return { spoiled: unequal };
  }
  const [ofA, ofB] = [figureOf(a, term, runs.a), figureOf(b, term, runs.b)];
  const spoiled = reasonAgainst(ofA, 'a') ?? reasonAgainst(ofB, 'b');
  if (spoiled !== undefined || ofA.kind !== 'sampled' || ofB.kind !== 'sampled') {
    return { spoiled: spoiled ?? 'it is an exact count, and no sample' };
  }
  return { a: [...ofA.byRound.values()], b: [...ofB.byRound.values()] };
}

const OTHER_MACHINE = 'the two runs are of different machines, whose timings say nothing of each other';

function reasonAgainst(figure: ReturnType<typeof figureOf>, run: 'a' | 'b'): string | undefined {
  return figure.kind === 'unknown' ? `in ${run}: ${figure.why}` : undefined;
}

/** The floor's figure by round; what saturates the generator is the floor's business, so warnings don't count. */
function sampled(floor: RelayResult, figure: ComparedFigure, run: Results): readonly number[] | undefined {
  const harness = { ...run.harness, perRelay: [], bound: false, tailBound: false };
  const term: MetricTerm = { ...figure, relay: undefined, offset: 0 };
  const found = figureOf(floor, term, { ...run, harness, warnings: [] });
  return found.kind === 'sampled' ? [...found.byRound.values()] : undefined;
}

/** Every metric of both as a whole, without a verdict; what must not be compared has a reason instead of numbers. */
function pointsOf(pair: RelayPair, runs: Runs): PointFigure[] {
  const metrics = (Object.keys(METRICS) as MetricName[]).filter((metric) =>
    [pair.a, pair.b].every((relay) =>
      relay.metrics.some((entry) => entry.metric === metric && labelKey(entry.labels) === labelKey({})),
    ),
  );
  return metrics.flatMap((metric) => {
    const { shape, unit } = METRICS[metric];
    if (shape === 'count') return [countedPoint(pair, metric)];
    const statistics = shape === 'round' ? (['p50'] as const) : (['p50', 'p90', 'p99'] as const);
    return statistics.flatMap((statistic): PointFigure[] => {
      const sides = sidesOf(pair, { metric, labels: {}, statistic }, runs);
      const common = { metric, statistic, unit };
      if ('spoiled' in sides) return [{ ...common, a: null, b: null, ratio: null, reason: sides.spoiled }];
      const [a, b] = [median(sides.a), median(sides.b)];
      return a === null || b === null ? [] : [{ ...common, a, b, ratio: a > 0 ? b / a : null }];
    });
  });
}

function countedPoint({ a, b }: RelayPair, metric: MetricName): PointFigure {
  const count = (relay: RelayResult): number | null =>
    relay.metrics.find((entry) => entry.metric === metric && labelKey(entry.labels) === labelKey({}))
      ?.count ?? null;
  return { metric, statistic: 'count', unit: METRICS[metric].unit, a: count(a), b: count(b), ratio: null };
}

function conformanceChange({ a, b }: RelayPair): ConformanceChange {
  const failing = (relay: RelayResult): string[] =>
    (relay.conformance?.checks ?? []).filter(({ result }) => result === 'failed').map(({ id }) => id);
  const told = ({ conformance }: RelayResult) =>
    conformance && { checked: conformance.checked, failed: conformance.failed };
  const [ofA, ofB] = [failing(a), failing(b)];
  return {
    a: told(a),
    b: told(b),
    onlyInA: ofA.filter((id) => !ofB.includes(id)),
    onlyInB: ofB.filter((id) => !ofA.includes(id)),
  };
}

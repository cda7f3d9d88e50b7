import type { Calibration } from '../harness/calibrate/calibration.js';
import { scatterOfFigure } from '../harness/calibrate/scatter.js';
import { readGates } from '../harness/gates/scenario-rules.js';
import { estimateLoad, type PhaseEstimate, scheduledMs } from '../harness/scenario/estimate.js';
import type { Scenario, SweepPoint } from '../harness/scenario/loader.js';
import { formatDuration } from '../harness/scenario/quantities.js';
import { pairsToPass } from '../harness/stats/power.js';
import { leastPairs } from '../harness/stats/sign-interval.js';
import { LOOKS } from '../harness/stats/stopping.js';

/** Relays of a run that names none: the two reference relays and the null relay. */
const DEFAULT_RELAYS = 3;
/** What starting, loading and stopping a relay takes, roughly; for an estimate. */
const ROUND_OVERHEAD_MS = 500;

/** A scenario that is valid, at every value of its sweep too. */
export interface Checked {
  readonly scenario: Scenario;
  /** The file's own, or that of `--sweep`. */
  readonly sweep: { readonly parameter: string; readonly points: readonly SweepPoint[] } | undefined;
}

/** As `run` would play with the default relays; of a run that ends when it is decided, as many as fit its budget. */
function roundsOf(scenario: Scenario): number {
  const { rounds, compare, budgetMs } = scenario;
  if (rounds !== 'auto') return rounds ?? leastPairs(compare.length);
  return Math.max(1, Math.floor(budgetMs / roundMs(estimateLoad(scenario))));
}

function roundMs(phases: readonly PhaseEstimate[]): number {
  return DEFAULT_RELAYS * (scheduledMs(phases) + ROUND_OVERHEAD_MS);
}

/** What a scenario will do, for machines. Counts are expected values where arrivals are random. */
export function summaryOf({ scenario, sweep }: Checked) {
  const phases = estimateLoad(scenario);
  return {
    name: scenario.name,
    file: scenario.file,
    seed: scenario.seed,
    rounds: roundsOf(scenario),
    compare: scenario.compare.map(({ text }) => text),
    gates: scenario.gates.map(({ text }) => text),
    ...(sweep ? { sweep: sweepSummary(sweep) } : {}),
    phases: phases.map(phaseSummary),
    estimatedMs: estimatedMs(scenario),
  };
}

function phaseSummary({ phase, clients, reqs, publishes, counts, leastMs }: PhaseEstimate) {
  return {
    name: phase.name,
    measure: phase.measure,
    leastMs,
    clients: Object.fromEntries(clients.map(({ kind, sessions }) => [kind, Math.round(sessions)])),
    reqs: Math.round(reqs),
    publishes: Math.round(publishes),
    counts: Math.round(counts),
  };
}

function sweepSummary({ parameter, points }: NonNullable<Checked['sweep']>) {
  return {
    set: parameter,
    values: points.map(({ value }) => value),
    points: points.map(({ value, scenario }) => ({
      value,
      rounds: roundsOf(scenario),
      phases: estimateLoad(scenario).map(phaseSummary),
      estimatedMs: estimatedMs(scenario),
    })),
  };
}

function estimatedMs(scenario: Scenario): number {
  return roundsOf(scenario) * roundMs(estimateLoad(scenario));
}

/**
 * What a scenario will do, in words.
 * @param calibration what was recorded on this machine; null: nothing
 */
export function describe({ scenario, sweep }: Checked, calibration: Calibration | null): string {
  const { corpus, compare, gates } = scenario;
  const rounds = roundsOf(scenario);
  const phases = estimateLoad(scenario);
  const events =
    'generate' in corpus
      ? `${corpus.generate.events} generated events by ${corpus.generate.authors} authors`
      : `events from ${corpus.file}`;
  return [
    `${scenario.name}: valid`,
    ...(scenario.description ? [`  ${scenario.description.trim()}`] : []),
    `  corpus   ${events}, ${corpus.load === 'publish' ? 'published and verified' : 'preloaded'}; seed ${scenario.seed}`,
    ...phases.map(phaseLine),
    `  compare  ${compare.map(({ text }) => text).join(', ') || 'nothing'}`,
    `  gates    ${gates.map(({ text }) => text).join(', ') || 'none'}`,
    scenario.rounds === 'auto'
      ? `  rounds   until all is decided, ${formatDuration(scenario.budgetMs)} at most: about ${rounds} of two relays and the null relay`
      : `  rounds   ${rounds}; with both reference relays and the null relay about ` +
        `${formatDuration(estimatedMs(scenario))}, and what closed phases take`,
    ...(sweep ? sweepLines(sweep) : []),
    ...unlikelyGates(scenario, rounds, calibration),
  ].join('\n');
}

/** The run at each value: what it asks in a round, where that hangs on the value, and how long it takes. */
function sweepLines({ parameter, points }: NonNullable<Checked['sweep']>): readonly string[] {
  const totalMs = points.reduce((sum, { scenario }) => sum + estimatedMs(scenario), 0);
  const width = Math.max(...points.map(({ value }) => value.length));
  return [
    `  sweep    ${parameter}: all of the above at each of ${points.length} values, about ${formatDuration(totalMs)} in all`,
    ...points.map(({ value, scenario }) => {
      const phases = estimateLoad(scenario).filter(({ phase }) => phase.measure);
      return `           ${value.padEnd(width)}  ${countsText(sumOf(phases))} measured a round, about ${formatDuration(estimatedMs(scenario))}`;
    }),
  ];
}

type Counts = Pick<PhaseEstimate, 'reqs' | 'publishes' | 'counts'>;

function sumOf(phases: readonly Counts[]): Counts {
  const sum = (count: (phase: Counts) => number) => phases.reduce((total, phase) => total + count(phase), 0);
  return {
    reqs: sum(({ reqs }) => reqs),
    publishes: sum(({ publishes }) => publishes),
    counts: sum(({ counts }) => counts),
  };
}

/** Gates between relays that so many rounds will hardly decide, how many it would take, and by what that is known. */
function unlikelyGates(
  { name, gates, rounds: asked }: Scenario,
  rounds: number,
  calibration: Calibration | null,
): readonly string[] {
  return readGates(gates).flatMap(({ rule }) => {
    const { statistic } = rule.figure;
    if (rule.bound.kind !== 'term' || statistic === 'count' || rule.bound.factor <= 1) return [];
    const scatter = scatterOfFigure({ ...rule.figure, statistic }, name, calibration);
    const needed = pairsToPass(rule.bound.factor, scatter.value, asked === 'auto' ? LOOKS : 1);
    const source = scatter.calibration
      ? `by how much it scattered in this machine's calibration of ${scatter.calibration.measuredAt.slice(0, 10)} (${scatter.calibration.rounds.length} rounds of ${scatter.calibration.relay})`
      : `by how much a ${statistic} usually scatters (not calibrated on this machine: reqbench calibrate)`;
    const takes = `"${rule.text}" takes ${needed === undefined ? 'more than 2,000' : `about ${needed}`} rounds to pass two equal relays in 95 % of runs, ${source}`;
    if (needed !== undefined && needed <= rounds) return scatter.calibration ? [`  power    ${takes}`] : [];
    return [`  note     ${takes}; this run has ${rounds}`];
  });
}

function phaseLine(estimate: PhaseEstimate): string {
  const { phase, clients } = estimate;
  const iterations = phase.arrivals.process === 'closed' ? phase.arrivals.iterations : 1;
  const arriving = clients
    .filter(({ sessions }) => sessions > 0)
    .map(({ kind, sessions }) => `${Math.round(sessions)} ${kind}`);
  const times = iterations > 1 ? `, ${iterations} times each` : '';
  const length = phase.durationMs === undefined ? 'until done' : formatDuration(phase.durationMs);
  const slices = phase.slices > 1 ? `, in ${phase.slices} slices` : '';
  return `  phase    ${phase.name} (${length}${phase.measure ? '' : ', not measured'}${slices}): ${arriving.join(', ')}${times}: ${countsText(estimate)}`;
}

function countsText({ reqs, publishes, counts }: Counts): string {
  return [
    `${Math.round(reqs)} REQs, ${Math.round(publishes)} EVENTs`,
    ...(counts > 0 ? [`${Math.round(counts)} COUNTs`] : []),
  ].join(', ');
}

import { Command } from 'commander';
import { InputError, type InputProblem } from '../harness/errors.js';
import { checkGates } from '../harness/gates/check.js';
import { readCompared, readGates } from '../harness/gates/scenario-rules.js';
import { estimateLoad, type PhaseEstimate, scheduledMs } from '../harness/scenario/estimate.js';
import { resolveScenario } from '../harness/scenario/library.js';
import { loadScenario, loadSweep, type Scenario } from '../harness/scenario/loader.js';
import { formatDuration } from '../harness/scenario/quantities.js';
import { valueLabel } from '../harness/scenario/sweep.js';
import { pairsToPass, TYPICAL_SCATTER } from '../harness/stats/power.js';
import { leastPairs } from '../harness/stats/sign-interval.js';
import { LOOKS } from '../harness/stats/stopping.js';
import { repeatable } from './option-values.js';

interface ValidateOptions {
  readonly set: readonly string[];
  readonly json?: boolean;
}

/** Relays of a run that names none: the two reference relays and the null relay. */
const DEFAULT_RELAYS = 3;
/** What starting, loading and stopping a relay takes, roughly; for an estimate. */
const ROUND_OVERHEAD_MS = 500;

/** `reqbench validate <scenario…>`: what scenarios will do, or everything that is wrong with them (exit 2). */
export function validateCommand(): Command {
  return new Command('validate')
    .description('check scenario files and say what they will do')
    .argument('<scenario...>', 'files, or names of built-in scenarios')
    .addOption(repeatable('--set <key.path=value>', 'override a value of the scenario; repeatable'))
    .option('--json', 'print JSON only')
    .action((names: string[], options: ValidateOptions) => {
      const outcomes = names.map((name) => validate(name, options.set));
      const problems = outcomes.flatMap((outcome) => outcome.problems);
      const valid = outcomes.flatMap((outcome) => outcome.scenario ?? []);
      if (options.json) {
        process.stdout.write(`${JSON.stringify({ scenarios: valid.map(summary), problems }, null, 2)}\n`);
        if (problems.length > 0) process.exitCode = 2;
        return;
      }
      for (const scenario of valid) process.stdout.write(`${describe(scenario)}\n`);
      const [first, ...rest] = problems;
      if (first) throw new InputError([first, ...rest]);
    });
}

function validate(
  name: string,
  set: readonly string[],
): { scenario?: Scenario; problems: readonly InputProblem[] } {
  try {
    const file = resolveScenario(name, process.cwd());
    const scenario = loadScenario(file, { set });
    // Each of its values has to be as valid.
    loadSweep(file, { set });
    readCompared(scenario.compare);
    checkGates(readGates(scenario.gates), {
      clients: Object.keys(scenario.clients),
      phases: scenario.phases.map((phase) => phase.name),
    });
    return { scenario, problems: [] };
  } catch (error) {
    if (error instanceof InputError) return { problems: error.problems };
    throw error;
  }
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
function summary(scenario: Scenario) {
  const phases = estimateLoad(scenario);
  return {
    name: scenario.name,
    file: scenario.file,
    seed: scenario.seed,
    rounds: roundsOf(scenario),
    compare: scenario.compare.map(({ text }) => text),
    gates: scenario.gates.map(({ text }) => text),
    ...(scenario.sweep ? { sweep: scenario.sweep } : {}),
    phases: phases.map(({ phase, clients, reqs, publishes, counts, leastMs }) => ({
      name: phase.name,
      measure: phase.measure,
      leastMs,
      clients: Object.fromEntries(clients.map(({ kind, sessions }) => [kind, Math.round(sessions)])),
      reqs: Math.round(reqs),
      publishes: Math.round(publishes),
      counts: Math.round(counts),
    })),
    estimatedMs: estimatedMs(scenario, phases),
  };
}

function estimatedMs(scenario: Scenario, phases: readonly PhaseEstimate[]): number {
  return roundsOf(scenario) * roundMs(phases);
}

function describe(scenario: Scenario): string {
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
        `${formatDuration(estimatedMs(scenario, phases))}, and what closed phases take`,
    ...(scenario.sweep
      ? [
          `  sweep    a run at each of ${scenario.sweep.values.map(valueLabel).join(', ')} for ${scenario.sweep.set}: all of the above, ${scenario.sweep.values.length} times`,
        ]
      : []),
    ...unlikelyGates(scenario, rounds),
  ].join('\n');
}

/** Gates between relays that so many rounds will hardly decide, and how many it would take. */
function unlikelyGates({ gates, rounds: asked }: Scenario, rounds: number): readonly string[] {
  return readGates(gates).flatMap(({ rule }) => {
    const { statistic } = rule.figure;
    if (rule.bound.kind !== 'term' || statistic === 'count' || rule.bound.factor <= 1) return [];
    const needed = pairsToPass(rule.bound.factor, TYPICAL_SCATTER[statistic], asked === 'auto' ? LOOKS : 1);
    if (needed !== undefined && needed <= rounds) return [];
    return [
      `  note     "${rule.text}" takes ${needed === undefined ? 'more than 2,000' : `about ${needed}`} rounds to pass two equal relays` +
        ` in 95 % of runs, by how much a ${statistic} usually scatters; this run has ${rounds}`,
    ];
  });
}

function phaseLine({ phase, clients, reqs, publishes, counts: counted }: PhaseEstimate): string {
  const iterations = phase.arrivals.process === 'closed' ? phase.arrivals.iterations : 1;
  const arriving = clients
    .filter(({ sessions }) => sessions > 0)
    .map(({ kind, sessions }) => `${Math.round(sessions)} ${kind}`);
  const times = iterations > 1 ? `, ${iterations} times each` : '';
  const length = phase.durationMs === undefined ? 'until done' : formatDuration(phase.durationMs);
  const slices = phase.slices > 1 ? `, in ${phase.slices} slices` : '';
  const counts = [
    `${Math.round(reqs)} REQs, ${Math.round(publishes)} EVENTs`,
    ...(counted > 0 ? [`${Math.round(counted)} COUNTs`] : []),
  ].join(', ');
  return `  phase    ${phase.name} (${length}${phase.measure ? '' : ', not measured'}${slices}): ${arriving.join(', ')}${times}: ${counts}`;
}

import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { corpusCacheDir } from '../harness/corpus/cache.js';
import { parseEpoch } from '../harness/corpus/epoch.js';
import { InputError } from '../harness/errors.js';
import { exitCode } from '../harness/exit-codes.js';
import { checkGates } from '../harness/gates/check.js';
import type { GateRule } from '../harness/gates/parse.js';
import { readCompared, readGates } from '../harness/gates/scenario-rules.js';
import { findRelaysFile } from '../harness/relays-file/read.js';
import { NULL_RELAY, type Results } from '../harness/results.js';
import { readResultsFile } from '../harness/results-file.js';
import { combineSweep, type SweptRun } from '../harness/run/combine-sweep.js';
import { run } from '../harness/run/run.js';
import { resolveScenario } from '../harness/scenario/library.js';
import { loadScenario, loadSweep, type Scenario } from '../harness/scenario/loader.js';
import { MOST_ROUNDS, MOST_WORKERS } from '../harness/scenario/schema.js';
import { type ComparedFigure, roundsForVerdicts } from '../harness/stats/compare.js';
import { type RelayEntry, resolveRelay } from '../relays/catalog.js';
import type { Relay } from '../relays/relay.js';
import { printable, renderTerminal, writeReports, writeResults } from '../reports/index.js';
import { onInterrupt } from './interrupt.js';
import {
  atLeastOne,
  durationMs,
  integer,
  notMeasurableOption,
  problem,
  repeatable,
} from './option-values.js';
import { createProgress } from './progress.js';
import { hasColor, stdoutPage } from './terminal.js';

interface RunFlags {
  readonly relay: readonly string[];
  readonly config?: string;
  readonly null: boolean;
  readonly rounds?: number | 'auto';
  readonly budget?: number;
  readonly workers?: number;
  readonly seed?: number;
  readonly epoch?: string;
  readonly set: readonly string[];
  readonly sweep?: string;
  readonly out?: string;
  readonly strict: boolean;
  readonly check: boolean;
  readonly notMeasurable?: 'pass' | 'fail';
  readonly gate: readonly string[];
  readonly baseline?: string;
  readonly allowRemote: boolean;
  readonly trace: boolean;
  readonly json: boolean;
}

const DEFAULT_RELAYS = ['streaming', 'batched'];

/** `reqbench run`: replay, check, measure, compare, gate, report. */
export function runCommand(): Command {
  return new Command('run')
    .summary('replay scenarios against relays: check, measure, compare, report')
    .description('Replay scenarios against relays: check every message, measure, compare, report.')
    .argument('<scenario...>', 'a YAML file, or the name of a packaged scenario (see: reqbench list)')
    .addOption(
      repeatable(
        '--relay <spec>',
        'a relay to measure, repeatable; replaces the default pair streaming and batched.\n' +
          'streaming | batched | NAME in reqbench.config.yaml | ./module.js | ws://127.0.0.1:7777 | name=command with {port} and {dir} | base=streaming',
      ),
    )
    .option(
      '--config <file>',
      'relays by name (default: reqbench.config.yaml beside the scenario, here, or above)',
    )
    .option('--no-null', 'leave out the null relay, the floor that runs beside the others')
    .option(
      '--rounds <n|auto>',
      'rounds to play (default: as many as the verdicts need); auto: until all is decided, or --budget is spent',
      (text: string) => (text === 'auto' ? text : atLeastOne('--rounds')(text)),
    )
    .option(
      '--budget <duration>',
      'with --rounds auto: what the run may take (default: 60s)',
      durationMs('--budget'),
    )
    .option(
      '--workers <n>',
      'processes that share the load (default: the scenario’s, or 1)',
      integer('--workers', 1, MOST_WORKERS),
    )
    .option(
      '--seed <n>',
      'seed of corpus and plan (default: the scenario’s)',
      integer('--seed', 0, Number.MAX_SAFE_INTEGER),
    )
    .option('--epoch <date|today>', 'sign the corpus for this date, for relays that refuse old events')
    .addOption(repeatable('--set <key=value>', 'override a scenario value, e.g. corpus.file=events.jsonl'))
    .option('--sweep <key=v1,v2>', 'a run at each value, and how the figures grow with it')
    .option('--out <dir>', 'folder for the reports (default: reqbench-results/<scenario>-<time>)')
    .option('--strict', 'a broken SHOULD fails the run like a broken MUST', false)
    .option(
      '--no-check',
      'measure without checking the answers, to see what checking costs; nothing is compared or gated then',
    )
    .addOption(repeatable('--gate <rule>', 'one more rule that must hold, e.g. "req.eose.p50 < 50ms"'))
    .option(
      '--baseline <results.json>',
      'an earlier run of the same scenario, for rules such as baseline + 10%',
    )
    .addOption(notMeasurableOption())
    .option(
      '--allow-remote',
      'put load on an address that is not on this machine; ask its owner first',
      false,
    )
    .option(
      '--trace',
      'write every message to <out>/traces, for reqbench check; costs the generator time',
      false,
    )
    .option('--json', 'print results.json to stdout and nothing else', false)
    .addHelpText(
      'after',
      `
Examples:
  $ reqbench run first-look
  $ reqbench run home-timeline --rounds 10 --out results/today
  $ reqbench run first-look --relay streaming --relay 'mine=./my-relay --port {port} --data {dir}'
  $ reqbench run replay-real-events --set corpus.file=events.jsonl`,
    )
    .action(async (scenarios: string[], flags: RunFlags) => {
      process.exitCode = await runAll(scenarios, flags);
    });
}

async function runAll(names: readonly string[], flags: RunFlags): Promise<number> {
  const planned = names.map((name) => planAll(name, flags));
  if (flags.out !== undefined && planned.length > 1) {
    throw new InputError([
      { message: '--out names one folder', hint: 'run one scenario at a time with --out' },
    ]);
  }
  const interrupt = onInterrupt();
  try {
    const outcomes: Results[] = [];
    for (const one of planned) {
      if (interrupt.signal.aborted) break;
      outcomes.push(
        await (one.sweep
          ? runSweep(one, flags, interrupt.signal)
          : runOne(one.runs[0], flags, interrupt.signal)),
      );
    }
    return exitCode(summary(outcomes, flags, interrupt.signal.aborted));
  } finally {
    interrupt.stop();
  }
}

/** Everything that a run is made of; what is wrong with it is said before anything runs. */
interface Planned {
  readonly scenario: Scenario;
  readonly relays: readonly Relay[];
  readonly compare: readonly ComparedFigure[];
  readonly gates: readonly GateRule[];
  readonly baseline: { readonly results: Results; readonly file: string } | undefined;
  readonly rounds: number;
  readonly budgetMs: number | undefined;
  readonly epochS: number;
}

/** One run, or one at each value of a sweep. */
interface PlannedAll {
  readonly runs: readonly [Planned, ...Planned[]];
  /** Undefined: there is one run. */
  readonly sweep: { readonly parameter: string; readonly values: readonly string[] } | undefined;
}

function planAll(name: string, flags: RunFlags): PlannedAll {
  const file = resolveScenario(name, process.cwd());
  const options = { set: flags.set, cwd: process.cwd() };
  const swept = loadSweep(file, options, flags.sweep);
  if (!swept) return { runs: [plan(file, loadScenario(file, options), flags)], sweep: undefined };
  if (flags.baseline !== undefined) {
    throw problem('--baseline doesn’t go with a sweep', 'compare with a baseline at one value: --set');
  }
  const [first, ...others] = swept.points.map(({ scenario }) => plan(file, scenario, flags));
  if (!first) throw new Error('a sweep without values');
  const sweep = { parameter: swept.parameter, values: swept.points.map(({ value }) => value) };
  return { runs: [first, ...others], sweep };
}

function plan(file: string, scenario: Scenario, flags: RunFlags): Planned {
  const entries = findRelaysFile(flags.config, [dirname(file), process.cwd()])?.entries;
  const relays = chosenRelays(flags, entries);
  const relayNames = relays.map((relay) => relay.name);
  const compare = readCompared(scenario.compare);
  const gates = readGates([...scenario.gates, ...flags.gate.map((text) => ({ text }))]);
  checkGates(gates, {
    relays: relayNames,
    clients: Object.keys(scenario.clients),
    phases: scenario.phases.map((phase) => phase.name),
    baseline: flags.baseline !== undefined,
  });
  return {
    scenario,
    relays,
    compare,
    gates: gates.map(({ rule }) => rule),
    baseline:
      flags.baseline === undefined
        ? undefined
        : { results: readResultsFile(flags.baseline), file: flags.baseline },
    ...extent(scenario, flags, roundsForVerdicts(compare.length, relayNames)),
    epochS: parseEpoch(flags.epoch),
  };
}

/** How long a run will be, as far as it is known before it runs. */
function lengthOf({ rounds, budgetMs, relays }: Planned) {
  return budgetMs === undefined ? { rounds, parts: rounds * relays.length } : { budgetMs };
}

/** How many rounds a run plays, and within what time where it plays until it is decided. */
function extent(
  scenario: Scenario,
  flags: RunFlags,
  needed: number,
): { readonly rounds: number; readonly budgetMs: number | undefined } {
  const rounds = flags.rounds ?? scenario.rounds ?? needed;
  if (rounds === 'auto') return { rounds: MOST_ROUNDS, budgetMs: flags.budget ?? scenario.budgetMs };
  if (flags.budget !== undefined) throw problem('--budget goes with --rounds auto', 'write --rounds auto');
  return { rounds, budgetMs: undefined };
}

/** Plays the runs of a sweep one after another, each with its own reports, and writes those of all of them. */
async function runSweep({ runs, sweep }: PlannedAll, flags: RunFlags, signal: AbortSignal): Promise<Results> {
  const out = resolve(flags.out ?? defaultFolder(runs[0].scenario.name, new Date()));
  const { parameter = '', values = [] } = sweep ?? {};
  const played: SweptRun[] = [];
  for (const [index, planned] of runs.entries()) {
    if (signal.aborted && played.length > 0) break;
    const value = values[index] ?? '';
    const folder = `${index + 1}-${value.replace(/[^a-zA-Z0-9.-]+/g, '_').slice(0, 40)}`;
    if (!flags.json)
      process.stderr.write(`${parameter} = ${printable(value, 60)} (${index + 1} of ${runs.length})\n`);
    const results = await play(planned, flags, signal, join(out, folder));
    await writeReports(results, join(out, folder));
    played.push({ value, folder, results });
  }
  const [first, ...others] = played;
  if (!first) throw new Error('a sweep without values');
  const results = combineSweep(parameter, [first, ...others], {
    isComplete: played.length === runs.length,
    strict: flags.strict,
  });
  await present(results, out, flags);
  return results;
}

async function runOne(planned: Planned, flags: RunFlags, signal: AbortSignal): Promise<Results> {
  const out = resolve(flags.out ?? defaultFolder(planned.scenario.name, new Date()));
  const results = await play(planned, flags, signal, out);
  await present(results, out, flags);
  return results;
}

async function play(planned: Planned, flags: RunFlags, signal: AbortSignal, out: string): Promise<Results> {
  const { scenario } = planned;
  const isTerminal = process.stderr.isTTY === true;
  const progress = createProgress(process.stderr, {
    color: hasColor(process.stderr),
    interactive: isTerminal && process.env.CI === undefined,
    silent: flags.json,
  });
  try {
    return await run({
      ...planned,
      seed: flags.seed ?? scenario.seed,
      workers: flags.workers ?? scenario.workers,
      strict: flags.strict,
      checked: flags.check,
      cacheDir: corpusCacheDir(),
      traceDir: flags.trace ? join(out, 'traces') : undefined,
      signal,
      watch: {
        onPreparing: (what, done, of) =>
          progress.show({ kind: 'preparing', what, ...(of === undefined ? {} : { done: done ?? 0, of }) }),
        onRelay: ({ round, relay, part }) =>
          progress.show({ kind: 'part', round, relay, part, ...lengthOf(planned) }),
        onLoad: (load) => progress.show({ kind: 'load', ...load }),
        onNotice: (text) => progress.show({ kind: 'notice', text }),
        onRound: async (soFar) => {
          await writeResults(soFar, out);
        },
      },
    });
  } finally {
    progress.end();
  }
}

async function present(results: Results, out: string, flags: RunFlags): Promise<void> {
  const files = await writeReports(results, out);
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(results)}\n`);
    return;
  }
  process.stdout.write(
    renderTerminal(results, {
      ...stdoutPage(),
      files: [files.html, files.results, files.summary, files.junit],
    }),
  );
}

function chosenRelays(flags: RunFlags, entries: readonly RelayEntry[] | undefined): Relay[] {
  const specs = flags.relay.length > 0 ? flags.relay : DEFAULT_RELAYS;
  const options = { allowRemote: flags.allowRemote, cwd: process.cwd(), entries };
  const withFloor = flags.null && !specs.includes(NULL_RELAY) ? [...specs, NULL_RELAY] : specs;
  const relays = withFloor.map((spec) => resolveRelay(spec, options));
  const twice = relays.find((relay, index) => relays.findIndex(({ name }) => name === relay.name) !== index);
  if (twice) {
    throw new InputError([
      { message: `two relays are called ${twice.name}`, hint: 'give one of them a name: name=command' },
    ]);
  }
  return relays;
}

function summary(
  outcomes: readonly Results[],
  flags: RunFlags,
  interrupted: boolean,
): Parameters<typeof exitCode>[0] {
  const relays = outcomes.flatMap((results) => results.relays);
  const gates = outcomes.flatMap((results) => results.gates);
  return {
    interrupted,
    badInput: false,
    relayDown: relays.some(({ status }) => status === 'failed-to-start' || status === 'died'),
    failed:
      relays.some(({ conformance }) => (conformance?.failed ?? 0) > 0) ||
      gates.some(({ result }) => result === 'failed'),
    gateNotMeasurable: gates.some(({ result }) => result === 'not-measurable'),
    notMeasurable: flags.notMeasurable,
  };
}

function defaultFolder(scenario: string, now: Date): string {
  const time = now.toISOString().slice(0, 19).replaceAll(':', '').replace('T', '-');
  return `reqbench-results/${scenario}-${time}`;
}

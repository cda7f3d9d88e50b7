import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import type { KnownFailures } from '../harness/conformance/conform-known-failures.js';
import { parseEpoch } from '../harness/corpus/epoch.js';
import { InputError } from '../harness/errors.js';
import { checkGates } from '../harness/gates/check.js';
import { labelSpaceOf } from '../harness/gates/label-rules.js';
import type { GateRule } from '../harness/gates/parse.js';
import { readCompared, readGates } from '../harness/gates/scenario-rules.js';
import { findRelaysFile } from '../harness/relays-file/read.js';
import { NULL_RELAY, type Results } from '../harness/results.js';
import { readResultsFile } from '../harness/results-file.js';
import type { ScenarioSource } from '../harness/run/run-options.js';
import { resolveScenario, shownScenarioFile } from '../harness/scenario/library.js';
import { loadScenario, loadSweep, type Scenario } from '../harness/scenario/loader.js';
import { MOST_ROUNDS } from '../harness/scenario/schema.js';
import { hasSlices, ONE_WORKER } from '../harness/scenario/slices.js';
import { type ComparedFigure, roundsForVerdicts } from '../harness/stats/compare.js';
import { type RelayEntry, resolveRelay } from '../relays/catalog.js';
import type { Relay } from '../relays/relay.js';
import { knownBefore } from './known-failures.js';
import { problem } from './option-values.js';

/** The options of `reqbench run`, as commander gives them. */
export interface RunFlags {
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
  readonly knownFailures?: string;
  readonly updateKnownFailures: boolean;
  readonly gate: readonly string[];
  readonly baseline?: string;
  readonly allowRemote: boolean;
  readonly load: boolean;
  readonly trace: boolean;
  readonly json: boolean;
}

const DEFAULT_RELAYS = ['streaming', 'batched'];

/** Everything that a run is made of; what is wrong with it is said before anything runs. */
export interface Planned {
  readonly scenario: Scenario;
  readonly source: ScenarioSource;
  readonly relays: readonly Relay[];
  readonly compare: readonly ComparedFigure[];
  readonly gates: readonly GateRule[];
  readonly baseline: { readonly results: Results; readonly file: string } | undefined;
  readonly rounds: number;
  readonly budgetMs: number | undefined;
  readonly knownFailures: KnownFailures | undefined;
  readonly epochS: number;
  /** Of the keys of this run alone, where attached relays are loaded. */
  readonly keyNonce: string | undefined;
}

/** One run, or one at each value of a sweep. */
export interface PlannedAll {
  readonly runs: readonly [Planned, ...Planned[]];
  /** Undefined: there is one run. */
  readonly sweep: { readonly parameter: string; readonly values: readonly string[] } | undefined;
}

/**
 * What the options and a scenario ask for, checked.
 * @throws {InputError} with all that is wrong with them
 */
export function planAll(name: string, flags: RunFlags): PlannedAll {
  const file = resolveScenario(name, process.cwd());
  const options = { set: flags.set, cwd: process.cwd() };
  const swept = loadSweep(file, options, flags.sweep);
  if (!swept) return { runs: [plan(file, loadScenario(file, options), flags)], sweep: undefined };
  if (flags.baseline !== undefined) {
    throw problem('--baseline doesn’t go with a sweep', 'compare with a baseline at one value: --set');
  }
  if (flags.knownFailures !== undefined) {
    throw problem('--known-failures doesn’t go with a sweep', 'run one value at a time: --set');
  }
  const [first, ...others] = swept.points.map(({ scenario }) => plan(file, scenario, flags));
  if (!first) throw new Error('a sweep without values');
  const sweep = { parameter: swept.parameter, values: swept.points.map(({ value }) => value) };
  return { runs: [first, ...others], sweep };
}

function plan(file: string, scenario: Scenario, flags: RunFlags): Planned {
  if ((flags.workers ?? 1) > 1 && hasSlices(scenario)) {
    throw problem(`--workers ${flags.workers}: ${ONE_WORKER}`, 'leave it out, or the slices of the scenario');
  }
  const entries = findRelaysFile(flags.config, [dirname(file), process.cwd()])?.entries;
  const relays = chosenRelays(flags, entries);
  const relayNames = relays.map((relay) => relay.name);
  const labels = labelSpaceOf(scenario);
  const compare = readCompared(scenario.compare, { labels });
  const gates = readGates([...scenario.gates, ...flags.gate.map((text) => ({ text }))]);
  checkGates(gates, {
    relays: relayNames,
    labels,
    baseline: flags.baseline !== undefined,
  });
  return {
    scenario,
    source: {
      file: shownScenarioFile(file, process.cwd()),
      overrides: [...flags.set],
      gates: [...flags.gate],
    },
    relays,
    compare,
    gates: gates.map(({ rule }) => rule),
    baseline:
      flags.baseline === undefined
        ? undefined
        : { results: readResultsFile(flags.baseline), file: flags.baseline },
    ...extent(scenario, flags, roundsForVerdicts(compare.length, relayNames)),
    knownFailures: knownBefore(flags),
    epochS: parseEpoch(flags.epoch),
    keyNonce: flags.load ? nonceToLoad(scenario, relays) : undefined,
  };
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

/** A nonce for the keys that attached relays are loaded under. @throws {InputError} where they can't be */
function nonceToLoad({ corpus, file }: Scenario, relays: readonly Relay[]): string {
  if (!relays.some(({ kind }) => kind === 'attached')) {
    throw problem(
      '--load is for relays that run already, and none is given by its address',
      'name one, as --relay ws://127.0.0.1:7777; relays that reqbench starts are loaded without --load',
    );
  }
  if ('file' in corpus) {
    const message =
      '--load writes only events by throw-away keys of the run, and those of corpus.file are signed by others’';
    const hint =
      'leave --load out to read what the relay holds, generate the corpus (--set corpus.generate.events=2000), ' +
      'or let reqbench start the relay: name=command with {port} and {dir}';
    throw new InputError([{ message, at: { file }, hint }]);
  }
  return randomBytes(8).toString('hex');
}

function chosenRelays(flags: RunFlags, entries: readonly RelayEntry[] | undefined): Relay[] {
  const specs = flags.relay.length > 0 ? flags.relay : DEFAULT_RELAYS;
  const options = {
    allowRemote: flags.allowRemote,
    writeToAttached: flags.load,
    cwd: process.cwd(),
    entries,
  };
  const withFloor = flags.null && !specs.includes(NULL_RELAY) ? [...specs, NULL_RELAY] : specs;
  const relays = withFloor.map((spec) => resolveRelay(spec, options));
  if (relays.every(({ floor }) => floor)) {
    throw problem('the null relay is the floor that others are measured against', 'name a relay to measure');
  }
  const twice = relays.find((relay, index) => relays.findIndex(({ name }) => name === relay.name) !== index);
  if (twice) {
    throw new InputError([
      { message: `two relays are called ${twice.name}`, hint: 'give one of them a name: name=command' },
    ]);
  }
  return relays;
}

import { calibrationOfRun, type RunSize } from '../calibrate/in-results.js';
import { withKnownFailures } from '../conformance/conform-known-failures.js';
import type { Baseline } from '../gates/baseline.js';
import { evaluateGates } from '../gates/evaluate.js';
import type { GeneratorJudgement } from '../measure/generator.js';
import type { RelayResult, Results, Warning } from '../results.js';
import { NULL_RELAY, RESULTS_SCHEMA } from '../results.js';
import { isSpoiledBy } from '../spoiled.js';
import { type ComparedFigure, compareRelays } from '../stats/compare.js';
import { unequalWork } from '../unequal-work.js';
import { artefacts, ownDelays } from './artefacts.js';
import { emptyAnswers, expectsEvents, howToLoad } from './empty-answers.js';
import { environment } from './environment.js';
import { generatorOf, worstGenerator } from './generator.js';
import { machineWarnings } from './machine-warnings.js';
import type { Prepared } from './prepare.js';
import type { RelayRecord } from './relay-record.js';
import type { RoundRecord, RunOptions } from './run-options.js';
import { warningsOf } from './warnings.js';

export interface ResultParts {
  readonly options: RunOptions;
  readonly prepared: Prepared;
  readonly records: readonly RelayRecord[];
  readonly rounds: readonly RoundRecord[];
  readonly startedAt: Date;
  readonly complete: boolean;
  readonly baseline: Baseline | undefined;
  /** Of a run that plays until it is decided. */
  readonly stopping: Results['stopping'];
}

/** What a run asks, and where: the part of its results that is known before it runs. */
export function questionOf(
  { scenario, source, seed, keyNonce }: RunOptions,
  { corpus, plan }: Prepared,
): Pick<Results, 'scenario' | 'corpus' | 'environment'> {
  return {
    scenario: {
      name: scenario.name,
      ...(scenario.description === undefined ? {} : { description: scenario.description }),
      ...source,
      seed,
      epoch: new Date(corpus.epochS * 1000).toISOString().slice(0, 10),
      planFingerprint: plan.fingerprint,
    },
    corpus: {
      events: corpus.events.length,
      fingerprint: corpus.fingerprint,
      ...(keyNonce === undefined ? {} : { keyNonce }),
    },
    environment: environment(),
  };
}

/** results.json from what the rounds brought so far. */
export function assembleResults({
  options,
  prepared,
  records,
  rounds,
  startedAt,
  complete,
  baseline,
  stopping,
}: ResultParts): Results {
  const relays = withKnownFailures(
    records.map((record) => record.result(record.metrics())),
    options.knownFailures,
    options.strict,
  );
  const generators = records.flatMap((record, index) => {
    const generator = generatorOf(record.generators, relays[index]?.metrics ?? []);
    return generator ? [{ relay: record.name, ...generator }] : [];
  });
  const perRelay = generators.map(({ relay, figures, workers }) => ({
    relay,
    ...figures,
    ...(workers ? { workers } : {}),
  }));
  // The floor is as fast as the generator by design; that says nothing against the others' figures.
  const contenders = generators.filter(({ relay }) => relay !== NULL_RELAY);
  const loading = howToLoad(options.scenario);
  const warnings = [
    ...(expectsEvents(prepared.workload) ? relays.flatMap((relay) => emptyAnswers(relay, loading)) : []),
    ...warningsOf(records, contenders, {
      network: options.scenario.network,
      traced: options.traceDir !== undefined,
      checked: options.checked ?? true,
      keyNonce: options.keyNonce,
    }),
    // Before the load of the machine: an artefact names its cause.
    ...records.flatMap((record, index) => {
      const relay = relays[index];
      return relay ? artefacts(relay, record.starts, ownDelays(options.scenario, record.relay.kind)) : [];
    }),
    ...records.flatMap(machineWarnings),
  ];
  const results: Results = {
    schema: RESULTS_SCHEMA,
    complete,
    startedAt: startedAt.toISOString(),
    warnings,
    ...questionOf(options, prepared),
    harness: { ...worstGenerator(contenders.map(({ figures }) => figures)), perRelay },
    rounds: rounds.map((round) => ({ ...round, ...machineOf(records, round.round) })),
    relays,
    ...(stopping ? { stopping } : {}),
    ...calibrated(options, { rounds: rounds.length, looks: stopping?.looks ?? 1 }),
    comparisons: compareRelays(options.compare, relays, {
      looks: stopping?.looks,
      spoiled: (a, b, figure) =>
        spoiledBy(warnings, figure, a, b) ??
        (figure.statistic === 'p50' ? undefined : spoiledTail(contenders, a, b)) ??
        unequalBetween(relays, a, b),
    }),
    gates: [],
  };
  return { ...results, gates: evaluateGates(options.gates, results, baseline) };
}

function calibrated({ calibration }: RunOptions, size: RunSize): Pick<Results, 'calibration'> {
  if (calibration === undefined) return {};
  return { calibration: calibration && calibrationOfRun(calibration, size) };
}

function unequalBetween(relays: readonly RelayResult[], a: string, b: string): string | undefined {
  const [ofA, ofB] = [a, b].map((wanted) => relays.find(({ name }) => name === wanted));
  return ofA && ofB ? unequalWork(ofA, ofB) : undefined;
}

/** What else the machine did in a round, by relay; nothing where it can't be told. */
function machineOf(
  records: readonly RelayRecord[],
  round: number,
): Pick<Results['rounds'][number], 'machine'> {
  const loads = records.flatMap(({ name, machine }) => {
    const load = machine.get(round);
    return load ? [[name, load] as const] : [];
  });
  return loads.length === 0 ? {} : { machine: Object.fromEntries(loads) };
}

function spoiledTail(
  generators: readonly (GeneratorJudgement & { readonly relay: string })[],
  a: string,
  b: string,
): string | undefined {
  return generators
    .filter(({ relay }) => relay === a || relay === b)
    .flatMap(({ tailReasons }) => tailReasons)[0];
}

/** The first warning that spoils the figure of one of the two. */
function spoiledBy(
  warnings: readonly Warning[],
  figure: ComparedFigure,
  a: string,
  b: string,
): string | undefined {
  return warnings.find((one) => [a, b].some((relay) => isSpoiledBy(one, { ...figure, relay })))?.text;
}

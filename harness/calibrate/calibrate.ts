import type { Relay } from '../../relays/relay.js';
import { InputError } from '../errors.js';
import { selectMetric } from '../measure/assemble.js';
import { median, perRoundValues } from '../measure/statistics.js';
import type { RelayResult, Results } from '../results.js';
import { run } from '../run/run.js';
import type { RunOptions } from '../run/run-options.js';
import type { RunWatch } from '../run/run-watch.js';
import {
  type CALIBRATED,
  CALIBRATION_SCHEMA,
  type CalibratedRound,
  type Calibration,
  SLOWDOWNS,
} from './calibration.js';
import { BASE, requireSlowable, SAME, selfOf, slowedName } from './selves.js';
import { machineOf } from './store.js';

/** Rounds of a pilot: the median of so many is off by some two hundredths. */
const PILOT_ROUNDS = 8;

/** How many times slower the pilot makes a REQ, so that what a microsecond of spinning does stands out of the noise. */
const PILOT_SHARE = 1;

export interface CalibrateOptions
  extends Pick<RunOptions, 'scenario' | 'seed' | 'epochS' | 'cacheDir' | 'signal'> {
  readonly relay: Relay;
  readonly rounds: number;
  readonly watch: Omit<RunWatch, 'onRound' | 'onWindow'>;
}

/** What is calibrated with unless another scenario is named: a closed loop of many short rounds. */
export const CALIBRATED_SCENARIO = 'ci-gate';

/** How many relays' parts a round has: as itself, as itself again, and slowed. */
export const PARTS_OF_A_ROUND = 2 + SLOWDOWNS.length;

/** A calibration, or why there is none. */
export type Calibrated =
  | { readonly calibration: Calibration }
  /** A relay did not start or died. */
  | { readonly failed: string }
  /** It was interrupted before a round was whole. */
  | { readonly interrupted: true };

/**
 * Plays rounds of a relay against itself and slowed selves, interleaved as `run` does, each on a fresh process, and returns what a
 * REQ took in each. Pilots find how long a query has to spin. An abort of `signal` ends it and keeps the rounds that are whole.
 * @throws {UnknownRelayError} for a relay that can't be slowed
 * @throws {InputError} where the scenario times no REQ, or spinning slows none
 */
export async function calibrate(options: CalibrateOptions): Promise<Calibrated> {
  const { relay, rounds, watch, signal } = options;
  requireSlowable(relay);
  const spinUsPerShare = await pilots(options);
  if (typeof spinUsPerShare !== 'number') return spinUsPerShare;
  const slowdowns = SLOWDOWNS.map((asked) => ({
    asked,
    spinUs: Math.round(asked * spinUsPerShare * 10) / 10,
  }));
  const selves = [
    selfOf(relay, BASE),
    selfOf(relay, SAME),
    ...slowdowns.map(({ spinUs }, index) => selfOf(relay, slowedName(index), spinUs)),
  ];
  const results = await play(options, selves, rounds, watch);
  const recorded = roundsOf(results);
  if (recorded.length === 0 && signal.aborted) return { interrupted: true };
  const failed = failure(results);
  if (failed !== undefined) return { failed };
  return {
    calibration: {
      schema: CALIBRATION_SCHEMA,
      measuredAt: results.startedAt,
      complete: results.complete,
      machine: machineOf(results.environment),
      scenario: {
        name: results.scenario.name,
        seed: results.scenario.seed,
        planFingerprint: results.scenario.planFingerprint,
        ...(typeof options.scenario.rounds === 'number' ? { rounds: options.scenario.rounds } : {}),
      },
      relay: relay.name,
      slowdowns,
      rounds: recorded,
      warnings: results.warnings.map(({ text }) => text),
    },
  };
}

/**
 * How many microseconds a query has to spin for a REQ to take twice as long. First, what a REQ takes; then what spinning as
 * long as that adds, since a REQ can have several filters, and wait for others that spin.
 */
async function pilots(
  options: CalibrateOptions,
): Promise<number | Exclude<Calibrated, { calibration: unknown }>> {
  const { relay, signal, watch } = options;
  const quiet = (what: string, parts: number): CalibrateOptions['watch'] => ({
    ...watch,
    onRelay: ({ part }) => watch.onPreparing(what, part, parts),
    onLoad: () => undefined,
  });
  const plain = await play(
    options,
    [selfOf(relay, BASE)],
    PILOT_ROUNDS,
    quiet('pilot: what a REQ takes', PILOT_ROUNDS),
  );
  const aloneMs = medianEose(plain, BASE);
  if (signal.aborted) return { interrupted: true };
  if (aloneMs === null) return unmeasured(plain, options);
  const spinUs = PILOT_SHARE * aloneMs * 1_000;
  const spun = await play(
    options,
    [selfOf(relay, BASE), selfOf(relay, slowedName(0), spinUs)],
    PILOT_ROUNDS,
    quiet('pilot: what spinning adds', 2 * PILOT_ROUNDS),
  );
  if (signal.aborted) return { interrupted: true };
  const [baseMs, slowedMs] = [medianEose(spun, BASE), medianEose(spun, slowedName(0))];
  if (baseMs === null || slowedMs === null) return unmeasured(spun, options);
  const share = slowedMs / baseMs - 1;
  if (share > 0) return spinUs / share;
  throw new InputError([
    {
      message: `${relay.name} is no slower when each query of its event source spins for ${spinUs.toFixed(0)} µs`,
      hint: 'calibrate with a strategy that asks the event source, such as streaming',
    },
  ]);
}

function unmeasured(results: Results, { scenario }: CalibrateOptions): { readonly failed: string } {
  const failed = failure(results);
  if (failed !== undefined) return { failed };
  throw new InputError([
    {
      message: 'no REQ got an EOSE in a measured phase, so there is nothing to calibrate',
      at: { file: scenario.file },
      hint: 'take a scenario with REQs, such as ci-gate',
    },
  ]);
}

function play(
  { scenario, seed, epochS, cacheDir, signal }: CalibrateOptions,
  relays: readonly Relay[],
  rounds: number,
  watch: RunWatch,
): Promise<Results> {
  return run({
    scenario,
    relays,
    rounds,
    seed,
    epochS,
    cacheDir,
    signal,
    watch,
    compare: [],
    gates: [],
    strict: false,
  });
}

function failure({ relays }: Results): string | undefined {
  const relay = relays.find(({ status }) => status === 'failed-to-start' || status === 'died');
  return relay && `${relay.name}: ${relay.error?.message ?? relay.status}`;
}

/** The rounds in which every self has its figures. */
function roundsOf(results: Results): CalibratedRound[] {
  return results.rounds.flatMap(({ round }) => {
    const figures = results.relays.map((relay) => figuresOf(relay, round));
    const [base, same, ...slowed] = figures.filter((one) => one !== undefined);
    return base && same && 2 + slowed.length === figures.length ? [{ round, base, same, slowed }] : [];
  });
}

/** Undefined where the relay was not measured in the round. */
function figuresOf(relay: RelayResult, round: number): CalibratedRound['same'] | undefined {
  const entry = selectMetric(relay.metrics, 'req.eose');
  const of = (statistic: (typeof CALIBRATED)[number]): number | null =>
    (entry && perRoundValues(entry, statistic).get(round)) || null;
  const figures = { p50: of('p50'), p90: of('p90'), p99: of('p99') };
  return figures.p50 === null ? undefined : figures;
}

function medianEose({ relays }: Results, name: string): number | null {
  const relay = relays.find((one) => one.name === name);
  const entry = relay && selectMetric(relay.metrics, 'req.eose');
  return entry ? median([...perRoundValues(entry, 'p50').values()]) : null;
}

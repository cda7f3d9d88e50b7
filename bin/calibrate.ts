import { resolve } from 'node:path';
import Table from 'cli-table3';
import { Command } from 'commander';
import { CALIBRATED_SCENARIO, calibrate, PARTS_OF_A_ROUND } from '../harness/calibrate/calibrate.js';
import type { Calibration } from '../harness/calibrate/calibration.js';
import {
  calibrationFile,
  machineOf,
  readCalibration,
  storedCalibration,
  writeCalibration,
} from '../harness/calibrate/store.js';
import { calibrationTable } from '../harness/calibrate/table.js';
import { calibrationText, type TextTable } from '../harness/calibrate/text.js';
import { corpusCacheDir } from '../harness/corpus/cache.js';
import { parseEpoch } from '../harness/corpus/epoch.js';
import { EXIT } from '../harness/exit-codes.js';
import { environment } from '../harness/run/environment.js';
import { resolveScenario } from '../harness/scenario/library.js';
import { loadScenario } from '../harness/scenario/loader.js';
import { MOST_ROUNDS } from '../harness/scenario/schema.js';
import { leastPairs } from '../harness/stats/sign-interval.js';
import { resolveRelay } from '../relays/catalog.js';
import { printable } from '../reports/index.js';
import { onInterrupt } from './interrupt.js';
import { integer, repeatable } from './option-values.js';
import { createProgress, type Progress } from './progress.js';
import { requireWritableFile } from './writable.js';

interface CalibrateFlags {
  readonly relay: string;
  readonly rounds: number;
  readonly set: readonly string[];
  readonly seed?: number;
  readonly output?: string;
  readonly from?: string;
  readonly json: boolean;
}

const DEFAULT_ROUNDS = 200;

/** `reqbench calibrate [scenario]`: how often gates are wrong on this machine, and what they find. */
export function calibrateCommand(): Command {
  return new Command('calibrate')
    .summary('how often gates are wrong on this machine, and what they find')
    .description(
      'Plays a relay against itself, and against itself slowed by 5 % and 10 %, in interleaved rounds, and says how often a gate ' +
        'between two relays is wrong on this machine and what it finds: for p50, p90 and p99 of the time to EOSE. Kept in the ' +
        'cache; later runs on this machine say it in their reports.',
    )
    .argument(
      '[scenario]',
      'a YAML file, or the name of a packaged scenario; a closed loop suits best',
      CALIBRATED_SCENARIO,
    )
    .option('--relay <spec>', 'streaming, batched, or ./module.js with a strategy', 'streaming')
    .option(
      '--rounds <n>',
      `rounds to play, ${leastPairs()} at least; the more, the narrower the limits`,
      integer('--rounds', leastPairs(), MOST_ROUNDS),
      DEFAULT_ROUNDS,
    )
    .addOption(repeatable('--set <key=value>', 'override a scenario value, repeatable'))
    .option(
      '--seed <n>',
      'seed of corpus and plan (default: the scenario’s)',
      integer('--seed', 0, Number.MAX_SAFE_INTEGER),
    )
    .option('--output <file>', 'write what was recorded to this file, too')
    .option('--from <file>', 'show what such a file says; nothing is played')
    .option('--json', 'print JSON to stdout and nothing else', false)
    .addHelpText(
      'after',
      `
A round takes some 4 seconds on two cores: ${DEFAULT_ROUNDS} rounds 15 minutes, 50 rounds 4 minutes. Leave the machine alone
meanwhile. Ctrl-C ends it and keeps the rounds that were played.

Examples:
  $ reqbench calibrate
  $ reqbench calibrate --rounds 50 --output calibration.json
  $ reqbench calibrate --from calibration.json

Exit codes: 0 calibrated · 2 bad usage or file · 3 the relay did not start or died · 130 interrupted`,
    )
    .action(async (scenario: string, flags: CalibrateFlags) => {
      process.exitCode = await command(scenario, flags);
    });
}

async function command(scenario: string, flags: CalibrateFlags): Promise<number> {
  if (flags.from !== undefined) {
    show(readCalibration(resolve(flags.from)), flags);
    return EXIT.fine;
  }
  if (flags.output !== undefined) requireWritableFile('--output', resolve(flags.output));
  const outcome = await record(scenario, flags);
  if ('failed' in outcome) {
    process.stderr.write(`${printable(outcome.failed, 500)}\n`);
    return EXIT.relayDown;
  }
  if ('interrupted' in outcome) {
    process.stderr.write('interrupted before a round was played; nothing was kept\n');
    return EXIT.interrupted;
  }
  const { calibration } = outcome;
  await keep(calibration, flags);
  show(calibration, flags);
  return calibration.complete ? EXIT.fine : EXIT.interrupted;
}

async function record(name: string, flags: CalibrateFlags) {
  const { relay: spec, rounds, set } = flags;
  const scenario = loadScenario(resolveScenario(name, process.cwd()), { set, cwd: process.cwd() });
  const relay = resolveRelay(spec, { allowRemote: false, cwd: process.cwd() });
  const isTerminal = process.stderr.isTTY === true;
  const progress = createProgress(process.stderr, {
    color: isTerminal && process.env.NO_COLOR === undefined,
    interactive: isTerminal && process.env.CI === undefined,
    silent: flags.json,
  });
  const interrupt = onInterrupt();
  try {
    return await calibrate({
      scenario,
      relay,
      rounds,
      seed: flags.seed ?? scenario.seed,
      epochS: parseEpoch(undefined),
      cacheDir: corpusCacheDir(),
      signal: interrupt.signal,
      watch: watching(progress, rounds),
    });
  } finally {
    progress.end();
    interrupt.stop();
  }
}

function watching(progress: Progress, rounds: number): Parameters<typeof calibrate>[0]['watch'] {
  return {
    onPreparing: (what, done, of) =>
      progress.show({ kind: 'preparing', what, ...(of === undefined ? {} : { done: done ?? 0, of }) }),
    onRelay: ({ round, relay, part }) =>
      progress.show({ kind: 'part', round, rounds, relay, part, parts: rounds * PARTS_OF_A_ROUND }),
    onLoad: (load) => progress.show({ kind: 'load', ...load }),
    onNotice: (text) => progress.show({ kind: 'notice', text }),
  };
}

/** Into the file that was asked for, and into the cache unless a calibration with more rounds is there. */
async function keep(calibration: Calibration, { output, json }: CalibrateFlags): Promise<void> {
  const say = (text: string): void => {
    if (!json) process.stderr.write(`${text}\n`);
  };
  const { length } = calibration.rounds;
  if (!calibration.complete) say(`interrupted after ${length} whole ${length === 1 ? 'round' : 'rounds'}`);
  if (output !== undefined) await writeCalibration(resolve(output), calibration);
  const machine = machineOf(environment());
  const before = storedCalibration(corpusCacheDir(), machine);
  const file = calibrationFile(corpusCacheDir(), machine);
  if (before && before.rounds.length > length) {
    say(
      `the cache keeps the calibration of ${before.measuredAt.slice(0, 10)}, which has ${before.rounds.length} rounds; remove ${file} to replace it`,
    );
    return;
  }
  await writeCalibration(file, calibration);
  say(`kept in ${file}`);
}

function show(calibration: Calibration, { json }: CalibrateFlags): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ ...calibration, table: calibrationTable(calibration) })}\n`);
    return;
  }
  const { facts, noise, rates } = calibrationText(calibration);
  const warnings = calibration.warnings.map((text) => `! ${printable(text, 400)}`);
  process.stdout.write(
    `${[...warnings, ...facts.map((text) => printable(text, 400)), grid(noise), grid(rates), LEGEND].join('\n')}\n`,
  );
}

const LEGEND = `scatter: standard deviation of the log ratio of a round · false alarms: how often the rule fails for two equal relays (97.5 % sure:
at most) · found: how often it fails where head is slower by so much (97.5 % sure: at least) · found in 95 %: the smallest
slowdown that is · runs played: the recorded rounds as runs one after another, and how many of them failed: equal, slowed`;

function grid({ head, rows }: TextTable): string {
  const table = new Table({
    head: [...head],
    colAligns: head.map((_, index) => (index === 0 ? 'left' : 'right')),
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) table.push(row.map((cell) => printable(cell, 60)));
  return table.toString();
}

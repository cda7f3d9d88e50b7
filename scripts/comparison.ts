/**
 * `npm run comparison`: the scenarios of docs/comparison.md on the reference relays and every relay of
 * reqbench.config.yaml whose program is here. Writes docs/comparison.md; the reports stay in the output folder.
 * `-- --rounds N` multiplies the rounds, `--scenario NAME` and `--relay NAME` choose (repeatable), `--out DIR`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PACKAGE_ROOT } from '../harness/package.js';
import { findRelaysFile } from '../harness/relays-file/read.js';
import type { Results } from '../harness/results.js';
import { findProgram, type RelayEntry } from '../relays/catalog.js';
import { type ComparedScenario, comparisonText } from './comparison/text.js';

/** Rounds of each scenario, so that all of it takes a quarter of an hour with twelve relays. */
const SCENARIOS: Readonly<Record<string, { readonly rounds: number; readonly set: readonly string[] }>> = {
  'first-look': { rounds: 3, set: [] },
  'multi-filter': { rounds: 3, set: [] },
  'home-timeline': { rounds: 1, set: ['phases.steady.duration=5s'] },
  'live-fanout': { rounds: 1, set: [] },
  ingest: { rounds: 1, set: [] },
};

/** Relays of the file that are left out unless asked for, and why. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  relayer: 'over SQLite it answers "database is locked" to concurrent EVENTs, so it does not hold the corpus',
  'orly-follows': 'the same program as orly, in another access mode',
};

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '1' },
    scenario: { type: 'string', multiple: true, default: Object.keys(SCENARIOS) },
    relay: { type: 'string', multiple: true },
    out: { type: 'string', default: join(PACKAGE_ROOT, 'reqbench-results', 'comparison') },
  },
});

const entries = findRelaysFile(undefined, [PACKAGE_ROOT])?.entries ?? [];
const missing = entries.filter((entry) => !isThere(entry)).map(({ name }) => name);
const relays = flags.relay ?? [
  'streaming',
  'batched',
  ...entries.map(({ name }) => name).filter((name) => !missing.includes(name) && !(name in LEFT_OUT)),
];
const startedAt = Date.now();
const played = flags.scenario.flatMap((name) => play(name) ?? []);
const leftOut = [
  ...missing.map((name) => `${name}: its program is not here`),
  ...Object.entries(LEFT_OUT)
    .filter(([name]) => !relays.includes(name) && !missing.includes(name))
    .map(([name, why]) => `${name}: ${why}`),
];
writeFileSync(
  join(PACKAGE_ROOT, 'docs', 'comparison.md'),
  comparisonText({ played, relays, leftOut, seconds: Math.round((Date.now() - startedAt) / 1000) }),
);
process.stdout.write(`docs/comparison.md written; reports below ${flags.out}\n`);
if (played.length < flags.scenario.length) process.exitCode = 1;

function isThere({ target }: RelayEntry): boolean {
  return (
    !('command' in target) || !target.needs || findProgram(target.needs.program, target.cwd) !== undefined
  );
}

/** Runs one scenario; undefined when it gave no results. */
function play(name: string): ComparedScenario | undefined {
  const settings = SCENARIOS[name];
  if (!settings || !existsSync(join(PACKAGE_ROOT, 'scenarios', `${name}.yaml`))) {
    process.stderr.write(`no scenario ${name} to compare by: ${Object.keys(SCENARIOS).join(', ')}\n`);
    return undefined;
  }
  const out = join(flags.out, name);
  const args = [
    join(PACKAGE_ROOT, 'dist', 'bin', 'reqbench.js'),
    ...['run', join(PACKAGE_ROOT, 'scenarios', `${name}.yaml`), '--out', out, '--not-measurable', 'pass'],
    ...['--rounds', String(settings.rounds * Number(flags.rounds))],
    ...settings.set.flatMap((set) => ['--set', set]),
    ...relays.flatMap((relay) => ['--relay', relay]),
  ];
  process.stdout.write(`${name}: ${relays.length} relays and the null relay\n`);
  const { status } = spawnSync(process.execPath, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    cwd: PACKAGE_ROOT,
  });
  const file = join(out, 'results.json');
  if (status === 130 || !existsSync(file)) return undefined;
  return { name, results: JSON.parse(readFileSync(file, 'utf8')) as Results };
}

/**
 * `npm run fidelity`: the rows of strategies.md that a probe of `conform` shows, on the originals whose program is here and on
 * the models with the deviation off and on. Writes docs/fidelity.md; results and reports, with the wire excerpts,
 * stay in reqbench-results/fidelity.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../harness/package.js';
import { findRelaysFile } from '../harness/relays-file/read.js';
import type { Results } from '../harness/results.js';
import { findProgram } from '../relays/catalog.js';
import { NOT_SHOWN, ROWS } from './fidelity/rows.js';
import { fidelityText, type RowOutcome } from './fidelity/text.js';

const OUT = join(PACKAGE_ROOT, 'reqbench-results', 'fidelity');
const ORIGINALS = ['khatru', 'khatru-lmdb', 'khatru-next', 'orly'];

const entries = findRelaysFile(undefined, [PACKAGE_ROOT])?.entries ?? [];
const here = ORIGINALS.filter((name) => {
  const target = entries.find((entry) => entry.name === name)?.target;
  if (!target || !('command' in target)) return false;
  return !target.needs || findProgram(target.needs.program, target.cwd) !== undefined;
});
const checks = [...new Set(ROWS.flatMap((row) => row.checks))];
const clean = conform('clean', checks, [...here, 'streaming', 'batched'], []);
const outcomes: RowOutcome[] = ROWS.map((row) => {
  const { deviation, model } = row;
  const switched =
    deviation === undefined
      ? undefined
      : conform(deviation, row.checks, [model], [`deviations=[${deviation}]`]);
  return {
    row,
    originals: Object.fromEntries(here.map((name) => [name, resultsOf(clean, name, row.checks)])),
    off: resultsOf(clean, model, row.checks),
    on: switched && resultsOf(switched, model, row.checks),
  };
});
const missing = ORIGINALS.filter((name) => !here.includes(name));
writeFileSync(
  join(PACKAGE_ROOT, 'docs', 'fidelity.md'),
  fidelityText({ outcomes, originals: here, missing, notShown: NOT_SHOWN }),
);
process.stdout.write(`docs/fidelity.md written; wire excerpts in ${OUT}\n`);

function conform(
  name: string,
  ids: readonly string[],
  relays: readonly string[],
  set: readonly string[],
): Results {
  const out = join(OUT, name);
  const args = [
    join(PACKAGE_ROOT, 'dist', 'bin', 'reqbench.js'),
    ...['conform', ...ids, '--strict', '--out', out, '--format', 'tap'],
    ...relays.flatMap((relay) => ['--relay', relay]),
    ...set.flatMap((one) => ['--set', one]),
  ];
  process.stdout.write(`${name}: ${relays.join(', ')}\n`);
  spawnSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'], cwd: PACKAGE_ROOT });
  const file = join(out, 'results.json');
  if (!existsSync(file)) throw new Error(`conform left no ${file}`);
  return JSON.parse(readFileSync(file, 'utf8')) as Results;
}

function resultsOf({ relays }: Results, relay: string, ids: readonly string[]): RowOutcome['off'] {
  const found = relays.find(({ name }) => name === relay)?.conformance?.checks ?? [];
  return ids.map((id) => {
    const check = found.find((one) => one.id === id);
    return { id, result: check?.result ?? 'not-tested', said: check?.failures[0]?.message ?? check?.note };
  });
}

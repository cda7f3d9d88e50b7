/**
 * `npm run fidelity`: every row of strategies.md, on the originals whose program is here and on the models with the
 * deviation off and on. Writes docs/fidelity.md and the traces beside it. The whole takes some minutes.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { PACKAGE_ROOT } from '../harness/package.js';
import { findRelaysFile } from '../harness/relays-file/read.js';
import { checkTrace } from '../harness/trace/index.js';
import { findProgram, resolveRelay } from '../relays/catalog.js';
import type { DeviationId, Relay } from '../relays/relay.js';
import { type Answer, ask } from './fidelity/ask.js';
import { type FidelityRow, NOT_SHOWN, ROWS } from './fidelity/rows.js';
import { fidelityText, type Proof, type RowOutcome, verdictOf } from './fidelity/text.js';
import { traceText } from './fidelity/trace.js';
import { type Model, ORIGINALS, type Original, WAYS, type Way, type WayName } from './fidelity/ways.js';

/** A trace that stays longer when it is gzipped is left in reqbench-results. */
const MOST_TRACE_BYTES = 128 * 1024;
const DOCS = join(PACKAGE_ROOT, 'docs');
const LONG_TRACES = join(PACKAGE_ROOT, 'reqbench-results', 'fidelity');

const main = findRelaysFile(undefined, [PACKAGE_ROOT])?.entries ?? [];
const others = findRelaysFile(join(PACKAGE_ROOT, 'scripts', 'fidelity', 'relays.yaml'), [])?.entries ?? [];
const signal = new AbortController().signal;
const here = ORIGINALS.filter(isHere);

const outcomes: RowOutcome[] = [];
for (const name of Object.keys(WAYS) as WayName[]) outcomes.push(...(await play(name)));
const sorted = ROWS.flatMap((row) => outcomes.filter((outcome) => outcome.row === row));
for (const folder of [join(DOCS, 'fidelity'), LONG_TRACES]) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}
const proofs = await Promise.all(sorted.flatMap(proofsOf));
const missing = ORIGINALS.filter((name) => !here.includes(name));
writeFileSync(
  join(DOCS, 'fidelity.md'),
  fidelityText({ outcomes: sorted, proofs, originals: here, missing, ways: WAYS, notShown: NOT_SHOWN }),
);
process.stdout.write('docs/fidelity.md written\n');

function isHere(name: Original): boolean {
  const target = main.find((entry) => entry.name === name)?.target;
  if (!target || !('command' in target)) return false;
  return !target.needs || findProgram(target.needs.program, target.cwd) !== undefined;
}

/** All rows of one way: each original once, each model once without deviations, and once for each row. */
async function play(name: WayName): Promise<RowOutcome[]> {
  const way: Way = WAYS[name];
  const rows = ROWS.filter((row) => (row.way ?? 'open') === name);
  const asked = async (relay: Relay, some: readonly FidelityRow[], deviations: readonly DeviationId[]) => {
    process.stdout.write(`${name}: ${[relay.name, ...deviations].join(' ')}\n`);
    const checks = [...new Set(some.flatMap(({ checks }) => checks))];
    return ask({ relay, way, deviations, checks, signal });
  };
  const originals = new Map<Original, readonly Answer[]>();
  for (const original of way.originals.filter((one) => here.includes(one)))
    originals.set(original, await asked(originalOf(original, way), rows, []));
  const off = new Map<Model, readonly Answer[]>();
  for (const model of new Set(rows.map((row) => row.model))) {
    const some = rows.filter((row) => row.model === model);
    off.set(model, await asked(modelOf(model, way), some, []));
  }
  const result: RowOutcome[] = [];
  for (const row of rows) {
    const of = (answers: readonly Answer[]) => answers.filter(({ check }) => row.checks.includes(check));
    result.push({
      row,
      originals: new Map([...originals].map(([original, answers]) => [original, of(answers)])),
      off: of(off.get(row.model) ?? []),
      on:
        row.deviations.length === 0 ? undefined : await asked(modelOf(row.model, way), [row], row.deviations),
    });
  }
  return result;
}

function originalOf(original: Original, { suffix }: Way): Relay {
  const name = suffix === undefined ? original : `${original}-${suffix}`;
  const entries = suffix === undefined ? main : others;
  return resolveRelay(name, { allowRemote: false, cwd: PACKAGE_ROOT, entries });
}

function modelOf(model: Model, { module }: Way): Relay {
  if (module === undefined) return resolveRelay(model, { allowRemote: false, cwd: PACKAGE_ROOT });
  const path = `./dist/relays/self-test/${module}.js`;
  return resolveRelay(path, { allowRemote: false, cwd: PACKAGE_ROOT });
}

/** The conversations in which the originals that a row is about showed it, as traces. */
function proofsOf({ row, originals }: RowOutcome): Promise<Proof>[] {
  const shown = row.of.flatMap((original) => {
    const answers = originals.get(original) ?? [];
    return verdictOf(answers) === 'seen' ? answers.map((answer) => ({ original, answer })) : [];
  });
  return shown
    .filter(({ answer }) => answer.verdict === 'seen')
    .map(({ original, answer }) => prove(row, original, answer));
}

async function prove(row: FidelityRow, original: Original, answer: Answer): Promise<Proof> {
  const { access } = WAYS[row.way ?? 'open'].given.settings;
  const text = traceText(
    { relay: original, access: access ?? 'open', claims: [], deadlineMs: 5_000, notLoaded: [] },
    answer.recorded,
  );
  const name = `${row.id.toLowerCase()}-${original}-${answer.check.split('/').at(-1)}.ndjson`;
  const kept = [
    { name, bytes: Buffer.from(text) },
    { name: `${name}.gz`, bytes: gzipSync(text) },
  ].find(({ bytes }) => bytes.length <= MOST_TRACE_BYTES);
  const file = kept ? join(DOCS, 'fidelity', kept.name) : join(LONG_TRACES, name);
  writeFileSync(file, kept?.bytes ?? text);
  const { conformance, leftOut, partial } = await checkTrace(file, { strict: true });
  const isJudgedWhole = leftOut === 0 && partial === undefined;
  const failed = conformance.checks.filter(({ result }) => result === 'failed').map(({ id }) => id);
  return { row: row.id, original, answer, trace: kept && `fidelity/${kept.name}`, failed, isJudgedWhole };
}

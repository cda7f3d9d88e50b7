/** `npm run bench`: the reference relays against the goals of their design, as ratios within one run. */
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PACKAGE_ROOT } from '../harness/package.js';
import { CASES, type RunnableCase } from './cases/index.js';
import { mergedInto } from './merge-results.js';
import { profiled, topFunctions } from './profile.js';
import { observeSubjects } from './subjects.js';
import { type BenchResults, type CaseResult, toMarkdown } from './summary.js';

const USAGE = `usage: npm run bench -- [options]
  --only CASE,CASE    these cases
  --repetitions N     of each case (6)
  --out FILE          where the results go (bench/results.json), after each case
  --into FILE         the cases take the place of those in FILE, which keeps the others
  --docs              write the tables into docs/performance.md
  --from FILE         measure nothing: the tables of results that were saved
  --list              the cases
  --profile CASE      once: where the relay's process spends its time meanwhile
`;

const DOCUMENT = join(PACKAGE_ROOT, 'docs', 'performance.md');
const TABLES = /(<!-- bench[^>]*-->\n)[\s\S]*(<!-- \/bench -->)/;
const FUNCTIONS_SHOWN = 20;

/** What the command line says that can't be done. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n${USAGE}`);
  process.exitCode = 2;
}

async function main(): Promise<void> {
  const options = optionsOf(process.argv.slice(2));
  if (options.list) {
    for (const { name, title } of CASES) process.stdout.write(`${name.padEnd(22)} ${title}\n`);
  } else if (options.profile !== undefined) await profile(caseNamed(options.profile));
  else if (options.from !== undefined)
    await show(JSON.parse(await readFile(options.from, 'utf8')), options.docs);
  else await show(await measure(options), options.docs);
}

function optionsOf(args: readonly string[]): {
  readonly repetitions: number;
  readonly only: string | undefined;
  readonly out: string;
  readonly into: string | undefined;
  readonly docs: boolean;
  readonly from: string | undefined;
  readonly list: boolean;
  readonly profile: string | undefined;
} {
  const values = parsed(args);
  const repetitions = Number(values.repetitions);
  if (!Number.isSafeInteger(repetitions) || repetitions < 1) {
    throw new UsageError(`--repetitions ${values.repetitions}: a whole number from 1 on`);
  }
  const { only, out, into, docs, from, list, profile: profiledCase } = values;
  return { repetitions, only, out: into ?? out, into, docs, from, list, profile: profiledCase };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        repetitions: { type: 'string', default: '6' },
        only: { type: 'string' },
        out: { type: 'string', default: join(PACKAGE_ROOT, 'bench', 'results.json') },
        into: { type: 'string' },
        docs: { type: 'boolean', default: false },
        from: { type: 'string' },
        list: { type: 'boolean', default: false },
        profile: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function measure(options: {
  readonly repetitions: number;
  readonly only: string | undefined;
  readonly out: string;
  readonly into: string | undefined;
}): Promise<BenchResults> {
  const chosen = options.only === undefined ? CASES : options.only.split(',').map(caseNamed);
  const machine = {
    startedAt: new Date().toISOString(),
    command: ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(
      ' ',
    ),
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    repetitions: options.repetitions,
  };
  const saved: BenchResults | undefined =
    options.into === undefined ? undefined : JSON.parse(await readFile(options.into, 'utf8'));
  const cases: CaseResult[] = [];
  const results = (): BenchResults => {
    const measured = { ...machine, cases };
    return saved === undefined ? measured : mergedInto(saved, measured);
  };
  for (const bench of chosen) {
    cases.push(await bench.run(options.repetitions));
    // After each case: a later one may fail, or be interrupted.
    await writeFile(options.out, `${JSON.stringify(results(), undefined, 2)}\n`);
  }
  return results();
}

async function show(results: BenchResults, inDocument: boolean): Promise<void> {
  const tables = toMarkdown(results);
  process.stdout.write(`${tables}\n`);
  if (!inDocument) return;
  const document = await readFile(DOCUMENT, 'utf8');
  await writeFile(
    DOCUMENT,
    document.replace(TABLES, (_, start, end) => `${start}\n${tables}\n\n${end}`),
  );
}

function caseNamed(name: string): RunnableCase {
  const found = CASES.find((bench) => bench.name === name);
  if (found) return found;
  throw new UsageError(
    `there is no case ${name}; the cases are ${CASES.map((each) => each.name).join(', ')}`,
  );
}

/** Runs a case once, with the profile of each process that it measures on stdout. */
async function profile(bench: RunnableCase): Promise<void> {
  observeSubjects(async (name, pid, measuring) => {
    if (pid === undefined) return measuring();
    const { result, profile: taken } = await profiled(pid, measuring);
    process.stdout.write(`\n${bench.name}: the process of ${name}\n`);
    for (const { name: functionName, place, share } of topFunctions(taken, FUNCTIONS_SHOWN)) {
      process.stdout.write(`${(100 * share).toFixed(1).padStart(6)} %  ${functionName}  ${place}\n`);
    }
    return result;
  });
  await bench.run(1);
}

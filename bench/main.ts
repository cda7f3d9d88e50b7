/**
 * `npm run bench`: the reference relays against the goals of their design, as ratios within one run.
 * `-- --repetitions N --only case,case --out FILE --docs` (`--docs` writes the tables into docs/performance.md).
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PACKAGE_ROOT } from '../harness/package.js';
import type { BenchCase } from './bench-case.js';
import { growthOfResult, growthOfStore, storedOut, timeToEose } from './cases/answers.js';
import { growthOfConnections, memoryOfConnections, memoryOfEvents } from './cases/holding.js';
import { ingest, requestsUnderIngest } from './cases/ingest.js';
import { fanOut, growthOfSubscriptions, liveMatching } from './cases/live.js';
import { harnessCeiling } from './cases/receiving.js';
import { type BenchResults, type CaseResult, summarise, toMarkdown } from './summary.js';

const CASES: readonly RunnableCase[] = [
  runnable(storedOut),
  runnable(timeToEose),
  runnable(fanOut),
  runnable(liveMatching),
  runnable(ingest),
  runnable(requestsUnderIngest),
  runnable(memoryOfEvents),
  runnable(memoryOfConnections),
  runnable(growthOfStore),
  runnable(growthOfSubscriptions),
  runnable(growthOfConnections),
  runnable(growthOfResult),
  runnable(harnessCeiling),
];

const DOCUMENT = join(PACKAGE_ROOT, 'docs', 'performance.md');
const TABLES = /(<!-- bench[^>]*-->\n)[\s\S]*(<!-- \/bench -->)/;

const { values: options } = parseArgs({
  options: {
    repetitions: { type: 'string', default: '6' },
    only: { type: 'string' },
    out: { type: 'string', default: join(PACKAGE_ROOT, 'bench', 'results.json') },
    docs: { type: 'boolean', default: false },
  },
});

await main();

async function main(): Promise<void> {
  const repetitions = Number(options.repetitions);
  const results: BenchResults = {
    startedAt: new Date().toISOString(),
    command: ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(
      ' ',
    ),
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    repetitions,
    cases: [],
  };
  const cases: CaseResult[] = [];
  for (const bench of chosen(options.only)) {
    cases.push(await bench.run(repetitions));
    // After each case: a later one may fail, or be interrupted.
    await writeFile(options.out, `${JSON.stringify({ ...results, cases }, undefined, 2)}\n`);
  }
  const tables = toMarkdown({ ...results, cases });
  process.stdout.write(`${tables}\n`);
  if (!options.docs) return;
  const document = await readFile(DOCUMENT, 'utf8');
  await writeFile(
    DOCUMENT,
    document.replace(TABLES, (_, start, end) => `${start}\n${tables}\n\n${end}`),
  );
}

/** A case whatever its subjects are. */
interface RunnableCase {
  readonly name: string;
  run(repetitions: number): Promise<CaseResult>;
}

function runnable<Subject extends string>(bench: BenchCase<Subject>): RunnableCase {
  return { name: bench.name, run: (repetitions) => runCase(bench, repetitions) };
}

function chosen(only: string | undefined): readonly RunnableCase[] {
  if (only === undefined) return CASES;
  return only.split(',').map((name) => {
    const found = CASES.find((bench) => bench.name === name);
    if (found) return found;
    throw new Error(`there is no case ${name}; the cases are ${CASES.map((bench) => bench.name).join(', ')}`);
  });
}

/** The subjects take turns, and who is first changes with each repetition. */
async function runCase<Subject extends string>(
  bench: BenchCase<Subject>,
  repetitions: number,
): Promise<CaseResult> {
  const dir = await mkdtemp(join(tmpdir(), 'reqbench-bench-'));
  try {
    const measure = await bench.prepare(dir);
    const measured = new Map<Subject, Readonly<Record<string, number>>[]>(
      bench.subjects.map((subject) => [subject, []]),
    );
    for (let repetition = 0; repetition < repetitions; repetition += 1) {
      for (const subject of rotated(bench.subjects, repetition)) {
        const figures = await measure(subject);
        process.stderr.write(
          `${bench.name} ${repetition + 1}/${repetitions} ${subject} ${inBrief(figures)}\n`,
        );
        measured.get(subject)?.push(figures);
      }
    }
    return summarise(bench, measured);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function rotated<T>(items: readonly T[], by: number): readonly T[] {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}

function inBrief(figures: Readonly<Record<string, number>>): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name}=${value.toPrecision(4)}`)
    .join(' ');
}

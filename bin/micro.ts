import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import Table from 'cli-table3';
import { Command } from 'commander';
import ora from 'ora';
import { parseEpoch } from '../harness/corpus/epoch.js';
import { generateCorpus } from '../harness/corpus/generate.js';
import { EXIT } from '../harness/exit-codes.js';
import { median } from '../harness/measure/statistics.js';
import { packageInformation } from '../harness/package.js';
import {
  compareWithBaseline,
  MICRO_SCHEMA,
  type MicroComparison,
  type MicroResults,
  readBaseline,
  samplesFor,
} from '../micro/baseline.js';
import { openCases } from '../micro/cases.js';
import { measureCases } from '../micro/measure.js';
import { printable } from '../reports/printable.js';
import { atLeastOne, problem } from './option-values.js';
import { requireWritableFile } from './writable.js';

interface MicroFlags {
  readonly filter?: string;
  readonly samples?: number;
  readonly save?: string;
  readonly baseline?: string;
  readonly json: boolean;
}

const EVENTS = 4_000;

/** `reqbench micro`: what the hot functions take, and whether that has changed. */
export function microCommand(): Command {
  return new Command('micro')
    .summary('time the hot functions of the reference relays, against a baseline')
    .description(
      'Time the hot functions of the reference relays: parse, match, serialise, verify, scan, live match.',
    )
    .option('--filter <text>', 'only cases whose name contains this')
    .option(
      '--samples <n>',
      'samples a case (default: as many as intervals over all cases take)',
      atLeastOne('--samples'),
    )
    .option('--save <file>', 'write the samples to a file, as a baseline for later')
    .option('--baseline <file>', 'compare with a saved file; exit code 1 when a case is slower')
    .option('--json', 'print JSON to stdout and nothing else', false)
    .addHelpText(
      'after',
      `
Examples:
  $ reqbench micro                              some 10 seconds
  $ reqbench micro --save before.json
  $ reqbench micro --baseline before.json
  $ reqbench micro --filter scan

Exit codes: 0 measured · 1 a case is slower than in the baseline · 2 bad usage or file`,
    )
    .action(async (flags: MicroFlags) => {
      process.exitCode = await micro(flags);
    });
}

async function micro(flags: MicroFlags): Promise<number> {
  if (flags.save !== undefined) requireWritableFile('--save', resolve(flags.save));
  const here = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown' };
  const baseline = flags.baseline === undefined ? undefined : readBaseline(resolve(flags.baseline), here);
  const results: MicroResults = {
    schema: MICRO_SCHEMA,
    reqbench: packageInformation().version,
    ...here,
    measuredAt: new Date().toISOString(),
    cases: await measure(flags),
  };
  const comparisons = baseline && compareWithBaseline(results.cases, baseline);
  if (flags.save !== undefined) await writeFile(resolve(flags.save), `${JSON.stringify(results, null, 2)}\n`);
  process.stdout.write(
    flags.json ? `${JSON.stringify({ ...results, comparisons })}\n` : `${microTable(results, comparisons)}\n`,
  );
  return comparisons?.some(({ verdict }) => verdict === 'slower') ? EXIT.failed : EXIT.fine;
}

async function measure({ filter = '', samples, json }: MicroFlags): Promise<MicroResults['cases']> {
  const dir = await mkdtemp(join(tmpdir(), 'reqbench-micro-'));
  const spinner = ora({
    stream: process.stderr,
    isSilent: json || !process.stderr.isTTY,
    text: 'events',
  }).start();
  try {
    const corpus = await generateCorpus({
      events: EVENTS,
      authors: 200,
      seed: 1,
      epochS: parseEpoch(undefined),
    });
    const opened = await openCases(corpus.lines, dir);
    try {
      const chosen = opened.cases.filter(({ name }) => name.includes(filter));
      if (chosen.length === 0) {
        const names = opened.cases.map(({ name }) => name).join(', ');
        throw problem(`no case has "${filter}" in its name`, `there are: ${names}`);
      }
      const all = samples ?? samplesFor(chosen.length);
      const figures = await measureCases(chosen, all, (done) => {
        spinner.text = `sample ${done} of ${all}`;
      });
      return figures.map((one) => ({ ...one, nsPerCall: [...one.nsPerCall] }));
    } finally {
      await opened.close();
    }
  } finally {
    spinner.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

/** One row a case; with a baseline what has become of it. */
function microTable({ cases }: MicroResults, comparisons: readonly MicroComparison[] | undefined): string {
  const table = new Table({
    head: ['case', 'a call', 'calls a second', ...(comparisons ? ['against the baseline'] : ['what'])],
    colAligns: ['left', 'right', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  });
  for (const { name, what, nsPerCall } of cases) {
    const ns = median(nsPerCall) ?? 0;
    const comparison = comparisons?.find((one) => one.name === name);
    table.push([
      printable(name, 40),
      time(ns),
      Math.round(1e9 / ns).toLocaleString('en'),
      comparisons ? inWords(comparison) : what,
    ]);
  }
  return table.toString();
}

function inWords(comparison: MicroComparison | undefined): string {
  if (!comparison) return 'not in the baseline';
  const { verdict, ratio, interval } = comparison;
  const range = interval
    ? `, 95 % interval ${interval[0].toFixed(2)} to ${interval[1].toFixed(2)}`
    : ', too few samples';
  return `${verdict}: ${ratio.toFixed(2)} ×${range}`;
}

function time(ns: number): string {
  if (ns < 1e3) return `${ns.toFixed(0)} ns`;
  return ns < 1e6 ? `${(ns / 1e3).toFixed(2)} µs` : `${(ns / 1e6).toFixed(2)} ms`;
}

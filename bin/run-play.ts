import { join, resolve } from 'node:path';
import { machineOf, storedCalibration } from '../harness/calibrate/store.js';
import { corpusCacheDir } from '../harness/corpus/cache.js';
import type { Results } from '../harness/results.js';
import { combineSweep, type SweptRun } from '../harness/run/combine-sweep.js';
import { environment } from '../harness/run/environment.js';
import { run } from '../harness/run/run.js';
import { printable, renderTerminal, writeReports, writeResults } from '../reports/index.js';
import { tellKnownFailures } from './known-failures.js';
import { createProgress } from './progress.js';
import type { Planned, PlannedAll, RunFlags } from './run-plan.js';
import { hasColor, stdoutPage } from './terminal.js';

/** Where runs are kept unless told otherwise: a folder each. */
export const RESULTS_FOLDER = 'reqbench-results';

/** Plays the runs of a sweep one after another, each with its own reports, and writes those of all of them. */
export async function runSweep(
  { runs, sweep }: PlannedAll,
  flags: RunFlags,
  signal: AbortSignal,
): Promise<Results> {
  const out = resolve(flags.out ?? defaultFolder(runs[0].scenario.name, new Date()));
  const { parameter = '', values = [] } = sweep ?? {};
  const played: SweptRun[] = [];
  for (const [index, planned] of runs.entries()) {
    if (signal.aborted && played.length > 0) break;
    const value = values[index] ?? '';
    const folder = `${index + 1}-${value.replace(/[^a-zA-Z0-9.-]+/g, '_').slice(0, 40)}`;
    if (!flags.json)
      process.stderr.write(`${parameter} = ${printable(value, 60)} (${index + 1} of ${runs.length})\n`);
    const results = await play(planned, flags, signal, join(out, folder));
    await writeReports(results, join(out, folder));
    played.push({ value, folder, results });
  }
  const [first, ...others] = played;
  if (!first) throw new Error('a sweep without values');
  const results = combineSweep(parameter, [first, ...others], {
    isComplete: played.length === runs.length,
    strict: flags.strict,
  });
  await present(results, out, flags);
  return results;
}

/** Plays one run and writes and prints its reports. */
export async function runOne(planned: Planned, flags: RunFlags, signal: AbortSignal): Promise<Results> {
  const out = resolve(flags.out ?? defaultFolder(planned.scenario.name, new Date()));
  const results = await play(planned, flags, signal, out);
  await present(results, out, flags);
  if (!flags.json || flags.updateKnownFailures) {
    tellKnownFailures(results.relays, planned.knownFailures, flags, signal.aborted);
  }
  return results;
}

async function play(planned: Planned, flags: RunFlags, signal: AbortSignal, out: string): Promise<Results> {
  const { scenario } = planned;
  const isTerminal = process.stderr.isTTY === true;
  const progress = createProgress(process.stderr, {
    color: hasColor(process.stderr),
    interactive: isTerminal && process.env.CI === undefined,
    silent: flags.json,
  });
  try {
    return await run({
      ...planned,
      seed: flags.seed ?? scenario.seed,
      workers: flags.workers ?? scenario.workers,
      strict: flags.strict,
      checked: flags.check,
      cacheDir: corpusCacheDir(),
      calibration: storedCalibration(corpusCacheDir(), machineOf(environment())),
      traceDir: flags.trace ? join(out, 'traces') : undefined,
      signal,
      watch: {
        onPreparing: (what, done, of) =>
          progress.show({ kind: 'preparing', what, ...(of === undefined ? {} : { done: done ?? 0, of }) }),
        onRelay: ({ round, relay, part }) =>
          progress.show({ kind: 'part', round, relay, part, ...lengthOf(planned) }),
        onLoad: (load) => progress.show({ kind: 'load', ...load }),
        onNotice: (text) => progress.show({ kind: 'notice', text }),
        onRound: async (soFar) => {
          await writeResults(soFar, out);
        },
      },
    });
  } finally {
    progress.end();
  }
}

async function present(results: Results, out: string, flags: RunFlags): Promise<void> {
  const files = await writeReports(results, out);
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(results)}\n`);
    return;
  }
  process.stdout.write(
    renderTerminal(results, {
      ...stdoutPage(),
      files: [files.html, files.results, files.summary, files.junit],
    }),
  );
}

/** How long a run will be, as far as it is known before it runs. */
function lengthOf({ rounds, budgetMs, relays }: Planned) {
  return budgetMs === undefined ? { rounds, parts: rounds * relays.length } : { budgetMs };
}

function defaultFolder(scenario: string, now: Date): string {
  const time = now.toISOString().slice(0, 19).replaceAll(':', '').replace('T', '-');
  return `${RESULTS_FOLDER}/${scenario}-${time}`;
}

import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { corpusCacheDir } from '../harness/corpus/cache.js';
import { parseEpoch } from '../harness/corpus/epoch.js';
import { EXIT } from '../harness/exit-codes.js';
import type { RelayResult } from '../harness/results.js';
import { run } from '../harness/run/run.js';
import { resolveScenario } from '../harness/scenario/library.js';
import { loadScenario, type Scenario } from '../harness/scenario/loader.js';
import { clinicPackage, findClinic, loadClinic } from '../profile/clinic.js';
import {
  type ClinicTool,
  clinicRelay,
  cpuProfiledRelay,
  type ProfiledName,
  readCpuProfile,
} from '../profile/profiled-relay.js';
import { summarise } from '../profile/self-times.js';
import type { Relay } from '../relays/relay.js';
import { formatPercent, formatValue } from '../reports/format.js';
import { printable } from '../reports/printable.js';
import { onInterrupt } from './interrupt.js';
import { problem, repeatable } from './option-values.js';
import { createProgress } from './progress.js';
import { hasColor } from './terminal.js';
import { requireWritableFolder } from './writable.js';

interface ProfileFlags {
  readonly tool: 'cpu' | ClinicTool;
  readonly relay: ProfiledName;
  readonly set: readonly string[];
  readonly out?: string;
}

const SHOWN = 20;

/** `reqbench profile`: where a reference relay's time goes under a scenario's load. */
export function profileCommand(): Command {
  return new Command('profile')
    .summary('where a reference relay spends its time under a scenario’s load')
    .description('Profile a reference relay under the load of a scenario, for one round.')
    .argument('<scenario>', 'a YAML file, or the name of a packaged scenario (see: reqbench list)')
    .addOption(
      new Option('--tool <tool>', 'cpu: V8’s own profile of the measured window; doctor, flame: clinic')
        .choices(['cpu', 'doctor', 'flame'])
        .default('cpu'),
    )
    .addOption(
      new Option('--relay <name>', 'the relay').choices(['streaming', 'batched']).default('streaming'),
    )
    .addOption(repeatable('--set <key=value>', 'override a scenario value'))
    .option('--out <dir>', 'folder for what is written (default: reqbench-profile/<relay>-<tool>-<time>)')
    .addHelpText(
      'after',
      `
doctor and flame are tools of clinic and not part of reqbench: npm install @clinic/doctor @clinic/flame

Examples:
  $ reqbench profile home-timeline
  $ reqbench profile live-fanout --relay batched --out profile
  $ reqbench profile home-timeline --tool flame

Exit codes: 0 profiled · 2 bad usage or file · 3 the relay did not start or died · 130 interrupted`,
    )
    .action(async (scenario: string, flags: ProfileFlags) => {
      process.exitCode = await profile(scenario, flags);
    });
}

async function profile(name: string, flags: ProfileFlags): Promise<number> {
  const { tool } = flags;
  const scenario = loadScenario(resolveScenario(name, process.cwd()), { set: flags.set, cwd: process.cwd() });
  const library = tool === 'cpu' ? undefined : libraryOf(tool);
  const out = resolve(flags.out ?? `reqbench-profile/${flags.relay}-${tool}-${stamp(new Date())}`);
  requireWritableFolder('--out', out);
  const file = join(out, `${flags.relay}.cpuprofile`);
  const relay =
    tool === 'cpu' || library === undefined
      ? cpuProfiledRelay(flags.relay, file)
      : clinicRelay(flags.relay, tool, library, out);
  const result = await playOnce(scenario, relay, tool);
  if (result === undefined) return EXIT.interrupted;
  if (result.status !== 'ok') {
    process.stderr.write(`${printable(result.error?.message ?? result.status, 500)}\n`);
    for (const line of result.error?.logTail ?? []) process.stderr.write(`  ${printable(line, 300)}\n`);
    return EXIT.relayDown;
  }
  if (tool === 'cpu' || library === undefined) showCpuProfile(file);
  else await draw(tool, library, out);
  return EXIT.fine;
}

/** @throws {InputError} that says what to install */
function libraryOf(tool: ClinicTool): string {
  const library = findClinic(tool, process.cwd());
  if (library !== undefined) return library;
  throw problem(
    `--tool ${tool} is a tool of clinic, which is not installed`,
    `npm install --save-dev ${clinicPackage(tool)} (here, or where reqbench is), or use --tool cpu`,
  );
}

/** Plays one round of the scenario against the relay alone. Undefined when the user has ended it. */
async function playOnce(
  scenario: Scenario,
  relay: Relay,
  tool: ProfileFlags['tool'],
): Promise<RelayResult | undefined> {
  const isTerminal = process.stderr.isTTY === true;
  const progress = createProgress(process.stderr, {
    color: hasColor(process.stderr),
    interactive: isTerminal && process.env.CI === undefined,
    silent: false,
  });
  const interrupt = onInterrupt('a profile of part of a round is not kept');
  try {
    const results = await run({
      scenario,
      relays: [relay],
      seed: scenario.seed,
      epochS: parseEpoch(undefined),
      rounds: 1,
      compare: [],
      gates: [],
      strict: false,
      cacheDir: corpusCacheDir(),
      signal: interrupt.signal,
      watch: {
        onPreparing: (what, done, of) =>
          progress.show({ kind: 'preparing', what, ...(of === undefined ? {} : { done: done ?? 0, of }) }),
        onRelay: ({ round, relay: named, part }) =>
          progress.show({ kind: 'part', round, rounds: 1, relay: named, part, parts: 1 }),
        onLoad: (load) => progress.show({ kind: 'load', ...load }),
        onNotice: (text) => progress.show({ kind: 'notice', text }),
        onWindow: (_open, pid) => {
          if (tool === 'cpu' && pid !== undefined) process.kill(pid, 'SIGUSR2');
        },
      },
    });
    return interrupt.signal.aborted ? undefined : results.relays[0];
  } finally {
    progress.end();
    interrupt.stop();
  }
}

function showCpuProfile(file: string): void {
  if (!existsSync(file)) {
    throw problem('the scenario has no measured window, so nothing was profiled', 'let a phase be measured');
  }
  const { durationMs, idle, functions } = summarise(readCpuProfile(file));
  const table = new Table({
    head: ['self time', 'share', 'function', 'place'],
    colAligns: ['right', 'right', 'left', 'left'],
    style: { head: [], border: [], compact: true },
  });
  for (const { name, place, ms, share } of functions.slice(0, SHOWN)) {
    table.push([formatValue(ms, 'ms'), formatPercent(share), printable(name, 40), printable(place, 60)]);
  }
  process.stdout.write(
    `${formatValue(durationMs, 'ms')} profiled, ${formatPercent(idle)} of it idle; shares are of the rest\n${table}\n\n` +
      `${shown(file)}: open it in the Performance panel of Chrome DevTools, or in VS Code\n`,
  );
}

async function draw(tool: ClinicTool, library: string, out: string): Promise<void> {
  const note = join(out, `${tool}.json`);
  if (!existsSync(note)) throw new Error(`clinic ${tool} ended without having written what it collected`);
  const { collected }: { collected: string } = JSON.parse(readFileSync(note, 'utf8'));
  const html = join(out, `${tool}.html`);
  await loadClinic(library, out).visualise(collected, html);
  process.stdout.write(`${shown(html)}\n`);
}

function shown(file: string): string {
  const near = relative(process.cwd(), file);
  return near.startsWith('..') ? file : near;
}

function stamp(now: Date): string {
  return now.toISOString().slice(0, 19).replaceAll(':', '').replace('T', '-');
}

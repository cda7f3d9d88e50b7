import { resolve } from 'node:path';
import { Command } from 'commander';
import { newlyFailed } from '../harness/conformance/conform-known-failures.js';
import { InputError } from '../harness/errors.js';
import { EXIT, exitCode } from '../harness/exit-codes.js';
import type { Results } from '../harness/results.js';
import { MOST_ROUNDS, MOST_WORKERS } from '../harness/scenario/schema.js';
import type { Relay } from '../relays/relay.js';
import { tellAbsent } from './absent-relays.js';
import { onInterrupt } from './interrupt.js';
import { durationMs, integer, notMeasurableOption, repeatable } from './option-values.js';
import { type PlannedAll, planAll, type RunFlags } from './run-plan.js';
import { RESULTS_FOLDER, runOne, runSweep } from './run-play.js';
import { requireWritableFolder } from './writable.js';

/** `reqbench run`: replay, check, measure, compare, gate, report. */
export function runCommand(): Command {
  return new Command('run')
    .summary('replay scenarios against relays: check, measure, compare, report')
    .description('Replay scenarios against relays: check every message, measure, compare, report.')
    .argument('<scenario...>', 'a YAML file, or the name of a packaged scenario (see: reqbench list)')
    .addOption(
      repeatable(
        '--relay <spec>',
        'a relay to measure, repeatable; replaces the default pair streaming and batched.\n' +
          'streaming | batched | NAME in reqbench.config.yaml | ./module.js | ws://127.0.0.1:7777 | name=command with {port} and {dir} | base=streaming',
      ),
    )
    .option(
      '--config <file>',
      'relays by name (default: reqbench.config.yaml beside the scenario, here, or above)',
    )
    .option('--no-null', 'leave out the null relay, the floor that runs beside the others')
    .option(
      '--rounds <n|auto>',
      'rounds to play (default: as many as the verdicts need); auto: until all is decided, or --budget is spent',
      (text: string) => (text === 'auto' ? text : integer('--rounds', 1, MOST_ROUNDS)(text)),
    )
    .option(
      '--budget <duration>',
      'with --rounds auto: what the run may take (default: 60s)',
      durationMs('--budget'),
    )
    .option(
      '--workers <n>',
      'processes that share the load (default: the scenario’s, or 1)',
      integer('--workers', 1, MOST_WORKERS),
    )
    .option(
      '--seed <n>',
      'seed of corpus and plan (default: the scenario’s)',
      integer('--seed', 0, Number.MAX_SAFE_INTEGER),
    )
    .option('--epoch <date|today>', 'sign the corpus for this date, for relays that refuse old events')
    .addOption(repeatable('--set <key=value>', 'override a scenario value, e.g. corpus.file=events.jsonl'))
    .option('--sweep <key=v1,v2>', 'a run at each value, and how the figures grow with it')
    .option('--out <dir>', 'folder for the reports (default: reqbench-results/<scenario>-<time>)')
    .option('--strict', 'a broken SHOULD fails the run like a broken MUST', false)
    .option(
      '--known-failures <file>',
      'failed checks that are known: only new ones count for exit code and gates (conform has the same)',
    )
    .option('--update-known-failures', 'write what fails now into the file of --known-failures', false)
    .option(
      '--no-check',
      'measure without checking the answers, to see what checking costs; nothing is compared or gated then',
    )
    .addOption(repeatable('--gate <rule>', 'one more rule that must hold, e.g. "req.eose.p50 < 50ms"'))
    .option(
      '--baseline <results.json>',
      'an earlier run of the same scenario, for rules such as baseline + 10%',
    )
    .addOption(notMeasurableOption())
    .option(
      '--allow-remote',
      'put load on an address that is not on this machine; ask its owner first',
      false,
    )
    .option(
      '--load',
      'load relays given by address too: the corpus, signed with throw-away keys of this run, and what scripts publish\n' +
        'are written to them and stay there. Needs a generated corpus; ask the owner first',
      false,
    )
    .option(
      '--trace',
      'write every message to <out>/traces, for reqbench check; costs the generator time',
      false,
    )
    .option('--json', 'print results.json to stdout and nothing else', false)
    .addHelpText(
      'after',
      `
Examples:
  $ reqbench run first-look
  $ reqbench run home-timeline --rounds 10 --out results/today
  $ reqbench run first-look --relay streaming --relay 'mine=./my-relay --port {port} --data {dir}'
  $ reqbench run first-look --relay ws://127.0.0.1:7777 --relay streaming --load
  $ reqbench run replay-real-events --set corpus.file=events.jsonl
  $ reqbench run ci-gate --relay 'base=./old --port {port}' --relay 'head=./new --port {port}' --gate 'head:req.eose.p50 <= 1.1 * base:req.eose.p50'

Durations have a unit (500ms, 60s, 2m), times and sizes of rules too (50ms, 300MiB).
Ctrl-C ends a run and keeps what was measured.

Exit codes: 0 fine · 1 a check or gate failed (SHOULD checks with --strict alone) · 2 bad usage or file · 3 a relay was not
ready within 30 s or died · 4 a gate could not be measured · 130 interrupted`,
    )
    .action(async (scenarios: string[], flags: RunFlags) => {
      process.exitCode = await runAll(scenarios, flags);
    });
}

async function runAll(names: readonly string[], flags: RunFlags): Promise<number> {
  const planned = names.map((name) => planAll(name, flags));
  if (flags.out !== undefined && planned.length > 1) {
    throw new InputError([
      { message: '--out names one folder', hint: 'run one scenario at a time with --out' },
    ]);
  }
  if (flags.updateKnownFailures && planned.length > 1) {
    throw new InputError([
      { message: '--update-known-failures writes one run', hint: 'run one scenario at a time with it' },
    ]);
  }
  requireWritableFolder('--out', resolve(flags.out ?? RESULTS_FOLDER));
  if (tellAbsent(relaysOf(planned))) return EXIT.relayDown;
  const interrupt = onInterrupt();
  try {
    const outcomes: Results[] = [];
    for (const one of planned) {
      if (interrupt.signal.aborted) break;
      outcomes.push(
        await (one.sweep
          ? runSweep(one, flags, interrupt.signal)
          : runOne(one.runs[0], flags, interrupt.signal)),
      );
    }
    return exitCode(summary(outcomes, flags, interrupt.signal.aborted));
  } finally {
    interrupt.stop();
  }
}

/** Those of all runs, each once. */
function relaysOf(planned: readonly PlannedAll[]): readonly Relay[] {
  const relays = planned.flatMap(({ runs }) => runs.flatMap((one) => one.relays));
  return [...new Map(relays.map((relay) => [relay.name, relay])).values()];
}

function summary(
  outcomes: readonly Results[],
  flags: RunFlags,
  interrupted: boolean,
): Parameters<typeof exitCode>[0] {
  const relays = outcomes.flatMap((results) => results.relays);
  const gates = outcomes.flatMap((results) => results.gates);
  return {
    interrupted,
    badInput: false,
    relayDown: relays.some(({ status }) => status === 'failed-to-start' || status === 'died'),
    failed:
      (!flags.updateKnownFailures && relays.some((relay) => newlyFailed(relay) > 0)) ||
      gates.some(({ result }) => result === 'failed'),
    gateNotMeasurable: gates.some(({ result }) => result === 'not-measurable'),
    notMeasurable: flags.notMeasurable,
  };
}

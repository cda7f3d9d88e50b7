import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { InputError } from '../harness/errors.js';
import { exitCode } from '../harness/exit-codes.js';
import { type Baseline, baselineFor } from '../harness/gates/baseline.js';
import { checkGates } from '../harness/gates/check.js';
import { evaluateGates } from '../harness/gates/evaluate.js';
import type { GateRule } from '../harness/gates/parse.js';
import { readGates } from '../harness/gates/scenario-rules.js';
import type { GateResult, Results, SweepResult } from '../harness/results.js';
import { readResultsFile } from '../harness/results-file.js';
import { placedGate } from '../harness/run/combine-sweep.js';
import { questionIn } from '../harness/same-question.js';
import { renderGates } from '../reports/index.js';
import { notMeasurableOption, repeatable } from './option-values.js';
import { stdoutPage } from './terminal.js';

interface GateFlags {
  readonly gate: readonly string[];
  readonly baseline?: string;
  readonly notMeasurable?: 'pass' | 'fail';
  readonly json: boolean;
}

/** `reqbench gate <results.json>`: rules against saved results; exit 0, 1 (failed) or 4 (not measurable). */
export function gateCommand(): Command {
  return new Command('gate')
    .summary('hold rules against saved results')
    .description('Holds rules against saved results: those of the run, or those that are given here.')
    .argument('<results.json>', 'a file that a run wrote')
    .addOption(repeatable('--gate <rule>', 'a rule to hold instead of the run’s own, repeatable'))
    .option(
      '--baseline <results.json>',
      'an earlier run of the same scenario, for rules such as baseline + 10%',
    )
    .addOption(notMeasurableOption())
    .option('--json', 'print the gates as JSON and nothing else', false)
    .addHelpText(
      'after',
      `
Examples:
  $ reqbench gate results.json
  $ reqbench gate head.json --baseline base.json --gate 'req.eose.p50 <= baseline + 10%'
  $ reqbench gate results.json --gate 'head:req.eose.p50 <= 1.1 * base:req.eose.p50'

Exit codes: 0 all passed · 1 one failed · 2 bad rule or file · 4 one could not be measured`,
    )
    .action((file: string, flags: GateFlags) => {
      process.exitCode = gate(file, flags);
    });
}

function gate(file: string, flags: GateFlags): number {
  const gates = gatesOf(readResultsFile(file), file, flags);
  process.stdout.write(flags.json ? `${JSON.stringify(gates)}\n` : renderGates(gates, stdoutPage()));
  return exitCode({
    badInput: false,
    interrupted: false,
    relayDown: false,
    failed: gates.some(({ result }) => result === 'failed'),
    gateNotMeasurable: gates.some(({ result }) => result === 'not-measurable'),
    notMeasurable: flags.notMeasurable,
  });
}

function gatesOf(results: Results, file: string, flags: GateFlags): readonly GateResult[] {
  if (results.sweep) return gatesOfSweep(results.sweep, file, flags);
  return evaluateGates(rulesOf(results, file, flags), results, baselineOf(results, flags));
}

/** The figures of a sweep's own file are those of the last value: rules are held against the files of all values. */
function gatesOfSweep(
  { parameter, points }: SweepResult,
  file: string,
  flags: GateFlags,
): readonly GateResult[] {
  return points.flatMap(({ value, folder }) => {
    const own = join(dirname(file), folder, 'results.json');
    if (!existsSync(own)) {
      throw new InputError([
        {
          message: `${own} is missing: the gates of a sweep are held against the results of each value`,
          at: { file },
          hint: 'keep the folders of the values beside it',
        },
      ]);
    }
    return gatesOf(readResultsFile(own), own, flags).map((gate) => placedGate(gate, parameter, value));
  });
}

function rulesOf(results: Results, file: string, { gate: given, baseline }: GateFlags): readonly GateRule[] {
  const texts = given.length > 0 ? given : results.gates.map(({ rule }) => rule);
  if (texts.length === 0) {
    throw new InputError([
      { message: 'the run had no gates', at: { file }, hint: "give one: --gate 'req.eose.p50 < 50ms'" },
    ]);
  }
  const placed = readGates(texts.map((text) => ({ text })));
  checkGates(placed, {
    relays: results.relays.map(({ name }) => name),
    baseline: baseline !== undefined,
  });
  return placed.map(({ rule }) => rule);
}

function baselineOf(results: Results, { baseline }: GateFlags): Baseline | undefined {
  return baseline === undefined
    ? undefined
    : baselineFor(questionIn(results), readResultsFile(baseline), baseline);
}

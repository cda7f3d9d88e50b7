import type { Command } from 'commander';
import {
  type CleanOutcome,
  MUTANTS,
  type Mutant,
  type MutantOutcome,
  type SelfTestOptions,
  type SelfTestReport,
  selfTest,
  selfTestRecord,
} from '../harness/conformance/mutants/index.js';
import { corpusCacheDir } from '../harness/corpus/cache.js';
import { InputError } from '../harness/errors.js';
import { EXIT, type ExitCode } from '../harness/exit-codes.js';
import { packageInformation } from '../harness/package.js';
import { suggestion } from '../harness/scenario/nearest.js';
import { onInterrupt } from './interrupt.js';
import { problem, repeatable } from './option-values.js';

const ID_WIDTH = 30;

export interface SelfTestFlags {
  readonly selfTest?: boolean | string;
  readonly mutant: readonly string[];
  readonly json: boolean;
}

/** `--self-test` and `--mutant`, of the commands that have checks to show. */
export function withSelfTest(command: Command): Command {
  return command
    .option(
      '--self-test [full]',
      'show that each check catches the relays that break its rule (docs/mutants.md)',
    )
    .addOption(repeatable('--mutant <id>', 'with --self-test: only this mutant, repeatable'));
}

/** @throws {InputError} for mutants that would not be asked for anything */
export function refuseMutants({ mutant }: SelfTestFlags): void {
  if (mutant.length === 0) return;
  throw problem('--mutant goes with --self-test', 'write --self-test too, or leave --mutant out');
}

/**
 * Does what `--self-test` asks for.
 * @throws {InputError} for what it can't be combined with
 */
export async function selfTestOf(
  flags: SelfTestFlags,
  which: SelfTestOptions['which'],
  others: readonly string[],
): Promise<ExitCode> {
  const [other] = others;
  if (other !== undefined) throw new InputError([{ message: `--self-test goes without ${other}` }]);
  if (flags.selfTest !== true && flags.selfTest !== 'full') {
    throw new InputError([{ message: `--self-test is full or nothing, not ${String(flags.selfTest)}` }]);
  }
  const interrupt = onInterrupt();
  try {
    const passed = await runSelfTest(
      {
        mutants: flags.mutant.length === 0 ? MUTANTS : flags.mutant.map(mutantOf),
        which,
        full: flags.selfTest === 'full',
        cacheDir: corpusCacheDir(),
        signal: interrupt.signal,
      },
      { json: flags.json },
    );
    if (interrupt.signal.aborted) return EXIT.interrupted;
    return passed ? EXIT.fine : EXIT.failed;
  } finally {
    interrupt.stop();
  }
}

function mutantOf(id: string): Mutant {
  const found = MUTANTS.find((mutant) => mutant.id === id);
  if (found) return found;
  const ids = MUTANTS.map((mutant) => mutant.id);
  throw new InputError([{ message: `there is no mutant ${id}`, hint: suggestion(id, ids) }]);
}

/** Runs the mutants and says of each what happened to it; true when all was as it should be. */
async function runSelfTest(options: SelfTestOptions, { json }: { readonly json: boolean }): Promise<boolean> {
  const startedAt = new Date().toISOString();
  // JSON stands alone on stdout; a run of half an hour shows all the same how far it is.
  const page = json ? process.stderr : process.stdout;
  const say = (text: string): void => {
    page.write(`${text}\n`);
  };
  const report = await selfTest({ ...options, onOutcome: (outcome) => say(outcomeText(outcome)) });
  if (report.notRun.length > 0)
    say(
      `not run, since no invariant can catch them (reqbench conform --self-test does): ${report.notRun.join(', ')}`,
    );
  say(summaryText(report));
  if (options.signal?.aborted) {
    const left = options.mutants.length - report.mutants.length - report.notRun.length;
    say(`interrupted: ${left} mutants were not reached, and nothing is known of them`);
  }
  const { version } = packageInformation();
  const record = selfTestRecord(report, { version, startedAt, full: options.full });
  if (json) process.stdout.write(`${JSON.stringify(record)}\n`);
  return report.passed;
}

function outcomeText(outcome: MutantOutcome | CleanOutcome): string {
  if (outcome.kind === 'clean') {
    const { relay, under, accused } = outcome;
    const said = accused.length === 0 ? 'accused of nothing' : `ACCUSED by ${accused.join(', ')}`;
    return `${`clean ${relay}`.padEnd(ID_WIDTH)} ${said} (${under})`;
  }
  const { mutant, silent, fired } = outcome;
  const said = silent.length === 0 ? `caught by ${fired.join(', ')}` : `NOT CAUGHT by ${silent.join(', ')}`;
  return `${mutant.id.padEnd(ID_WIDTH)} ${said}`;
}

function summaryText({ mutants, clean }: SelfTestReport): string {
  const caught = mutants.filter(({ silent }) => silent.length === 0).length;
  const accused = clean.filter((outcome) => outcome.accused.length > 0).length;
  return `${caught} of ${mutants.length} mutants caught; ${accused} of ${clean.length} runs of clean relays accused`;
}

import { Command } from 'commander';
import { MUTANTS, type Mutant } from '../harness/conformance/mutants/index.js';
import { corpusCacheDir } from '../harness/corpus/cache.js';
import { InputError, type InputProblem } from '../harness/errors.js';
import { EXIT, type ExitCode, exitCode } from '../harness/exit-codes.js';
import { suggestion } from '../harness/scenario/nearest.js';
import { checkTrace, type TraceReport } from '../harness/trace/index.js';
import { renderTraceReport } from './check-text.js';
import { runSelfTest } from './self-test.js';

interface CheckFlags {
  readonly corpus?: string;
  readonly strict: boolean;
  readonly json: boolean;
  readonly selfTest?: true | 'full';
  readonly mutant: readonly string[];
}

/** `reqbench check`: the invariants over saved wire traces; with `--self-test`, over relays that are wrong on purpose. */
export function checkCommand(): Command {
  return new Command('check')
    .summary('apply the checks of every run to a saved wire trace')
    .description(
      'Applies the checks that listen to every run to saved wire traces: those of `reqbench run --trace`, and ' +
        'those of other tools (docs/traces.md).',
    )
    .argument('[trace...]', 'NDJSON, gzipped or not')
    .option('--corpus <file>', 'JSONL of what the relay held at the start (default: what the trace names)')
    .option('--strict', 'a broken SHOULD fails like a broken MUST', false)
    .option('--json', 'print JSON to stdout and nothing else', false)
    .option(
      '--self-test [full]',
      'show that each check catches the relays that break its rule (docs/mutants.md)',
    )
    .option(
      '--mutant <id>',
      'with --self-test: only this mutant, repeatable',
      (id: string, ids: readonly string[]) => [...ids, id],
      [],
    )
    .addHelpText(
      'after',
      `
Examples:
  $ reqbench run first-look --trace --out today && reqbench check today/traces/streaming-round-1.ndjson.gz
  $ reqbench check recorded.ndjson --corpus events.jsonl
  $ reqbench check --self-test`,
    )
    .action(async (traces: string[], flags: CheckFlags) => {
      process.exitCode = flags.selfTest ? await selfTestOf(traces, flags) : await checkAll(traces, flags);
    });
}

async function checkAll(traces: readonly string[], flags: CheckFlags): Promise<ExitCode> {
  if (traces.length === 0) throw new InputError([NO_TRACE]);
  if (flags.mutant.length > 0) throw new InputError([{ message: '--mutant goes with --self-test' }]);
  const reports: (TraceReport & { readonly trace: string })[] = [];
  for (const trace of traces) {
    const report = await checkTrace(trace, { corpusFile: flags.corpus, strict: flags.strict });
    reports.push({ trace, ...report });
    if (!flags.json) process.stdout.write(`${renderTraceReport(trace, report)}\n`);
  }
  if (flags.json) process.stdout.write(`${JSON.stringify(reports)}\n`);
  for (const { trace, damage, messages } of reports) {
    if (!damage) continue;
    process.stderr.write(
      `${trace}:${damage.line}: ${damage.problem}\n  the ${messages} messages before it were judged\n`,
    );
  }
  return exitCode({
    badInput: reports.some(({ damage }) => damage !== undefined),
    interrupted: false,
    relayDown: false,
    failed: reports.some(({ conformance }) => conformance.failed > 0),
    gateNotMeasurable: false,
  });
}

const NO_TRACE: InputProblem = {
  message: 'no trace was given',
  hint: 'write reqbench check <trace>, or reqbench check --self-test',
};

async function selfTestOf(traces: readonly string[], flags: CheckFlags): Promise<ExitCode> {
  if (traces.length > 0) throw new InputError([{ message: '--self-test takes no trace' }]);
  if (flags.selfTest !== true && flags.selfTest !== 'full') {
    throw new InputError([{ message: `--self-test is full or nothing, not ${String(flags.selfTest)}` }]);
  }
  const mutants = flags.mutant.length === 0 ? MUTANTS : flags.mutant.map(mutantOf);
  const passed = await runSelfTest(
    { mutants, full: flags.selfTest === 'full', cacheDir: corpusCacheDir() },
    { json: flags.json },
  );
  return passed ? EXIT.fine : EXIT.failed;
}

function mutantOf(id: string): Mutant {
  const found = MUTANTS.find((mutant) => mutant.id === id);
  if (found) return found;
  const ids = MUTANTS.map((mutant) => mutant.id);
  throw new InputError([{ message: `there is no mutant ${id}`, hint: suggestion(id, ids) }]);
}

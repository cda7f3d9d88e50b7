import { Command } from 'commander';
import { InputError, type InputProblem } from '../harness/errors.js';
import { type ExitCode, exitCode } from '../harness/exit-codes.js';
import { checkTrace, type TraceReport } from '../harness/trace/index.js';
import { uncountedFailures } from '../reports/index.js';
import { renderTraceReport } from './check-text.js';
import { refuseMutants, type SelfTestFlags, selfTestOf, withSelfTest } from './self-test.js';

interface CheckFlags extends SelfTestFlags {
  readonly corpus?: string;
  readonly strict: boolean;
}

/** `reqbench check`: the invariants over saved wire traces; with `--self-test`, over relays that are wrong on purpose. */
export function checkCommand(): Command {
  const command = new Command('check')
    .summary('apply the checks of every run to a saved wire trace')
    .description(
      'Applies the checks that listen to every run to saved wire traces: those of `reqbench run --trace`, and ' +
        'those of other tools (docs/traces.md).',
    )
    .argument('[trace...]', 'NDJSON, gzipped or not')
    .option('--corpus <file>', 'JSONL of what the relay held at the start (default: what the trace names)')
    .option('--strict', 'a broken SHOULD fails like a broken MUST', false)
    .option('--json', 'print JSON to stdout and nothing else', false);
  return withSelfTest(command)
    .addHelpText(
      'after',
      `
Examples:
  $ reqbench run first-look --trace --out today && reqbench check today/traces/streaming-round-1.ndjson.gz
  $ reqbench check recorded.ndjson --corpus events.jsonl
  $ reqbench check --self-test

Exit codes: 0 nothing that counts failed (SHOULD counts with --strict) · 1 a check failed · 2 bad usage, or a trace that
can't be read to its end`,
    )
    .action(async (traces: string[], flags: CheckFlags) => {
      process.exitCode = flags.selfTest
        ? await selfTestOf(flags, 'invariants', traces)
        : await checkAll(traces, flags);
    });
}

async function checkAll(traces: readonly string[], flags: CheckFlags): Promise<ExitCode> {
  refuseMutants(flags);
  if (traces.length === 0) throw new InputError([NO_TRACE]);
  const reports: (TraceReport & { readonly trace: string })[] = [];
  for (const trace of traces) {
    const report = await checkTrace(trace, { corpusFile: flags.corpus, strict: flags.strict });
    reports.push({ trace, ...report });
    if (!flags.json) process.stdout.write(`${renderTraceReport(trace, report)}\n`);
  }
  const uncounted = uncountedFailures(reports.map(({ conformance }) => conformance));
  if (flags.json) process.stdout.write(`${JSON.stringify(reports)}\n`);
  else if (uncounted !== undefined) process.stdout.write(`${uncounted}\n`);
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

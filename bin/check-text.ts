import type { CheckResult } from '../harness/results.js';
import type { TraceReport } from '../harness/trace/index.js';
import { failedByLevel } from '../reports/index.js';
import { printable } from '../reports/printable.js';
import { excerptText } from './excerpt-text.js';

const FAILURES_SHOWN = 3;
const LINE_WIDTH = 160;

/** What was found in a trace, for a terminal; everything that a relay said is made harmless. */
export function renderTraceReport(
  trace: string,
  { header, messages, corpusFile, conformance, leftOut, partial }: TraceReport,
): string {
  const { checks } = conformance;
  const found = checks.filter(({ result, failedCases }) => result === 'failed' || failedCases > 0);
  const judged = checks.filter(({ result }) => result !== 'not-tested' && result !== 'not-supported');
  const relay = header.relay === undefined ? '' : ` (${printable(header.relay)})`;
  return [
    `${printable(trace)}${relay}: ${messages} messages, ${judged.length} of ${checks.length} checks had something to judge`,
    ...(corpusFile === undefined
      ? ['  what the relay held is unknown, so stored answers are not judged; give it with --corpus']
      : []),
    ...(leftOut > 0 ? [`  the trace lacks ${leftOut} messages; it is judged up to there`] : []),
    ...(partial ? [`  not judged from ${partial.atMs.toFixed(1)} ms on: ${keptOf(partial)}`] : []),
    ...found.flatMap(renderCheck),
    `  ${messages === 0 ? 'nothing was judged' : failedByLevel(checks)}`,
  ].join('\n');
}

function keptOf({ direction, bytes, connection }: NonNullable<TraceReport['partial']>): string {
  return `the trace kept only part of a message that was ${direction}, of ${bytes} bytes (connection ${connection})`;
}

function renderCheck(check: CheckResult): string[] {
  const { id, level, result, failedCases, seen, requirement, failures } = check;
  return [
    `  ${result.padEnd(8)} ${level.padEnd(6)} ${id}: ${failedCases} of ${seen}`,
    `           ${requirement}`,
    ...failures
      .slice(0, FAILURES_SHOWN)
      .flatMap(({ message, excerpt }) => [
        `           ${printable(message, LINE_WIDTH)}`,
        ...excerpt.map((line) => `             ${excerptText(line, LINE_WIDTH)}`),
      ]),
  ];
}

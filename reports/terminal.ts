/** The end of a run in a terminal: verdict, doubts, a table, what failed, where the files are. */
import pc from 'picocolors';
import type { GateResult, RelayResult, Results } from '../harness/results.js';
import {
  answersFindings,
  countsAsFailed,
  doubts,
  evidence,
  type Finding,
  failedChecks,
  gatesFinding,
} from './findings.js';
import { type OverviewRow, overviewRows } from './overview.js';
import { printable } from './printable.js';
import { contenders } from './select.js';
import { sweepHeading, sweptFigures, sweptTable } from './sweep.js';
import { lineWidth, plainTable, type TerminalPage, wrapped } from './terminal-text.js';
import { type Verdict, verdicts, withoutVerdict } from './words.js';

export interface TerminalOptions extends TerminalPage {
  /** Where the documents were written, as they should be shown. */
  readonly files?: readonly string[] | undefined;
}

type Colors = ReturnType<typeof pc.createColors>;

interface Page {
  readonly colors: Colors;
  readonly width: number;
}

const LOG_LINES = 5;

/** What a run prints when it has ended. Text of relays is shown, never obeyed. Ends with a newline. */
export function renderTerminal(results: Results, { color, width, files = [] }: TerminalOptions): string {
  const page = { colors: pc.createColors(color), width: lineWidth(width) };
  const sections = [
    doubts(results).map((doubt) => findingLine(doubt, page)),
    verdictLines(results, page),
    answersFindings(results).map((finding) => findingLine(finding, page)),
    endedLines(results, page),
    sweepLines(results, page),
    tables(results, page),
    evidenceLines(results, page),
    failureLines(results, page),
    gateLines(results, page),
    files.map((file) => page.colors.dim(printable(file, 400))),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function findingLine({ standing, text }: Finding, { colors, width }: Page): string {
  const mark = { good: colors.green('✓'), bad: colors.red('✗'), unsure: colors.yellow('!') }[standing];
  const paint = { good: (line: string) => line, bad: colors.red, unsure: colors.yellow }[standing];
  return `${mark} ${paint(wrapped(text, width - 2, '  '))}`;
}

function verdictLines(results: Results, page: Page): readonly string[] {
  const all = verdicts(results);
  if (all.length === 0) return [page.colors.bold(wrapped(withoutVerdict(results), page.width))];
  return all.flatMap((verdict) => verdictLine(verdict, page));
}

function verdictLine({ headline, detail, caution }: Verdict, { colors, width }: Page): readonly string[] {
  return [
    colors.bold(wrapped(headline, width)),
    ...(caution ? [`  ${colors.yellow(wrapped(caution, width - 2, '  '))}`] : []),
    ...(detail ? [`  ${colors.dim(wrapped(detail, width - 2, '  '))}`] : []),
  ];
}

/** How the figures grow over a sweep; the tables after it are about its last value. */
function sweepLines(results: Results, { colors, width }: Page): readonly string[] {
  const { sweep } = results;
  if (!sweep) return [];
  const tablesOf = sweptFigures(results).map((figure) => {
    const { head, rows } = sweptTable(figure, sweep);
    return plainTable(
      head.map((cell) => colors.bold(cell)),
      rows,
    );
  });
  return [
    colors.bold(wrapped(sweepHeading(sweep), width)),
    ...tablesOf.flatMap((table) => ['', table]),
    '',
    colors.dim(
      wrapped(`Below: at the last value, ${printable(sweep.points.at(-1)?.value ?? '', 40)}`, width),
    ),
  ];
}

function endedLines(results: Results, { colors, width }: Page): readonly string[] {
  return results.relays.flatMap(({ name, error }) =>
    error?.logTail.length
      ? [
          wrapped(`Last lines of ${printable(name, 40)}:`, width),
          ...error.logTail.slice(-LOG_LINES).map((line) => colors.dim(`  ${printable(line, width - 2)}`)),
        ]
      : [],
  );
}

/** The relays side by side, in as many tables as the width needs. */
function tables(results: Results, page: Page): readonly string[] {
  const rows = overviewRows(results);
  if (rows.length === 0) return [];
  const labelWidth = Math.max(...rows.map(({ label }) => label.length)) + 2;
  const room = Math.min(24, page.width - labelWidth - 2);
  const names = results.relays.map(({ name }) => printable(name, room));
  const widest = (index: number) =>
    Math.max(
      ...[names[index] ?? '', ...rows.map(({ cells }) => cells[index] ?? '')].map(({ length }) => length),
    );
  const groups: number[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const index of names.keys()) {
    const needed = widest(index) + 2;
    if (used + needed > page.width) {
      groups.push([]);
      used = labelWidth;
    }
    groups.at(-1)?.push(index);
    used += needed;
  }
  return groups.map((group) => table(names, rows, group, page));
}

function table(
  names: readonly string[],
  rows: readonly OverviewRow[],
  group: readonly number[],
  { colors }: Page,
): string {
  return plainTable(
    ['', ...group.map((index) => colors.bold(names[index] ?? ''))],
    rows.map(({ label, cells }) => [colors.dim(label), ...group.map((index) => cells[index] ?? '')]),
  );
}

function evidenceLines(results: Results, { colors, width }: Page): readonly string[] {
  return [colors.dim(wrapped(evidence(results).join(' · '), width))];
}

function failureLines(results: Results, page: Page): readonly string[] {
  return contenders(results).flatMap((relay) => relayFailures(relay, page));
}

function relayFailures(relay: RelayResult, { colors, width }: Page): readonly string[] {
  const { conformance } = relay;
  if (!conformance) return [];
  return failedChecks(relay).flatMap((check) => {
    const paint = countsAsFailed(check, conformance) ? colors.red : colors.yellow;
    const first = check.failures[0];
    const name = printable(relay.name, 40);
    return [
      paint(
        wrapped(
          `${name} ${check.level} ${printable(check.id, 80)}: ${printable(check.title, 120)}`,
          width,
          '  ',
        ),
      ),
      ...(first ? [`  ${colors.dim(wrapped(printable(first.message, 300), width - 2, '  '))}`] : []),
    ];
  });
}

/** The gates alone, as a terminal shows them: how many passed, then a line each. */
export function renderGates(gates: readonly GateResult[], { color, width }: TerminalPage): string {
  return `${gateLines({ gates: [...gates] }, { colors: pc.createColors(color), width }).join('\n')}\n`;
}

function gateLines(results: Pick<Results, 'gates'>, page: Page): readonly string[] {
  const all = gatesFinding(results.gates);
  return all ? [findingLine(all, page), ...results.gates.map((gate) => gateLine(gate, page))] : [];
}

function gateLine({ rule, result, actual }: GateResult, { colors, width }: Page): string {
  const word = { passed: colors.green, failed: colors.red, 'not-measurable': colors.yellow }[result](result);
  return `  ${word} ${wrapped(`${printable(rule, 200)}: ${printable(actual, 300)}`, width - result.length - 3, '    ')}`;
}

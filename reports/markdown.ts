/** summary.md: the answer, the doubts and the main figures, fit for the summary of a CI job. */
import type { RelayResult, Results } from '../harness/results.js';
import {
  answersFindings,
  countsAsFailed,
  doubts,
  evidence,
  failedChecks,
  gatesFinding,
  type Standing,
} from './findings.js';
import { inert, tableOf } from './markdown-text.js';
import { overviewRows } from './overview.js';
import { contenders } from './select.js';
import { sweepHeading, sweptFigures, sweptTable } from './sweep.js';
import { type Verdict, verdicts } from './words.js';

const MARKS: Readonly<Record<Standing, string>> = { good: '✅', bad: '❌', unsure: '⚠️' };
const GATE_MARKS = {
  passed: '✅ passed',
  failed: '❌ failed',
  'not-measurable': '⚠️ not measurable',
} as const;
const EXCERPT_LINES = 20;

/** The summary as GitHub-flavoured Markdown; ends with a newline. */
export function renderMarkdown(results: Results): string {
  const sections = [
    `## reqbench: ${inert(results.scenario.name, 80)}`,
    doubts(results).map(({ standing, text }) => `- ${MARKS[standing]} ${inert(text, 900)}`),
    verdicts(results).map(verdictItem),
    answersFindings(results).map(({ standing, text }) => `- ${MARKS[standing]} ${inert(text, 600)}`),
    swept(results),
    figures(results),
    inert(evidence(results).join(' · '), 600),
    gates(results),
    contenders(results).flatMap(failures),
    logTails(results),
    provenance(results),
  ];
  return `${sections
    .map((section) => (typeof section === 'string' ? section : section.join('\n')))
    .filter(Boolean)
    .join('\n\n')}\n`;
}

function verdictItem({ headline, detail, caution }: Verdict): string {
  const figures = detail ? ` (${inert(detail, 600)})` : '';
  return `- **${inert(headline, 300)}**${figures}${caution ? ` ${MARKS.unsure} ${inert(caution, 300)}` : ''}`;
}

/** How the figures grow over a sweep. */
function swept(results: Results): readonly string[] {
  const { sweep } = results;
  if (!sweep) return [];
  const tables = sweptFigures(results).flatMap((figure) => {
    const { head, rows } = sweptTable(figure, sweep);
    return [
      ...tableOf(
        head.map((cell) => inert(cell, 80)),
        rows.map((row) => row.map((cell) => inert(cell, 40))),
        '--:',
      ),
      '',
    ];
  });
  return [`### ${inert(sweepHeading(sweep), 200)}`, '', ...tables];
}

function figures(results: Results): readonly string[] {
  const rows = overviewRows(results);
  if (rows.length === 0) return [];
  const head = ['', ...results.relays.map(({ name }) => inert(name, 40))];
  return tableOf(
    head,
    rows.map(({ label, cells }) => [label, ...cells.map((cell) => inert(cell, 40))]),
    '--:',
  );
}

function gates({ gates: all }: Results): readonly string[] {
  const overall = gatesFinding(all);
  if (!overall) return [];
  const rows = all.map(({ rule, result, actual }) => [
    `<code>${inert(rule, 200)}</code>`,
    GATE_MARKS[result],
    inert(actual, 300),
  ]);
  return [`### ${inert(overall.text, 120)}`, '', ...tableOf(['gate', 'result', 'actual'], rows, ':--')];
}

function failures(relay: RelayResult): readonly string[] {
  const { conformance } = relay;
  if (!conformance) return [];
  return failedChecks(relay).map((check) => {
    const mark = countsAsFailed(check, conformance) ? MARKS.bad : MARKS.unsure;
    const first = check.failures[0];
    const title = `${mark} ${inert(relay.name, 40)}: ${check.level} ${inert(check.id, 80)}, ${inert(check.title, 120)}`;
    const excerpt = (first?.excerpt ?? [])
      .slice(0, EXCERPT_LINES)
      .map(({ atMs, direction, text }) => `${atMs.toFixed(3)} ms ${direction} ${inert(text, 300)}`);
    return details(title, first ? inert(first.message, 400) : inert(check.requirement, 400), excerpt);
  });
}

function details(title: string, text: string, lines: readonly string[]): string {
  const pre = lines.length ? `\n\n<pre>\n${lines.join('\n')}\n</pre>` : '';
  return `<details><summary>${title}</summary>\n\n<p>${text}</p>${pre}\n\n</details>\n`;
}

function logTails(results: Results): readonly string[] {
  return results.relays.flatMap(({ name, error }) =>
    error?.logTail.length
      ? [
          details(
            `Last lines of ${inert(name, 40)}`,
            '',
            error.logTail.slice(-EXCERPT_LINES).map((line) => inert(line, 300)),
          ),
        ]
      : [],
  );
}

function provenance({ scenario, corpus, environment, startedAt }: Results): string {
  const parts = [
    `seed ${scenario.seed}`,
    `plan ${scenario.planFingerprint.slice(0, 12)}`,
    `corpus ${corpus.fingerprint.slice(0, 12)} (${corpus.events} events)`,
    ...(corpus.keyNonce === undefined ? [] : [`keys of this run alone, nonce ${corpus.keyNonce}`]),
    `reqbench ${environment.reqbench}`,
    `Node ${environment.node}`,
    `${environment.cpu} × ${environment.cores}`,
    startedAt,
  ];
  return `<sub>${inert(parts.join(' · '), 500)}</sub>`;
}

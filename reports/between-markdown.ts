/** Two runs of different times as GitHub-flavoured Markdown, fit for the summary of a CI job. */
import type { RelayChange, RunsComparison } from '../harness/results.js';
import {
  differenceLines,
  leftOut,
  POINT_HEAD,
  pairName,
  pointRows,
  relaySentences,
  runLine,
  type Sentence,
  unmatchedLine,
} from './between-words.js';
import { inert, tableOf } from './markdown-text.js';

const MARKS: Readonly<Record<Sentence['standing'], string>> = {
  good: '✅ ',
  bad: '❌ ',
  unsure: '⚠️ ',
  plain: '',
};

/** Ends with a newline. */
export function renderBetweenMarkdown(comparison: RunsComparison): string {
  const unmatched = unmatchedLine(comparison);
  const differing = differenceLines(comparison);
  const sections = [
    [`## reqbench: ${inert(comparison.scenario, 80)}, two runs`],
    (['a', 'b'] as const).map((run) => `- ${inert(runLine(run, comparison), 400)}`),
    [
      differing.length === 0
        ? 'The same scenario, plan and corpus; nothing else is known to differ.'
        : 'The same scenario, plan and corpus. What is known to differ:',
      '',
      ...differing.map((line) => `- ⚠️ ${inert(line, 500)}`),
    ],
    ['What two files can’t tell:', '', ...comparison.limits.map((line) => `- ${inert(line, 500)}`)],
    ...comparison.relays.map(relaySection),
    unmatched === undefined ? [] : [inert(unmatched, 400)],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n').trimEnd())
    .join('\n\n')}\n`;
}

function relaySection(relay: RelayChange): readonly string[] {
  const rows = pointRows(relay).map((cells) => cells.map((cell) => inert(cell, 60)));
  const reasons = new Set(relay.figures.map(({ reason }) => reason));
  return [
    `### ${inert(pairName(relay), 100)}`,
    '',
    ...relaySentences(relay).map(({ standing, text }) => `- ${MARKS[standing]}${inert(text, 900)}`),
    ...leftOut(relay)
      .filter((reason) => !reasons.has(reason))
      .map((reason) => `- ${MARKS.unsure}figures left out: ${inert(reason, 400)}`),
    ...(rows.length === 0 ? [] : ['', ...tableOf(POINT_HEAD, rows, '--:')]),
  ];
}

/** Two runs of different times side by side in a terminal: what differs and what can't be known before any figure. */
import pc from 'picocolors';
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
import { printable } from './printable.js';
import { lineWidth, plainTable, type TerminalPage, wrapped } from './terminal-text.js';

type Colors = ReturnType<typeof pc.createColors>;
type Page = { readonly colors: Colors; readonly width: number };

/** Text of relays is shown, never obeyed. Ends with a newline. */
export function renderBetweenTerminal(comparison: RunsComparison, { color, width }: TerminalPage): string {
  const page = { colors: pc.createColors(color), width: lineWidth(width) };
  const unmatched = unmatchedLine(comparison);
  const differing = differenceLines(comparison);
  const sections = [
    [
      page.colors.bold(printable(comparison.scenario, 80)),
      ...(['a', 'b'] as const).map((run) => wrapped(runLine(run, comparison), page.width, '   ')),
    ],
    [
      differing.length === 0
        ? 'The same scenario, plan and corpus; nothing else is known to differ.'
        : 'The same scenario, plan and corpus. What is known to differ:',
      ...differing.map((line) => bullet(page.colors.yellow('!'), line, page)),
    ],
    ['What two files can’t tell:', ...comparison.limits.map((line) => bullet('·', line, page))],
    ...comparison.relays.map((relay) => relaySection(relay, page)),
    unmatched === undefined ? [] : [page.colors.yellow(wrapped(unmatched, page.width))],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function bullet(mark: string, text: string, { width }: Page): string {
  return `${mark} ${wrapped(text, width - 2, '  ')}`;
}

function relaySection(relay: RelayChange, page: Page): readonly string[] {
  const rows = pointRows(relay);
  const sentences = relaySentences(relay);
  const reasons = new Set(relay.figures.map(({ reason }) => reason));
  return [
    page.colors.bold(pairName(relay)),
    ...sentences.map((sentence) => sentenceLine(sentence, page)),
    ...leftOut(relay)
      .filter((reason) => !reasons.has(reason))
      .map((reason) => bullet(page.colors.yellow('!'), `figures left out: ${reason}`, page)),
    ...(rows.length === 0
      ? []
      : ['', plainTable(POINT_HEAD, rows), page.colors.dim('medians over the rounds; without an interval')]),
  ];
}

function sentenceLine({ standing, text }: Sentence, page: Page): string {
  const { colors } = page;
  const mark = {
    good: colors.green('✓'),
    bad: colors.red('✗'),
    unsure: colors.yellow('!'),
    plain: '·',
  }[standing];
  return bullet(mark, text, page);
}

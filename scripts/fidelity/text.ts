import type { FidelityRow } from './rows.js';

/** What one probe said of one relay; `said` is hostile text. */
export interface ProbeOutcome {
  readonly id: string;
  readonly result: string;
  readonly said: string | undefined;
}

export interface RowOutcome {
  readonly row: FidelityRow;
  readonly originals: Readonly<Record<string, readonly ProbeOutcome[]>>;
  /** The model without, and with its deviation. */
  readonly off: readonly ProbeOutcome[];
  readonly on: readonly ProbeOutcome[] | undefined;
}

export interface Fidelity {
  readonly outcomes: readonly RowOutcome[];
  readonly originals: readonly string[];
  /** Originals whose program is not here. */
  readonly missing: readonly string[];
  readonly notShown: Readonly<Record<string, string>>;
}

/** docs/fidelity.md. */
export function fidelityText({ outcomes, originals, missing, notShown }: Fidelity): string {
  const header = ['row', 'what', 'said of', ...originals, 'model off', 'model on', 'agrees'];
  const rows = outcomes.map(({ row, originals: seen, off, on }) => [
    row.id,
    row.title,
    row.of.join(', '),
    ...originals.map((name) => verdict(seen[name] ?? [])),
    `${row.model}: ${verdict(off)}`,
    on === undefined ? '–' : `${row.model}: ${verdict(on)}`,
    agreement({ row, originals: seen, off, on }),
  ]);
  const evidence = outcomes.flatMap(({ row, originals: seen }) =>
    originals.flatMap((name) =>
      (seen[name] ?? [])
        .filter(({ result }) => result === 'failed')
        .map(({ id, said }) => `- ${row.id}, ${name}, \`${id}\`: ${inline(said ?? '')}`),
    ),
  );
  return `${[
    '# Fidelity',
    'Made by `npm run fidelity`: for the rows of strategies.md that a probe of `reqbench conform` decides, whether the originals ' +
      'and the models do what the row says. _seen_: a probe that forbids it failed, with the messages on the wire in the ' +
      'report of reqbench-results/fidelity; _not seen_: it passed; otherwise what it said. A race that is not seen in ' +
      'one run may be seen in another.',
    ...(missing.length > 0 ? [`Not here, so not asked: ${missing.join(', ')}.`] : []),
    [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n'),
    '## What was seen',
    evidence.join('\n') || 'Nothing.',
    '## Rows that no probe decides',
    Object.entries(notShown)
      .map(([ids, why]) => `- ${ids}: ${why}`)
      .join('\n'),
  ].join('\n\n')}\n`;
}

/** One failed probe shows the row; passed ones alone deny it. */
function verdict(outcomes: readonly ProbeOutcome[]): string {
  if (outcomes.some(({ result }) => result === 'failed')) return 'seen';
  if (outcomes.length > 0 && outcomes.every(({ result }) => result === 'passed')) return 'not seen';
  return outcomes.find(({ result }) => result !== 'passed')?.result.replace('-', ' ') ?? 'not asked';
}

/** Whether the original that the row is about does it, and the model does exactly when told to. */
function agreement({ row, originals, off, on }: RowOutcome): string {
  const about = Object.entries(originals).filter(([name]) =>
    row.of.some((of) => name === of || name.startsWith(`${of}-`)),
  );
  const isSeen = about.some(([, outcomes]) => verdict(outcomes) === 'seen');
  const parts = [
    ...(about.length === 0 || isSeen ? [] : ['not seen in an original']),
    ...(verdict(off) === 'not seen' ? [] : [`model off: ${verdict(off)}`]),
    ...(on === undefined || verdict(on) === 'seen' ? [] : [`model on: ${verdict(on)}`]),
  ];
  return parts.length === 0 ? 'yes' : parts.join('; ');
}

/** Text of a relay in a line of Markdown. */
function inline(text: string): string {
  return text
    .replace(/[^\x20-\x7e\u00a0-\uffff]+/g, ' ')
    .replace(/[|<>`\\[\]*_]/g, (sign) => `\\${sign}`)
    .slice(0, 200);
}

import type { Answer } from './ask.js';
import type { FidelityRow } from './rows.js';
import type { Original, Way, WayName } from './ways.js';

export interface RowOutcome {
  readonly row: FidelityRow;
  readonly originals: ReadonlyMap<Original, readonly Answer[]>;
  /** The model without, and with its deviation. */
  readonly off: readonly Answer[];
  readonly on: readonly Answer[] | undefined;
}

/** A conversation in which an original did what a row says. */
export interface Proof {
  readonly row: string;
  readonly original: Original;
  readonly answer: Answer;
  /** Relative to docs/; undefined: too long to be kept there. */
  readonly trace: string | undefined;
  /** What `reqbench check --strict` finds in it. */
  readonly failed: readonly string[];
  /** False: the trace kept only part of what was said, and from there on nothing could be judged. */
  readonly isJudgedWhole: boolean;
}

export interface Fidelity {
  readonly outcomes: readonly RowOutcome[];
  readonly proofs: readonly Proof[];
  readonly originals: readonly Original[];
  /** Originals whose program is not here. */
  readonly missing: readonly Original[];
  readonly ways: Readonly<Record<WayName, Way>>;
  readonly notShown: Readonly<Record<string, string>>;
}

const MOST_SAID = 200;

/** docs/fidelity.md. */
export function fidelityText(fidelity: Fidelity): string {
  const { outcomes, proofs, originals, missing, ways, notShown } = fidelity;
  const cellOf = (outcome: RowOutcome, original: Original) => cell(outcome, original, outcomes);
  const header = ['row', 'what', ...originals, 'model', 'off', 'on', 'as strategies.md has it'];
  const rows = outcomes.map((outcome) => [
    outcome.row.id,
    outcome.row.title,
    ...originals.map((original) => cellOf(outcome, original)),
    outcome.row.model,
    verdictOf(outcome.off),
    outcome.on === undefined ? '–' : verdictOf(outcome.on),
    agreement(outcome, { saidOf: saidOf(outcome.row.id, outcomes), originals, cellOf }),
  ]);
  const asked = outcomes.map(({ row }) => [
    row.id,
    `_${row.way ?? 'open'}_`,
    row.checks.map((check) => `\`${check}\``).join('<br>'),
  ]);
  return `${[
    '# Fidelity',
    'Made by `npm run fidelity`: every row of [strategies.md](strategies.md), asked of the originals and of the models. _seen_: a ' +
      'conversation in which the relay does it, below, with its trace; _not seen_: the same conversation, in which it does ' +
      'not; _–_: it cannot be asked that. A race that is not seen in one run may be seen in another.',
    ...(missing.length > 0 ? [`Not here, so not asked: ${missing.join(', ')}.`] : []),
    table(header, rows),
    ...Object.entries(notShown).map(([id, why]) => `${id} ${why}.`),
    '## How they were asked',
    'By the probes of `reqbench conform` of these names ([conformance.md](conformance.md)); `trait/…` by those of `scripts/fidelity/traits.ts`.',
    table(['row', 'way', 'asked by'], asked),
    Object.entries(ways)
      .map(([name, { what }]) => `- _${name}_: ${what}.`)
      .join('\n'),
    '## What was seen',
    'Each with the whole conversation as a [trace](traces.md), and what `reqbench check --strict` says of it. What a trace of the wire does not decide by itself ' +
      '(who may see what, say) is to be read in it. Long ones stay in reqbench-results/fidelity.',
    proofs.map(proofLine).join('\n') || 'Nothing.',
    '## What could not be told',
    untold(outcomes, originals) || 'Nothing.',
  ].join('\n\n')}\n`;
}

/** One answer shows the row; else one denies it, whatever could not be asked besides. */
export function verdictOf(answers: readonly Answer[]): Answer['verdict'] {
  if (answers.some(({ verdict }) => verdict === 'seen')) return 'seen';
  return answers.some(({ verdict }) => verdict === 'not seen') ? 'not seen' : 'not told';
}

function cell({ row, originals }: RowOutcome, original: Original, all: readonly RowOutcome[]): string {
  const answers = originals.get(original);
  if (answers === undefined) return '–';
  const hiding = all.find((other) => other.row.id === row.hiddenBy)?.originals.get(original) ?? [];
  return verdictOf(hiding) === 'seen' ? `as ${row.hiddenBy}` : verdictOf(answers);
}

interface AgreementContext {
  /** Of which originals this row, or another of the same id, says it. */
  readonly saidOf: ReadonlySet<Original>;
  readonly originals: readonly Original[];
  cellOf(outcome: RowOutcome, original: Original): string;
}

function saidOf(id: string, outcomes: readonly RowOutcome[]): ReadonlySet<Original> {
  return new Set(outcomes.filter(({ row }) => row.id === id).flatMap(({ row }) => row.of));
}

/** Whether the originals do what is said of them and the others don't, and the model exactly when told to. */
function agreement(outcome: RowOutcome, { saidOf, originals, cellOf }: AgreementContext): string {
  const { row, off, on } = outcome;
  const [offWanted, model] = on === undefined ? ['seen', 'model'] : ['not seen', 'model off'];
  const parts = [
    ...originals
      .filter((one) => row.of.includes(one) && cellOf(outcome, one) !== 'seen')
      .map((one) => `${one}: ${cellOf(outcome, one)}`),
    ...originals
      .filter((one) => !saidOf.has(one) && cellOf(outcome, one) === 'seen')
      .map((one) => `${one} too`),
    ...(verdictOf(off) === offWanted ? [] : [`${model}: ${verdictOf(off)}`]),
    ...(on === undefined || verdictOf(on) === 'seen' ? [] : [`model on: ${verdictOf(on)}`]),
  ];
  return parts.length === 0 ? 'yes' : parts.join('; ');
}

function proofLine({ row, original, answer, trace, failed, isJudgedWhole }: Proof): string {
  const link = trace === undefined ? 'a long trace' : `[trace](${trace})`;
  const found = failed.length === 0 ? 'nothing' : failed.map((id) => `\`${id}\``).join(', ');
  const finds = `check: ${found}${isJudgedWhole ? '' : ', and not judged: the trace kept only part'}`;
  return `- ${row}, ${original}, \`${answer.check}\`: ${inline(answer.said)} (${link}; ${finds})`;
}

function untold(outcomes: readonly RowOutcome[], here: readonly Original[]): string {
  const lines = outcomes.flatMap(({ row, originals }) =>
    here.flatMap((original) =>
      (originals.get(original) ?? [])
        .filter(({ verdict }) => verdict === 'not told')
        .map(({ check, said }) => `- ${row.id}, ${original}, \`${check}\`: ${inline(said)}`),
    ),
  );
  return [...new Set(lines)].join('\n');
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, header.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Text of a relay in a line of Markdown. */
function inline(text: string): string {
  return text
    .replace(/[^\x20-\x7e\u00a0-\uffff]+/g, ' ')
    .replace(/[|<>`\\[\]*_]/g, (sign) => `\\${sign}`)
    .slice(0, MOST_SAID);
}

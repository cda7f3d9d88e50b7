/** What `reqbench conform --self-test full --json` found, and the page that keeps it: docs/mutants-matrix.md. */
import { z } from 'zod';
import { InputError } from '../../errors.js';
import { CHECK_IDS } from '../conform-selection.js';
import { checksThatCatch } from './catalogue.js';
import type { Mutant } from './mutant.js';
import { isOrdinary, type SelfTestReport } from './self-test.js';

const ids = z.array(z.string());
const recordSchema = z.object({
  version: z.string(),
  startedAt: z.iso.datetime(),
  full: z.boolean(),
  /** Ids of the checks that there were. */
  checks: ids,
  passed: z.boolean(),
  notRun: ids,
  mutants: z.array(z.object({ id: z.string(), fired: ids, silent: ids })),
  clean: z.array(
    z.object({
      kind: z.literal('clean'),
      relay: z.enum(['streaming', 'batched']),
      under: z.string(),
      accused: ids,
    }),
  ),
});

/** A self-test as `--json` prints it. */
export type SelfTestRecord = z.infer<typeof recordSchema>;

/** How a self-test is written down. */
export function selfTestRecord(
  { mutants, clean, notRun, passed }: SelfTestReport,
  run: Pick<SelfTestRecord, 'version' | 'startedAt' | 'full'>,
): SelfTestRecord {
  return {
    ...run,
    checks: [...CHECK_IDS],
    passed,
    notRun: [...notRun],
    mutants: mutants.map(({ mutant, fired, silent }) => ({
      id: mutant.id,
      fired: [...fired],
      silent: [...silent],
    })),
    clean: clean.map((outcome) => ({ ...outcome, accused: [...outcome.accused] })),
  };
}

/**
 * A self-test from what `--json` printed.
 * @throws {InputError} when it is something else
 */
export function parseSelfTestRecord(text: string, file: string): SelfTestRecord {
  const wanted = 'write there what reqbench conform --self-test full --json prints';
  try {
    const parsed = recordSchema.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new InputError([
      { at: { file }, message: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, hint: wanted },
    ]);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError([{ at: { file }, message: 'it is no JSON', hint: wanted }]);
  }
}

/** Every mutant against every check, in the order of the catalogue. */
export interface Matrix {
  readonly version: string;
  /** `2026-01-31` */
  readonly date: string;
  readonly rows: readonly MatrixRow[];
  readonly cleanRuns: number;
  /** Ids of checks that not every part of the run had: younger than the oldest part. */
  readonly young: readonly string[];
}

export interface MatrixRow {
  readonly mutant: Mutant;
  /** Ids of the checks that failed, or observed what the clean relay doesn't show, beside those that must. */
  readonly others: readonly string[];
}

/**
 * One matrix of a run, or of several that had a part of the mutants each; of one that was played in several, the last counts.
 * @throws {InputError} unless all mutants are there, all were caught, and no clean relay was accused
 */
export function matrixOf(records: readonly SelfTestRecord[], mutants: readonly Mutant[]): Matrix {
  const found = new Map(records.flatMap((record) => record.mutants.map((one) => [one.id, one])));
  const versions = new Set(records.map(({ version }) => version));
  const problems = [
    ...records.filter(({ full }) => !full).map(() => 'it is of --self-test, not of --self-test full'),
    ...(versions.size > 1 ? [`parts are of several versions: ${[...versions].join(', ')}`] : []),
    ...records.flatMap(({ clean }) =>
      clean
        .filter(({ accused }) => accused.length > 0)
        .map(({ relay, under, accused }) => `clean ${relay} was accused by ${accused.join(', ')} (${under})`),
    ),
    ...mutants.flatMap(({ id }) => {
      const { silent } = found.get(id) ?? {};
      if (!silent) return `the mutant ${id} was not run`;
      return silent.length > 0 ? `the mutant ${id} was not caught by ${silent.join(', ')}` : [];
    }),
  ];
  const [first, ...more] = problems.map((message) => ({ message }));
  if (first) throw new InputError([first, ...more]);
  return {
    version: [...versions].join(),
    date:
      records
        .map(({ startedAt }) => startedAt.slice(0, 'YYYY-MM-DD'.length))
        .sort()
        .at(-1) ?? '',
    rows: mutants.map((mutant) => {
      const named = checksThatCatch(mutant);
      return { mutant, others: (found.get(mutant.id)?.fired ?? []).filter((id) => !named.includes(id)) };
    }),
    young: CHECK_IDS.filter((id) => records.some(({ checks }) => !checks.includes(id))),
    cleanRuns: records.reduce((sum, { clean }) => sum + clean.length, 0),
  };
}

/** Whom a check has caught. */
interface Column {
  readonly check: string;
  readonly named: number;
  readonly others: number;
}

/** @param checks ids of all checks, in the order of reports */
export function matrixPage(matrix: Matrix, checks: readonly string[]): string {
  const { rows } = matrix;
  const columns = checks.map(
    (check): Column => ({
      check,
      named: rows.filter(({ mutant }) => checksThatCatch(mutant).includes(check)).length,
      others: rows.filter(({ others }) => others.includes(check)).length,
    }),
  );
  return `${[
    '# Every mutant against every check',
    INTRODUCTION,
    countsOf(matrix, columns),
    '## By mutant',
    rowsTable(rows),
    '## By check',
    'How many mutants each check must catch, and how many others it failed on or showed a trait of.',
    columnsTable(columns),
  ].join('\n\n')}\n`;
}

const INTRODUCTION = `What \`reqbench conform --self-test full\` found: each of the [mutants](mutants.md) held against all checks, not only those
that must catch it. A relay of yours that fails several checks at once may have one fault: look for the row whose checks are
the same. Written by \`npm run matrix -- FILE\` from what the command printed with \`--json\`; not by hand.

*Beside them* are checks that failed too, or, for traits that NIPs allow, showed what the clean relay doesn't show. Most follow from
the fault: who gets no EOSE can't be asked for anything. A mutant by proxy that an invariant must catch breaks its rule once under the load,
and may break it in any probe that makes the same messages. Where messages cross, a check may fire in one run and not in the next.`;

const YOUNG = 'checks younger than the run, which only the mutants that they must catch were held against';

function countsOf({ version, date, rows, cleanRuns, young }: Matrix, columns: readonly Column[]): string {
  const alone = rows.filter(({ mutant }) => !isOrdinary(mutant.stage)).length;
  const silent = columns
    .filter(({ named, others }) => named + others === 0)
    .map(({ check }) => `\`${check}\``);
  return [
    `- reqbench ${version}, ${date}: \`reqbench conform --self-test full\``,
    `- ${rows.length} mutants, each caught by every check that must; ${columns.length} checks`,
    `- ${alone} of the mutants stand in a stage whose clean relay breaks other rules, and were held against their own probes alone`,
    `- checks never seen to fail: ${silent.length === 0 ? 'none' : silent.join(', ')}`,
    `- ${cleanRuns} runs of clean relays between them, none accused`,
    ...(young.length === 0 ? [] : [`- ${YOUNG}: ${young.map((id) => `\`${id}\``).join(', ')}`]),
  ].join('\n');
}

function rowsTable(rows: readonly MatrixRow[]): string {
  const lines = rows.map(({ mutant, others }) => {
    const named = checksThatCatch(mutant).map((check) => `\`${check}\``);
    const beside = [...(isOrdinary(mutant.stage) ? [] : [OWN_ALONE]), ...besideCell(others)];
    return `| \`${mutant.id}\` | ${mutant.breaks} | ${named.join('<br>')} | ${beside.join('<br>')} |`;
  });
  return ['| mutant | breaks | caught by | beside them |', '|---|---|---|---|', ...lines].join('\n');
}

const OWN_ALONE = '_own probes alone_';

/** More than these are folded, so that the table can be read. */
const MOST_SHOWN = 6;

function besideCell(others: readonly string[]): readonly string[] {
  const sections = new Map<string, string[]>();
  for (const check of others) {
    const at = check.lastIndexOf('/');
    const section = check.slice(0, at);
    sections.set(section, [...(sections.get(section) ?? []), check.slice(at + 1)]);
  }
  const lines = [...sections].map(([section, names]) => `\`${section}\`: ${names.join(', ')}`);
  if (others.length <= MOST_SHOWN) return lines;
  return [`<details><summary>${others.length} checks</summary>${lines.join('<br>')}</details>`];
}

function columnsTable(columns: readonly Column[]): string {
  const lines = columns.map(({ check, named, others }) => `| \`${check}\` | ${named} | ${others} |`);
  return ['| check | must catch | others |', '|---|--:|--:|', ...lines].join('\n');
}

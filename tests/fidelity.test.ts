import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PROBES } from '../harness/conformance/probes/catalogue.js';
import type { WireLine } from '../harness/conformance/probes/wire-record.js';
import { checkTrace } from '../harness/trace/index.js';
import { DEVIATIONS } from '../relays/relay.js';
import type { Answer } from '../scripts/fidelity/ask.js';
import { type FidelityRow, NOT_SHOWN, ROWS } from '../scripts/fidelity/rows.js';
import { fidelityText, type RowOutcome } from '../scripts/fidelity/text.js';
import { traceText } from '../scripts/fidelity/trace.js';
import { TRAITS } from '../scripts/fidelity/traits.js';
import { ORIGINALS, WAYS } from '../scripts/fidelity/ways.js';

const row: FidelityRow = {
  id: 'D19',
  title: 'a duplicate gets OK false',
  of: ['orly'],
  model: 'batched',
  deviations: ['D19'],
  checks: ['nip01/event/resubmission'],
};

const answer = (verdict: Answer['verdict'], said = ''): readonly Answer[] => [
  { check: row.checks[0], verdict, said, lines: [] },
];

/** The last cell of the row, and the page. */
function page(outcome: Partial<RowOutcome>, more: readonly RowOutcome[] = []) {
  const whole: RowOutcome = {
    row,
    originals: new Map([['orly', answer('seen')]]),
    off: answer('not seen'),
    on: answer('seen'),
    ...outcome,
  };
  const text = fidelityText({
    outcomes: [whole, ...more],
    proofs: [],
    originals: ['khatru', 'orly'],
    missing: [],
    ways: WAYS,
    notShown: {},
  });
  const line = text.split('\n').find((one) => one.startsWith(`| ${whole.row.id} |`)) ?? '';
  return { text, cells: line.split(' | '), agrees: line.split(' | ').at(-1)?.replace(' |', '') };
}

describe('the rows', () => {
  test('are every deviation of strategies.md, or say why they cannot be asked', () => {
    const all = Array.from({ length: 32 }, (_, index) => `D${index + 1}`);
    const told = new Set([...ROWS.map(({ id }) => id), ...Object.keys(NOT_SHOWN)]);
    expect(all.filter((id) => !told.has(id))).toEqual([]);
    expect([...told].filter((id) => !all.includes(id))).toEqual([]);
  });

  test('are asked by probes that there are, in ways that their originals have', () => {
    const known = [...PROBES, ...TRAITS].map(({ id }) => id);
    for (const { checks, way = 'open', of } of ROWS) {
      expect(checks.filter((check) => !known.includes(check))).toEqual([]);
      const { originals }: { readonly originals: readonly string[] } = WAYS[way];
      expect(of.filter((original) => !originals.includes(original))).toEqual([]);
    }
  });

  test('switch on what their model can have', () => {
    for (const { model, deviations } of ROWS) {
      for (const id of deviations) expect(DEVIATIONS[id].of).toContain(model);
    }
  });

  test('know no original that is not asked', () => {
    for (const { of } of ROWS) expect(of.filter((one) => !ORIGINALS.includes(one))).toEqual([]);
  });
});

describe('the page', () => {
  test('agrees when the originals of a row do it, and the model when told to', () => {
    expect(page({}).agrees).toBe('yes');
  });

  test.each<[string, Partial<RowOutcome>]>([
    ['orly: not seen', { originals: new Map([['orly', answer('not seen')]]) }],
    [
      'khatru too',
      {
        originals: new Map([
          ['khatru', answer('seen')],
          ['orly', answer('seen')],
        ]),
      },
    ],
    ['orly: not told', { originals: new Map([['orly', answer('not told', 'it is closed')]]) }],
    ['model off: seen', { off: answer('seen') }],
    ['model on: not seen', { on: answer('not seen') }],
  ])('says %j', (expected, outcome) => {
    expect(page(outcome).agrees).toBe(expected);
  });

  test('accuses nobody of a row that another one hides', () => {
    const other: RowOutcome = {
      row: { ...row, id: 'D1' },
      originals: new Map([['khatru', answer('seen')]]),
      off: answer('not seen'),
      on: answer('seen'),
    };
    const originals = new Map([
      ['khatru', answer('seen')],
      ['orly', answer('seen')],
    ] as const);
    const { cells, agrees } = page({ row: { ...row, hiddenBy: 'D1' }, originals }, [other]);
    expect(cells).toContain('as D1');
    expect(agrees).toBe('yes');
  });

  test('shows what a relay says as text', () => {
    const originals = new Map([['orly', answer('not told', '<script>`|`\u0007')]] as const);
    expect(page({ originals }).text).toContain('\\<script\\>\\`\\|\\` ');
  });
});

test('a conversation becomes a trace that check judges', async () => {
  const say = (atMs: number, direction: WireLine['direction'], text: string): WireLine => ({
    connection: 1,
    atMs,
    direction,
    text,
  });
  const text = traceText({ relay: 'orly', access: 'open', claims: [], deadlineMs: 5_000, notLoaded: [] }, [
    say(0, 'note', 'connected'),
    say(1, 'sent', '["REQ","r",{"limit":1}]'),
    say(2, 'got', '["EOSE","r"]'),
    say(3, 'got', '["EOSE","r"]'),
    say(4, 'note', 'ended by the relay: 1006'),
  ]);
  const dir = mkdtempSync(join(tmpdir(), 'reqbench-fidelity-'));
  try {
    const file = join(dir, 'trace.ndjson');
    writeFileSync(file, text);
    const { header, conformance, damage } = await checkTrace(file, { strict: true });
    expect(damage).toBeUndefined();
    expect(header.relay).toBe('orly');
    const failed = conformance.checks.filter(({ result }) => result === 'failed');
    expect(failed.map(({ id }) => id)).toEqual(['nip01/req/eose-once']);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

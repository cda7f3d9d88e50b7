import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PROBES } from '../harness/conformance/probes/catalogue.js';
import type { WireLine } from '../harness/conformance/probes/wire-record.js';
import { PACKAGE_ROOT } from '../harness/package.js';
import { checkTrace } from '../harness/trace/index.js';
import { resolveRelay } from '../relays/catalog.js';
import { DEVIATIONS } from '../relays/relay.js';
import { type Answer, ask } from '../scripts/fidelity/ask.js';
import { type FidelityRow, NOT_SHOWN, ROWS } from '../scripts/fidelity/rows.js';
import { fidelityText, type RowOutcome } from '../scripts/fidelity/text.js';
import { type Recorded, traceText } from '../scripts/fidelity/trace.js';
import { TRAITS } from '../scripts/fidelity/traits.js';
import { ORIGINALS, WAYS } from '../scripts/fidelity/ways.js';
import { scratchFolder } from './reqbench.js';

const row: FidelityRow = {
  id: 'D19',
  title: 'a duplicate gets OK false',
  of: ['orly'],
  model: 'batched',
  deviations: ['D19'],
  checks: ['nip01/event/resubmission'],
};

const answer = (verdict: Answer['verdict'], said = ''): readonly Answer[] => [
  { check: row.checks[0], verdict, said, recorded: { lines: [], leftOut: 0 } },
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

describe('a conversation becomes a trace', () => {
  const header = { relay: 'orly', access: 'open' as const, claims: [], deadlineMs: 5_000, notLoaded: [] };
  const say = (atMs: number, direction: WireLine['direction'], text: string): WireLine => ({
    connection: 1,
    atMs,
    direction,
    text,
  });
  const twice = [
    say(0, 'note', 'connected'),
    say(1, 'sent', '["REQ","r",{"limit":1}]'),
    say(2, 'got', '["EOSE","r"]'),
    say(3, 'got', '["EOSE","r"]'),
    say(4, 'note', 'ended by the relay: 1006'),
  ];

  async function checked(recorded: Recorded) {
    const file = join(scratchFolder(), 'trace.ndjson');
    writeFileSync(file, traceText(header, recorded));
    const report = await checkTrace(file, { strict: true });
    const failed = report.conformance.checks.filter(({ result }) => result === 'failed');
    return { ...report, failed: failed.map(({ id }) => id) };
  }

  test('that check judges', async () => {
    const { header, failed, damage } = await checked({ lines: twice, leftOut: 0 });
    expect(damage).toBeUndefined();
    expect(header.relay).toBe('orly');
    expect(failed).toEqual(['nip01/req/eose-once']);
  });

  test('that accuses nobody of what follows a message that was not kept whole', async () => {
    const cut = { ...say(0.5, 'sent', '["EVENT",{"id":"'), bytes: 100_000 };
    const ok = say(1.5, 'got', `["OK","${'a'.repeat(64)}",true,""]`);
    expect((await checked({ lines: [...twice, ok], leftOut: 0 })).failed).toContain('nip01/event/ok');
    const report = await checked({ lines: [cut, ...twice, ok], leftOut: 0 });
    expect(report).toMatchObject({ failed: [], partial: { direction: 'sent', bytes: 100_000 } });
  });

  test('that accuses nobody where its beginning was not kept', async () => {
    expect(await checked({ lines: twice.slice(2), leftOut: 2 })).toMatchObject({ failed: [], leftOut: 2 });
  });

  test('whole, where large answers are asked for', { timeout: 60_000 }, async () => {
    const checks = ['race/during-answer', 'trait/after-close'];
    const relay = resolveRelay('streaming', { allowRemote: false, cwd: PACKAGE_ROOT });
    const { signal } = new AbortController();
    const answers = await ask({ relay, way: WAYS.open, deviations: [], checks, signal });
    for (const { verdict, recorded } of answers) {
      expect(verdict).not.toBe('not told');
      const said = recorded.lines.filter(({ text }) => text.length > 50_000);
      expect(said.length).toBeGreaterThan(100);
      expect(await checked(recorded)).toMatchObject({ failed: [], leftOut: 0, partial: undefined });
    }
  });
});

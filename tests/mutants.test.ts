import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { INVARIANTS } from '../harness/conformance/checks/catalogue.js';
import { CHECK_IDS } from '../harness/conformance/conform-selection.js';
import { mutantsTable } from '../harness/conformance/mutants/document.js';
import {
  checksThatCatch,
  isCaughtByInvariant,
  MUTANTS,
  selfTest,
  startClean,
  startMutant,
  TAMPERED_MUTANTS,
} from '../harness/conformance/mutants/index.js';
import { matrixPage } from '../harness/conformance/mutants/matrix.js';
import { PROBES } from '../harness/conformance/probes/catalogue.js';
import { SURVIVAL } from '../harness/conformance/probes/survival.js';
import { PACKAGE_ROOT } from '../harness/package.js';
import { TestClient } from './relays/client.js';
import { signed } from './relays/events.js';
import { reqbench, scratchFolder } from './reqbench.js';

test('every mutant is caught by every check that names it; clean relays are accused of nothing', async () => {
  const report = await selfTest({
    mutants: MUTANTS,
    which: 'all',
    full: false,
    cacheDir: scratchFolder(),
  });
  expect(report.clean.filter(({ accused }) => accused.length > 0)).toEqual([]);
  expect(
    report.mutants.map(({ mutant, silent }) => [mutant.id, silent]).filter(([, silent]) => silent?.length),
  ).toEqual([]);
  expect(report.passed).toBe(true);
  // Under load the judge listens with every rule: no other may fire.
  const byLoad = report.mutants.filter(
    ({ mutant }) => TAMPERED_MUTANTS.includes(mutant) && isCaughtByInvariant(mutant),
  );
  const named = byLoad.map(({ mutant }) => [mutant.id, [...checksThatCatch(mutant)].sort()]);
  expect(byLoad.map(({ mutant, fired }) => [mutant.id, [...fired].sort()])).toEqual(named);
}, 400_000);

test('a mutant that breaks nothing is reported as not caught', async () => {
  const [first] = TAMPERED_MUTANTS;
  if (!first) throw new Error('no mutants');
  const harmless = {
    ...first,
    how: {
      kind: 'tamper',
      mutation: () => () => ({
        fromClient: (message, way) => way.toRelay(message),
        fromRelay: (message, way) => way.toClient(message),
      }),
    },
  } satisfies typeof first;
  const report = await selfTest({
    mutants: [harmless],
    which: 'invariants',
    full: false,
    cleanRuns: 0,
    cacheDir: scratchFolder(),
  });
  expect(report.mutants[0]?.silent).toEqual(first.caughtBy);
  expect(report.passed).toBe(false);
});

test('every check has a mutant that it must catch, and every mutant a check', () => {
  const named = new Set(MUTANTS.flatMap((mutant) => checksThatCatch(mutant)));
  expect(CHECK_IDS.filter((id) => !named.has(id))).toEqual([]);
  expect(MUTANTS.filter((mutant) => checksThatCatch(mutant).length === 0)).toEqual([]);
  const ids = new Set(MUTANTS.map(({ id }) => id));
  expect(PROBES.flatMap(({ catches }) => catches).filter((id) => !ids.has(id))).toEqual([]);
});

test('ids are unique, and traits are only ever observed', () => {
  const ids = MUTANTS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const levels = new Map([...INVARIANTS, ...PROBES, SURVIVAL].map(({ id, level }) => [id, level]));
  for (const mutant of MUTANTS) {
    for (const check of checksThatCatch(mutant)) {
      expect(levels.get(check) === 'INFO', `${mutant.id} and ${check}`).toBe(mutant.observed);
    }
  }
});

test('a mutant that swallows CLOSE goes on delivering; the clean relay behind the same proxy stops', async () => {
  const mutant = MUTANTS.find(({ id }) => id === 'delivers-after-close');
  if (!mutant) throw new Error('no such mutant');
  const start = { settings: {} };
  const relays = [
    { running: await startMutant(mutant, { ...start, dir: scratchFolder() }), delivered: 1 },
    { running: await startClean('streaming', { ...start, dir: scratchFolder() }), delivered: 0 },
  ];
  for (const { running, delivered } of relays) {
    const client = await TestClient.connect(running.target.url);
    client.send('REQ', 'live', { kinds: [1] });
    await client.answered('live');
    client.send('CLOSE', 'live');
    await client.fence();
    await client.publish(signed());
    await client.fence();
    expect(client.idsOf('live')).toHaveLength(delivered);
    await client.close();
    await running.stop();
  }
});

test('docs/mutants.md shows the mutants that there are', () => {
  const cells = (table: string): string[] =>
    table.split('\n').map((row) => row.replace(/\s*\|\s*/g, '|').trim());
  const docs = readFileSync(join(PACKAGE_ROOT, 'docs/mutants.md'), 'utf8');
  const rows = cells(docs).filter((row) => row.startsWith('|') && !row.startsWith('|-'));
  const expected = cells(mutantsTable(MUTANTS)).filter((row) => !row.startsWith('|-'));
  expect(rows).toEqual(expected);
});

describe('docs/mutants-matrix.md', () => {
  const page = () => readFileSync(join(PACKAGE_ROOT, 'docs/mutants-matrix.md'), 'utf8');

  test('has a row for every mutant, whose named checks are those of the code, and counts that follow from its rows', () => {
    const text = page();
    const [, version = '', date = ''] = /^- reqbench (\S+), (\d{4}-\d\d-\d\d):/m.exec(text) ?? [];
    const cleanRuns = Number(/^- (\d+) runs of clean relays/m.exec(text)?.[1]);
    const younger = /^- checks younger than the run, [^:]*: (.*)$/m.exec(text)?.[1] ?? '';
    const young = [...younger.matchAll(/`([^`]+)`/g)].map(([, id = '']) => id);
    const rows = MUTANTS.map((mutant) => ({ mutant, others: othersOf(text, mutant.id) }));
    expect(text).toBe(matrixPage({ version, date, rows, cleanRuns, young }, CHECK_IDS));
  });

  test('names no check that there is not, and beside the named ones only others', () => {
    for (const mutant of MUTANTS) {
      const others = othersOf(page(), mutant.id);
      expect(others.filter((id) => !CHECK_IDS.includes(id) || checksThatCatch(mutant).includes(id))).toEqual(
        [],
      );
    }
  });
});

/** Checks that stand beside the named ones in the row of a mutant: sections, each with the rest of its ids. */
function othersOf(page: string, mutant: string): readonly string[] {
  const row = page.split('\n').find((line) => line.startsWith(`| \`${mutant}\` |`)) ?? '';
  const beside = row.split(' | ').at(-1) ?? '';
  return [...beside.matchAll(/`([^`]+)`: ([\w, -]+)/g)].flatMap(([, section, names = '']) =>
    names.split(',').map((name) => `${section}/${name.trim()}`),
  );
}

test('check --self-test says what was caught, in words and as an exit code', async () => {
  const { code, stdout } = await reqbench([
    'check',
    '--self-test',
    '--mutant',
    'eose-doubled',
    '--mutant',
    'live-lost',
  ]);
  expect(stdout).toMatch(/eose-doubled\s+caught by nip01\/req\/eose-once/);
  expect(stdout).toMatch(/live-lost\s+caught by nip01\/live\/delivered/);
  expect(stdout).toMatch(/2 of 2 mutants caught/);
  expect(code).toBe(0);
}, 60_000);

test('conform --self-test plays the probes that name a mutant, in words and as an exit code', async () => {
  const mutants = ['since-exclusive', 'D22', 'D31'].flatMap((id) => ['--mutant', id]);
  const { code, stdout } = await reqbench(['conform', '--self-test', ...mutants]);
  expect(stdout).toMatch(
    /since-exclusive\s+caught by nip01\/req\/since-inclusive, nip01\/req\/since-equals-until/,
  );
  expect(stdout).toMatch(/D22\s+caught by nip01\/event\/ephemeral, nip01\/live\/ephemeral-kept/);
  expect(stdout).toMatch(/3 of 3 mutants caught; 0 of \d+ runs of clean relays accused/);
  expect(code).toBe(0);
}, 90_000);

test('an unknown mutant: exit 2, and the nearest names', async () => {
  const { code, stderr } = await reqbench(['check', '--self-test', '--mutant', 'eose-doubel']);
  expect(stderr).toContain('eose-doubled');
  expect(code).toBe(2);
});

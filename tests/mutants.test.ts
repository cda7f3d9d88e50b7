import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { INVARIANTS } from '../harness/conformance/checks/catalogue.js';
import { mutantsTable } from '../harness/conformance/mutants/document.js';
import {
  isCaughtByInvariant,
  MUTANTS,
  selfTest,
  startClean,
  startMutant,
  TAMPERED_MUTANTS,
} from '../harness/conformance/mutants/index.js';
import { PACKAGE_ROOT } from '../harness/package.js';
import { TestClient } from './relays/client.js';
import { signed } from './relays/events.js';
import { reqbench, scratchFolder } from './reqbench.js';

test('every mutant is caught by the checks that name it and by no other; clean relays are accused of nothing', async () => {
  const report = await selfTest({
    mutants: TAMPERED_MUTANTS,
    full: false,
    cleanRuns: 2,
    cacheDir: scratchFolder(),
    atOnce: 6,
  });
  expect(report.clean.filter(({ accused }) => accused.length > 0)).toEqual([]);
  expect(report.clean).toHaveLength(12);
  const fired = Object.fromEntries(
    report.mutants.map(({ mutant, fired: checks }) => [mutant.id, [...checks].sort()]),
  );
  const named = Object.fromEntries(
    TAMPERED_MUTANTS.filter(isCaughtByInvariant).map(({ id, caughtBy }) => [id, [...caughtBy].sort()]),
  );
  expect(fired).toEqual(named);
  expect(report.passed).toBe(true);
}, 120_000);

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
    full: false,
    cleanRuns: 0,
    cacheDir: scratchFolder(),
  });
  expect(report.mutants[0]?.silent).toEqual(first.caughtBy);
  expect(report.passed).toBe(false);
});

test('every invariant has a mutant that it must catch', () => {
  const named = new Set(MUTANTS.flatMap(({ caughtBy }) => caughtBy));
  expect(INVARIANTS.map(({ id }) => id).filter((id) => !named.has(id))).toEqual([]);
});

test('ids are unique, and traits are only ever observed', () => {
  const ids = MUTANTS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const levels = new Map(INVARIANTS.map(({ id, level }) => [id, level]));
  for (const { id, caughtBy, observed } of MUTANTS) {
    for (const check of caughtBy.filter((one) => levels.has(one))) {
      expect(levels.get(check) === 'INFO', `${id} and ${check}`).toBe(observed);
    }
  }
});

test('a mutant that swallows CLOSE goes on delivering; the clean relay behind the same proxy stops', async () => {
  const mutant = MUTANTS.find(({ id }) => id === 'delivers-after-close');
  if (!mutant) throw new Error('no such mutant');
  const start = { access: 'open' } as const;
  const relays = [
    { running: await startMutant(mutant, { ...start, dir: scratchFolder() }), delivered: 1 },
    { running: await startClean('streaming', { ...start, dir: scratchFolder() }), delivered: 0 },
  ];
  for (const { running, delivered } of relays) {
    const client = await TestClient.connect(running.url);
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

test('an unknown mutant: exit 2, and the nearest names', async () => {
  const { code, stderr } = await reqbench(['check', '--self-test', '--mutant', 'eose-doubel']);
  expect(stderr).toContain('eose-doubled');
  expect(code).toBe(2);
});

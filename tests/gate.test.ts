import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Results } from '../harness/results.js';
import { readResults, reqbench, scenarioFile, scratchFolder } from './reqbench.js';

const SCENARIO = `
name: gated
corpus: { generate: { events: 100, authors: 10 } }
phases: [{ name: steady, arrivals: { closed: { clients: 1, iterations: 5 } } }]
clients: { reader: { script: [connect, { req: { as: r, filters: [{ kinds: [1], limit: 5 }] } }] } }
`;

function save(name: string, results: Results): string {
  const file = join(scratchFolder(), name);
  writeFileSync(file, JSON.stringify(results));
  return file;
}

// Exact counts: what is timed can't be decided on a machine that does something else, and the run would say so.
test('rules of all kinds decide a run and its saved results alike', async () => {
  const out = scratchFolder();
  const rules = ['batched:refused <= 1 * streaming:refused', 'refused = 0'];
  const given = rules.flatMap((rule) => ['--gate', rule]);
  const ran = await reqbench(['run', scenarioFile(SCENARIO), '--rounds', '1', '--out', out, ...given]);
  expect(ran.code, ran.stderr).toBe(0);
  const results = readResults(out);
  expect(results.gates.map(({ rule, result }) => [rule, result])).toEqual(
    rules.map((rule) => [rule, 'passed']),
  );

  const file = join(out, 'results.json');
  const again = await reqbench(['gate', file, '--json']);
  expect(again.code).toBe(0);
  expect(JSON.parse(again.stdout)).toEqual(results.gates);

  const against = async (...words: string[]) => (await reqbench(['gate', file, ...words])).code;
  expect(await against('--baseline', file, '--gate', 'refused <= baseline + 0%')).toBe(0);
  expect(await against('--baseline', file, '--gate', 'refused > baseline + 0%')).toBe(1);
  expect(await against('--gate', 'event.ok.p50 < 1s')).toBe(4);
  expect(await against('--gate', 'event.ok.p50 < 1s', '--not-measurable', 'pass')).toBe(0);
  expect(await against('--gate', 'event.ok.p50 < 1s', '--not-measurable', 'fail')).toBe(1);

  const other = save('other.json', {
    ...results,
    corpus: { ...results.corpus, fingerprint: 'f'.repeat(64) },
  });
  const refused = await reqbench(['gate', file, '--baseline', other, '--gate', 'lost <= baseline + 0%']);
  expect([refused.code, refused.stdout]).toEqual([2, '']);
  expect(refused.stderr).toContain('the corpus of the baseline is ffffffffffff…');

  // A run finds out before it measures anything, and leaves what is there as it is.
  const before = readFileSync(file, 'utf8');
  const words = ['--rounds', '1', '--out', out, '--baseline', other, '--gate', 'lost <= baseline + 0%'];
  expect((await reqbench(['run', scenarioFile(SCENARIO), ...words])).code).toBe(2);
  expect(readFileSync(file, 'utf8')).toBe(before);
  const shared = ['--rounds', '1', '--out', out, '--baseline', file, '--gate', 'lost <= baseline + 0%'];
  const more = await reqbench(['run', scenarioFile(SCENARIO), ...shared, '--workers', '2']);
  expect(more.code).toBe(2);
  expect(more.stderr).toContain("the number of load workers of the baseline is 1, and this run's is 2");
  expect(readFileSync(file, 'utf8')).toBe(before);
}, 120_000);

test('a relay under two names is held against itself', async () => {
  const words = ['--relay', 'base=streaming', '--relay', 'head=streaming', '--no-null', '--rounds', '1'];
  const rules = [
    '--gate',
    'head:refused <= 1 * base:refused',
    '--gate',
    'head:req.eose.p50 <= 1 * base:req.eose.p50',
  ];
  const run = async (...more: string[]) =>
    await reqbench(['run', scenarioFile(SCENARIO), ...words, '--json', ...rules, ...more]);
  const ran = await run();
  expect(ran.code, ran.stderr).toBe(4);
  const { relays, gates }: Results = JSON.parse(ran.stdout);
  expect(relays.map(({ name }) => name)).toEqual(['base', 'head']);
  expect(gates.map(({ result }) => result)).toEqual(['passed', 'not-measurable']);
  expect((await run('--not-measurable', 'pass')).code).toBe(0);
}, 120_000);

test.each([
  [['--gate', 'req.eose < 5ms', '--gate', 'req.eose > 9ms'], 'contradicts "req.eose < 5ms"'],
  [['--gate', 'req.eose <= baseline + 10%'], 'needs a baseline'],
  [['--gate', 'req.eoze < 5ms'], 'the nearest is req.eose'],
  [['--baseline', 'none.json'], 'none.json: no such file'],
])('run %j is refused before anything runs', async (words, message) => {
  const { code, stderr } = await reqbench(['run', scenarioFile(SCENARIO), ...words]);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readResults, reqbench, scenarioFile, scratchFolder } from './reqbench.js';

/** Its first `expect` fails: ten events are there, and nobody answers with eleven. */
const SCENARIO = `
name: known
corpus: { generate: { events: 100, authors: 10 } }
phases: [{ name: steady, arrivals: { closed: { clients: 1, iterations: 2 } } }]
clients:
  reader:
    script:
      - connect
      - req: { as: r, filters: [{ kinds: [1], limit: 10 }] }
      - expect: { of: r, events: 11 }
rounds: 1
gates: [conformance.failed = 0]
`;

test('only failures that are not known fail a run and its conformance gate; the others are named', async () => {
  const scenario = scenarioFile(SCENARIO);
  const file = join(scratchFolder(), 'known.json');
  const out = scratchFolder();
  const run = (...more: string[]) =>
    reqbench(['run', scenario, '--relay', 'streaming', '--no-null', '--out', out, ...more]);
  const known = () => run('--known-failures', file);
  const write = (...ids: string[]) =>
    writeFileSync(file, JSON.stringify({ schema: 'reqbench.known-failures/1', relays: { streaming: ids } }));

  expect((await run()).code).toBe(1);
  write();
  const unknown = await known();
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toContain('streaming scenario/expect/r: new failure');

  const updated = await run('--known-failures', file, '--update-known-failures');
  expect(updated.code, updated.stderr).toBe(1); // the gate still sees what had not been known
  expect(JSON.parse(readFileSync(file, 'utf8')).relays.streaming).toEqual(['scenario/expect/r']);

  const passing = await known();
  expect(passing.code, passing.stderr).toBe(0);
  expect(passing.stderr).toContain('scenario/expect/r: known failure');
  const results = readResults(out);
  expect(results.gates).toMatchObject([{ result: 'passed' }]);
  expect(results.gates[0]?.actual).toContain('1 of them known');
  expect(results.relays[0]?.conformance).toMatchObject({ failed: 1, known: ['scenario/expect/r'] });
  // Saved results know it too.
  expect((await reqbench(['gate', join(out, 'results.json')])).code).toBe(0);

  write('scenario/expect/r', 'nip01/req/eose-once', 'nip01/no-such-check');
  const { code, stderr } = await known();
  expect(code).toBe(0);
  expect(stderr).toContain('nip01/req/eose-once: fixed');
  expect(stderr).toContain('nip01/no-such-check: in the file, but no such check');

  writeFileSync(file, '{');
  expect((await known()).code).toBe(2);
  expect((await run('--known-failures', join(out, 'none.json'))).code).toBe(2);
}, 180_000);

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readResults, reqbench, scenarioFile, scratchFolder } from './reqbench.js';

const SCENARIO = `
name: swept
corpus: { generate: { events: 500, authors: 20 } }
rounds: 1
compare: []
phases:
  - { name: steady, arrivals: { closed: { clients: 2, iterations: 3 } } }
clients:
  reader: { script: [connect, { req: { as: notes, filters: [{ kinds: [1], limit: 5 }] } }] }
gates: [conformance.failed = 0]
`;
const LIMIT = 'clients.reader.script.1.req.filters.0.limit';

test('a sweep plays a run at each value and reports how figures grow, in one file and in one a value', async () => {
  const out = join(scratchFolder(), 'out');
  const file = scenarioFile(SCENARIO);
  const { code, stdout, stderr } = await reqbench(['run', file, '--sweep', `${LIMIT}=2,40`, '--out', out]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stderr).toContain(`${LIMIT} = 2 (1 of 2)`);
  expect(stdout).toMatch(/Time to EOSE, p50\s+2\s+40\s+growth/);
  const results = readResults(out);
  expect(results.complete).toBe(true);
  expect(results.sweep?.points.map(({ value }) => value)).toEqual(['2', '40']);
  expect(results.gates.map(({ rule, result }) => [rule, result])).toEqual([
    [`conformance.failed = 0 at ${LIMIT} = 2`, 'passed'],
    [`conformance.failed = 0 at ${LIMIT} = 40`, 'passed'],
  ]);
  for (const { folder, relays } of results.sweep?.points ?? []) {
    expect(existsSync(join(out, folder, 'report.html'))).toBe(true);
    expect(relays.map(({ name }) => name)).toEqual(['streaming', 'batched', 'null']);
    const own = readResults(join(out, folder));
    expect(own.sweep).toBeUndefined();
    const whole = ({ metric, labels }: { metric: string; labels: object }) =>
      metric === 'req.eose' && Object.keys(labels).length === 0;
    expect(own.relays[0]?.metrics.find(whole)?.p50).toBe(relays[0]?.metrics.find(whole)?.p50);
  }
  const gate = await reqbench(['gate', join(out, 'results.json')]);
  expect(gate).toMatchObject({ code: 0, stderr: '' });
  expect(gate.stdout).toContain(`conformance.failed = 0 at ${LIMIT} = 40`);
  const html = readFileSync(join(out, 'report.html'), 'utf8');
  expect(html).toContain('id="sweep"');
  expect(html).toContain('"kind":"sweep"');
  expect(readFileSync(join(out, 'summary.md'), 'utf8')).toContain('| growth |');
}, 90_000);

test('a sweep over what isn’t there or doesn’t fit is exit 2 before anything runs', async () => {
  const file = scenarioFile(SCENARIO);
  const wrong = await reqbench(['run', file, '--sweep', 'clients.raeder.weight=1,2']);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('did you mean "reader"?');
  const misfit = await reqbench(['run', file, '--sweep', `${LIMIT}=2,many`]);
  expect(misfit.code).toBe(2);
  expect(misfit.stderr).toContain('limit: expected a number, got "many"');
}, 30_000);

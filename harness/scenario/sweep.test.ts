import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadSweep } from './loader.js';

const LIMIT = 'clients.reader.script.1.req.filters.0.limit';

function scenario(sweep = ''): string {
  const dir = mkdtempSync(join(tmpdir(), 'reqbench-sweep-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const file = join(dir, 'one.yaml');
  writeFileSync(
    file,
    `name: one
corpus: { generate: { events: 10 } }
phases:
  - { name: steady, arrivals: { closed: { clients: 1 } } }
clients:
  reader: { script: [connect, { req: { filters: [{ kinds: [1], limit: 5 }] } }] }
${sweep}`,
  );
  return file;
}

function limitsOf(swept: ReturnType<typeof loadSweep>): unknown[] | undefined {
  return swept?.points.map(({ value, scenario: { clients } }) => {
    const req = clients.reader?.script[1];
    return [value, req?.do === 'req' ? req.filters[0]?.limit : undefined];
  });
}

test('each value of a sweep is a scenario of its own, from the file or from the command line', () => {
  const file = scenario(`sweep: { set: ${LIMIT}, values: [1, 20] }`);
  expect(limitsOf(loadSweep(file))).toEqual([
    ['1', 1],
    ['20', 20],
  ]);
  const given = loadSweep(file, {}, `${LIMIT}=3,4,5`);
  expect(given?.parameter).toBe(LIMIT);
  expect(limitsOf(given)).toEqual([
    ['3', 3],
    ['4', 4],
    ['5', 5],
  ]);
  expect(loadSweep(scenario())).toBeUndefined();
});

test('values are YAML: of any type that the place takes', () => {
  const swept = loadSweep(scenario(), {}, 'phases.steady.arrivals.closed={clients: 2},{clients: 7}');
  expect(swept?.points.map(({ value, scenario: { phases } }) => [value, phases[0]?.arrivals])).toEqual([
    ['{"clients":2}', { process: 'closed', clients: 2, iterations: 1 }],
    ['{"clients":7}', { process: 'closed', clients: 7, iterations: 1 }],
  ]);
});

test('a value of the wrong type is an error at its line', () => {
  const file = scenario(`sweep:\n  set: ${LIMIT}\n  values:\n    - 1\n    - many`);
  expect(() => loadSweep(file)).toThrow(`${file}:11:7: limit: expected a number, got "many"`);
});

test.each([
  ['clients.raeder.weight=1,2', 'did you mean "reader"?'],
  ['phases.stedy.duration=1s,2s', 'no "stedy" in that list; it has steady'],
  ['corpus.generate.evnts=1,2', 'did you mean "events"?'],
  [`${LIMIT}=1`, 'a sweep takes 2 to 20 values, not 1'],
  [`${LIMIT}=1,1`, 'the value 1 comes twice'],
  [LIMIT, 'no key.path=v1,v2'],
  ['=1,2', 'no key.path=v1,v2'],
  ['sweep.values=[1,2],[3,4]', 'over itself'],
  ['seed=1,]2', 'the values are not YAML'],
])('--sweep %s is refused, with what to do', (text, message) => {
  expect(() => loadSweep(scenario(), {}, text)).toThrow(message);
});

test.each([
  ['sweep: { set: seed, values: [1] }', '2'],
  ['sweep: { set: seed, values: [1, 1] }', 'the value 1 comes twice'],
  ['sweep: { set: "a b", values: [1, 2] }', 'a key path such as'],
  ['sweep: { sett: seed, values: [1, 2] }', 'did you mean "set"?'],
])('%s is refused', (sweep, message) => {
  expect(() => loadSweep(scenario(sweep))).toThrow(message);
});

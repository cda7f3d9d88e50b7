import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { leastPairs, signInterval } from '../stats/sign-interval.js';
import { estimateLoad, scheduledMs } from './estimate.js';
import type { FilterTemplate } from './filters.js';
import { generatorForms } from './generators.js';
import { scenarioJsonSchema } from './json-schema.js';
import { libraryFolder, libraryScenarios, resolveScenario } from './library.js';
import { loadScenario, parseScenario } from './loader.js';
import { type ScriptStep, STEP_NAMES } from './steps.js';

const SCHEMA_FILE = join(libraryFolder(), 'scenario.schema.json');
const validate = new Ajv2020({ allErrors: true }).compile(scenarioJsonSchema());
const NAMES = [
  'auth-flow',
  'ci-gate',
  'first-look',
  'home-timeline',
  'ingest',
  'live-fanout',
  'many-connections',
  'multi-filter',
  'nip11-under-load',
  'rejected-filters',
  'replay-real-events',
  'result-size-sweep',
];

function filtersIn(steps: readonly ScriptStep[]): readonly FilterTemplate[] {
  return steps.flatMap((step) => {
    if (step.do === 'req' || step.do === 'count') return step.filters;
    if (step.do === 'parallel') return step.branches.flatMap(filtersIn);
    return 'steps' in step ? filtersIn(step.steps) : [];
  });
}

test('the library has the scenarios that the documents name, each with a description', () => {
  expect(libraryScenarios().map(({ name }) => name)).toEqual(NAMES);
  expect(libraryScenarios().every(({ description }) => description.length > 20)).toBe(true);
});

test('the published schema is the one of the loader (else: node scripts/write-scenario-schema.mjs)', () => {
  expect(JSON.parse(readFileSync(SCHEMA_FILE, 'utf8'))).toEqual(
    JSON.parse(JSON.stringify(scenarioJsonSchema())),
  );
});

describe.each(libraryScenarios().map(({ name, file }) => ({ name, file })))('$name', ({ name, file }) => {
  const text = readFileSync(file, 'utf8');
  const scenario = parseScenario(text, file);

  test('is valid by the published schema, and tells editors where that is', () => {
    expect(validate(parse(text)), JSON.stringify(validate.errors)).toBe(true);
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=./scenario.schema.json');
  });

  test('is named like its file and has enough rounds for its verdicts', () => {
    expect(scenario.name).toBe(name);
    const comparisons = Math.max(1, scenario.compare.length);
    // Until it is decided is enough.
    if (scenario.rounds === 'auto') return;
    const rounds = scenario.rounds ?? leastPairs(comparisons);
    expect(2 ** (1 - rounds)).toBeLessThanOrEqual(0.05 / comparisons);
  });

  test('limits every answer that could be cut to 100 events at most', () => {
    const filters = Object.values(scenario.clients).flatMap(({ script }) => filtersIn(script));
    expect(filters.every(({ limit }) => limit === undefined || limit <= 100)).toBe(true);
  });
});

test('ci-gate has as many rounds as keep a rule that only a whole interval can break to 2 % of false alarms', () => {
  const { compare, rounds } = loadScenario(resolveScenario('ci-gate', '/'));
  expect(compare).toHaveLength(1);
  const coverage = signInterval(Array.from({ length: Number(rounds) }, (_, index) => index))?.coverage ?? 0;
  expect((1 - coverage) / 2).toBeLessThanOrEqual(0.02);
});

test('first-look leaves its rounds under 20 s: its windows are short and its corpus small', () => {
  const scenario = loadScenario(resolveScenario('first-look', '/'));
  expect(scheduledMs(estimateLoad(scenario))).toBeLessThanOrEqual(500);
  expect(scenario.corpus).toMatchObject({ generate: { events: 2000 } });
});

test('live-fanout keeps subscriptions open for one deadline after the last publish', () => {
  const scenario = loadScenario(resolveScenario('live-fanout', '/'));
  const [subscribe, publish] = scenario.phases;
  const wait = scenario.clients.subscriber?.script.find((step) => step.do === 'wait');
  const lastPublishMs = (subscribe?.durationMs ?? 0) + (publish?.durationMs ?? 0);
  expect(wait?.do === 'wait' && wait.ms).toBeGreaterThan(lastPublishMs + scenario.deadlineMs);
});

test('many-connections keeps thousands of connections open for one deadline after the last publish, in bounded time', () => {
  const scenario = loadScenario(resolveScenario('many-connections', '/'));
  const [connect] = estimateLoad(scenario);
  expect(connect?.clients[0]?.sessions).toBeGreaterThanOrEqual(2_000);
  const wait = scenario.clients.subscriber?.script.find((step) => step.do === 'wait');
  const lastPublishMs = scenario.phases.reduce((sum, { durationMs }) => sum + (durationMs ?? 0), 0);
  expect(wait?.do === 'wait' && wait.ms).toBeGreaterThan(lastPublishMs + scenario.deadlineMs);
  expect(scheduledMs(estimateLoad(scenario))).toBeLessThanOrEqual(20_000);
  expect(scenario.workers).toBeGreaterThan(1);
});

test('replay-real-events says how to give its file', () => {
  expect(() => loadScenario(resolveScenario('replay-real-events', '/'))).toThrow('--set corpus.file=PATH');
});

test('the schema refuses what the loader refuses: keys, steps, shapes', () => {
  const first = parse(readFileSync(join(libraryFolder(), 'first-look.yaml'), 'utf8'));
  const withScript = (...script: unknown[]) => ({ ...first, clients: { reader: { script } } });
  expect(validate(withScript('connect', { wait: '2s' }, { repeat: { times: 2, do: ['publish'] } }))).toBe(
    true,
  );
  expect(validate({ ...first, sede: 1 })).toBe(false);
  expect(validate(withScript('conect'))).toBe(false);
  expect(validate(withScript({ wait: 'soon' }))).toBe(false);
  expect(validate(withScript({ connect: {}, disconnect: {} }))).toBe(false);
  expect(validate(withScript({ req: { filters: [{ kind: [1] }] } }))).toBe(false);
  expect(validate(withScript({ req: { filters: [{ '#x': ['1'] }] } }))).toBe(true);
  expect(validate(withScript({ repeat: { every: { constant: '1/s' }, do: ['publish'] } }))).toBe(false);
  expect(validate({ ...first, corpus: { generate: { events: 1 }, file: 'x' } })).toBe(false);
});

test('the reference explains every step and every generator', () => {
  const reference = readFileSync(join(libraryFolder(), '..', 'docs', 'scenarios.md'), 'utf8');
  const names = [...STEP_NAMES.map((name) => `\`${name}`), ...generatorForms().map((form) => `\`${form}\``)];
  expect(names.filter((name) => !reference.includes(name))).toEqual([]);
});

test('the example of the reference is a valid scenario', () => {
  const reference = readFileSync(join(libraryFolder(), '..', 'docs', 'scenarios.md'), 'utf8');
  const example = /```yaml\n([\s\S]*?)```/.exec(reference)?.[1] ?? '';
  expect(parseScenario(example, 'scenarios.md').name).toBe('my-timeline');
});

describe('a scenario argument', () => {
  const packaged = join(libraryFolder(), 'first-look.yaml');

  test.each(['first-look', 'first-look.yaml', 'scenarios/first-look.yaml', './scenarios/first-look.yaml'])(
    '%s is the packaged one where no such file is',
    (argument) => {
      expect(resolveScenario(argument, tmpdir())).toBe(packaged);
    },
  );

  test("a file of one's own comes first", () => {
    const dir = mkdtempSync(join(tmpdir(), 'reqbench-library-'));
    writeFileSync(join(dir, 'first-look.yaml'), '');
    expect(resolveScenario('first-look.yaml', dir)).toBe(join(dir, 'first-look.yaml'));
  });

  test('an unknown one names the nearest', () => {
    expect(() => resolveScenario('frist-look', '/')).toThrow('did you mean "first-look"?');
    expect(() => resolveScenario('xyz.yaml', '/')).toThrow('known: auth-flow, ci-gate, first-look');
  });
});

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ACTION_TEXT, play, readAction } from './action.js';
import { readResults, reqbench, scenarioFile, scratchFolder } from './reqbench.js';

const action = readAction();
const scripts = action.runs.steps.flatMap(({ run }) => run ?? []);

const SCENARIO = `
name: pull-request
corpus: { generate: { events: 100, authors: 10 } }
phases: [{ name: steady, arrivals: { closed: { clients: 1, iterations: 5 } } }]
clients: { reader: { script: [connect, { req: { as: r, filters: [{ kinds: [1], limit: 5 }] } }] } }
rounds: 1
`;

test('every input is used and every one that is used is declared', () => {
  const used = new Set([...ACTION_TEXT.matchAll(/\binputs\.([\w-]+)/g)].map(([, name]) => name));
  expect([...used].toSorted()).toEqual(Object.keys(action.inputs).toSorted());
});

test('what is given reaches a script as a variable, never as a part of it', () => {
  for (const script of scripts) expect(script).not.toContain('${{');
});

test('every variable of a step is used, and each that is used comes from somewhere', () => {
  for (const { name, env, run } of action.runs.steps) {
    if (run === undefined) continue;
    const used = new Set([...run.matchAll(/\$\{?([A-Z_]+)\b/g)].map(([, variable]) => variable));
    for (const variable of Object.keys(env)) expect(used, `${name}: ${variable}`).toContain(variable);
    for (const variable of used) {
      if (!variable?.startsWith('GITHUB_')) expect(Object.keys(env), name).toContain(variable);
    }
  }
});

test('every option that is passed is one of reqbench’s', async () => {
  const [run, report] = await Promise.all([reqbench(['run', '--help']), reqbench(['report', '--help'])]);
  const known = (help: string) => new Set(help.match(/--[a-z][a-z-]+/g));
  const passed = (part: string) => new Set(part.match(/(?<=[\s(])--[a-z][a-z-]+/g));
  const measure = action.runs.steps.find(({ id }) => id === 'measure')?.run ?? '';
  const summary = action.runs.steps.find(({ name }) => name.startsWith('Summary'))?.run ?? '';
  expect(passed(measure).size).toBeGreaterThan(6);
  for (const option of passed(measure)) expect(known(run.stdout)).toContain(option);
  expect(passed(summary).size).toBe(1);
  for (const option of passed(summary)) expect(known(report.stdout)).toContain(option);
}, 60_000);

test('base and head are measured in one run; summary, outputs and exit code come out', () => {
  const dir = scratchFolder();
  const given = { scenario: scenarioFile(SCENARIO), base: 'streaming', head: 'batched', command: cli() };
  const { ran, code, outputs, summary, stdout } = play(action, given, dir);
  expect(code, stdout).toBe(0);
  expect(ran).toEqual(['Measure', 'Summary and annotations', 'Keep the report', 'Exit code']);
  expect(outputs).toEqual({ 'exit-code': '0', results: 'reqbench-results/results.json' });
  expect(summary).toContain('## reqbench: pull-request');
  const { relays, gates } = readResults(join(dir, 'reqbench-results'));
  expect(relays.map(({ name }) => name)).toEqual(['base', 'head', 'null']);
  expect(gates).toContainEqual(
    expect.objectContaining({
      rule: 'head:req.eose.p50 <= 1.02 * base:req.eose.p50',
      result: 'not-measurable',
    }),
  );
  expect(stdout).toContain('::warning title=gate not measurable');
}, 120_000);

test('a failed gate annotates, is summed up, and fails the job with the run’s exit code', () => {
  const dir = scratchFolder();
  const given = {
    scenario: scenarioFile(SCENARIO),
    relay: 'streaming',
    gate: 'lost = 0\nrefused > 0\n',
    set: 'rounds=2\n',
    strict: 'true',
    artifact: '',
    out: 'elsewhere',
  };
  // Without a command it is the reqbench of the action itself, once it is installed.
  const { steps, ...runs } = action.runs;
  const installed = {
    ...action,
    runs: { ...runs, steps: steps.filter(({ name }) => !name.startsWith('Install')) },
  };
  const { ran, code, outputs, summary, stdout } = play(installed, given, dir);
  expect(code).toBe(1);
  expect(ran).toEqual(['Measure', 'Summary and annotations', 'Exit code']);
  expect(outputs['exit-code']).toBe('1');
  expect(stdout).toContain('::error title=gate failed');
  expect(summary).toContain('1 failed, 1 passed');
  expect(readResults(join(dir, 'elsewhere')).rounds).toHaveLength(2);
}, 120_000);

test.each([
  [{ relay: 'streaming', base: 'batched' }, 'not both'],
  [{ base: 'batched' }, 'give base and head, or relay'],
  [{ relay: 'streaming', scenario: 'no-such-scenario' }, 'no-such-scenario'],
])('%j is bad usage and fails the job with 2', (given, message) => {
  const dir = scratchFolder();
  const { ran, code, summary, stdout, stderr } = play(action, { ...given, command: cli() }, dir);
  expect(code).toBe(2);
  expect(stdout + stderr).toContain(message);
  expect(ran).not.toContain('Keep the report');
  expect(summary).toBe('');
  expect(existsSync(join(dir, 'reqbench-results'))).toBe(false);
});

function cli(): string {
  return `${process.execPath} ${join(import.meta.dirname, '../dist/bin/reqbench.js')}`;
}

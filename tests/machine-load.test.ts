import { type ChildProcess, spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readResults, reqbench, scenarioFile, scratchFolder } from './reqbench.js';

const SCENARIO = `
name: disturbed
corpus: { generate: { events: 100, authors: 10 } }
rounds: 6
phases:
  - { name: steady, duration: 500ms, arrivals: { constant: 20/s } }
clients:
  reader:
    script: [connect, { req: { filters: [{ kinds: [1], limit: 10 }] } }]
compare: [req.eose]
gates: [req.eose.p50 < 0.001ms, conformance.failed = 0]
`;

/** A program that does nothing but take a core. */
function spin(): ChildProcess {
  const child = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

test('programs that take the cores meanwhile are named, and nothing that was timed is decided', async () => {
  for (const _ of cpus()) spin();
  const out = join(scratchFolder(), 'out');
  const { code, stdout } = await reqbench(['run', scenarioFile(SCENARIO), '--out', out]);
  const results = readResults(out);
  for (const { machine } of results.rounds) expect(machine?.streaming?.others).toBeGreaterThan(0.1);
  const warning = results.warnings.find(
    ({ code: one, text }) => one === 'machine-load' && text.includes('streaming'),
  );
  expect(warning?.spoils).toEqual(['streaming']);
  // The floor was disturbed as well.
  expect(results.warnings.flatMap(({ spoils }) => spoils)).toContain('null');
  expect(stdout.indexOf('other load')).toBeLessThan(stdout.indexOf('EOSE p50'));
  expect(results.comparisons.map(({ verdict }) => verdict)).toEqual(['not-measurable']);
  expect(results.gates.map(({ result }) => result)).toEqual(['not-measurable', 'passed']);
  expect(code).toBe(4);
}, 60_000);

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type MicroResults, microSchema } from '../micro/baseline.js';
import { reqbench, scratchFolder } from './reqbench.js';

/** A baseline of the case `match` whose times are so many times what they were. */
async function baseline(factor: number): Promise<string> {
  const file = join(scratchFolder(), 'before.json');
  const { code } = await reqbench(['micro', '--filter', 'match', '--samples', '8', '--save', file]);
  expect(code).toBe(0);
  const saved: MicroResults = microSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const cases = saved.cases.map((one) => ({ ...one, nsPerCall: one.nsPerCall.map((ns) => ns * factor) }));
  writeFileSync(file, JSON.stringify({ ...saved, cases }));
  return file;
}

test('every case is timed, on both stores', async () => {
  const { code, stdout } = await reqbench(['micro', '--samples', '1', '--json']);
  expect(code).toBe(0);
  const { cases } = microSchema.parse(JSON.parse(stdout));
  const names = cases.map(({ name }) => name);
  for (const name of [
    'parse REQ',
    'verify',
    'serialise',
    'live match',
    'scan memory timeline',
    'scan lmdb timeline',
  ])
    expect(names).toContain(name);
  for (const { name, nsPerCall } of cases) expect(nsPerCall[0], name).toBeGreaterThan(0);
}, 60_000);

test('a case that has become slower is named, and the exit code is 1', async () => {
  const args = ['micro', '--filter', 'match', '--samples', '8', '--baseline', await baseline(0.05)];
  const { code, stdout } = await reqbench(args);
  expect(stdout).toContain('slower');
  expect(code).toBe(1);
}, 60_000);

test('one that has become faster fails nothing', async () => {
  const args = ['micro', '--filter', 'match', '--samples', '8', '--baseline', await baseline(20)];
  const { code, stdout } = await reqbench(args);
  expect(stdout).toContain('faster');
  expect(code).toBe(0);
}, 60_000);

test('what can’t be compared is refused before anything is timed', async () => {
  const folder = scratchFolder();
  const elsewhere = join(folder, 'elsewhere.json');
  const other = {
    schema: 'reqbench.micro/1',
    reqbench: '0',
    node: 'v1.0.0',
    cpu: 'x',
    measuredAt: '',
    cases: [],
  };
  writeFileSync(elsewhere, JSON.stringify(other));
  writeFileSync(join(folder, 'cut.json'), '{"schema": "reqbe');
  const cases: [string[], RegExp][] = [
    [['--baseline', elsewhere], /measured on another node: v1\.0\.0/],
    [['--baseline', join(folder, 'cut.json')], /can't be read as a baseline/],
    [['--baseline', join(folder, 'missing.json')], /make one with: reqbench micro --save/],
    [['--filter', 'nonsense'], /there are: parse REQ/],
  ];
  for (const [args, said] of cases) {
    const { code, stderr } = await reqbench(['micro', ...args]);
    expect(stderr).toMatch(said);
    expect(code).toBe(2);
  }
}, 60_000);

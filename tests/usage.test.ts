import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { reqbench, scratchFolder, start } from './reqbench.js';

/** A folder with the things that people name by mistake. */
function folder(): string {
  const dir = scratchFolder();
  mkdirSync(join(dir, 'folder'));
  writeFileSync(join(dir, 'text.txt'), 'hello\n');
  writeFileSync(join(dir, 'trace.ndjson'), '{"format":"reqbench.trace/1"}\n');
  return dir;
}

test('the help of every command has examples and exit codes, and no defaults that say nothing', async () => {
  const { stdout } = await reqbench(['--help']);
  const named = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].flatMap(([, name]) => name ?? []);
  const commands = named.filter((name) => name !== 'help').map((name) => [name]);
  expect(commands.length).toBeGreaterThan(10);
  const parts = ['generate', 'import', 'info'].map((name) => ['corpus', name]);
  for (const command of [...commands, ...parts]) {
    const help = (await reqbench([...command, '--help'])).stdout;
    expect(help, command.join(' ')).toMatch(/\nExamples:\n {2}\$ reqbench /);
    expect(help, command.join(' ')).toMatch(/\nExit codes: 0 /);
    expect(help, command.join(' ')).not.toMatch(/default: (\[\]|false)\)/);
  }
}, 60_000);

test.each([
  [['run', 'first-look', '--out', 'text.txt'], '--out .*text.txt can’t be written'],
  [['conform', '--out', 'text.txt'], '--out .*text.txt can’t be written'],
  [['profile', 'first-look', '--out', 'text.txt'], '--out .*text.txt can’t be written'],
  [['micro', '--save', 'folder'], '--save .*folder can’t be written: it is a folder'],
  [['report', 'results.json', '--out', 'text.txt'], '--out .*text.txt can’t be written'],
  [['run', 'first-look', '--out', '/proc/reqbench'], '--out /proc/reqbench can’t be written'],
  [['report', 'results.json', '--out', '/proc/reqbench'], '--out /proc/reqbench can’t be written'],
  [
    ['conform', '--known-failures', 'folder', '--update-known-failures'],
    '--known-failures folder can’t be written: it is a folder',
  ],
])('what can not be written is noticed before anything is measured: %j', async (args, said) => {
  await expectRefusal(args, said);
});

test.each([
  [['run', 'folder'], 'a folder, not a scenario\n {2}name a file in it'],
  [['gate', 'folder'], 'folder: a folder, not a results file\n {2}name the results.json in it'],
  [['run', 'first-look', '--known-failures', 'folder'], '--known-failures folder can’t be read'],
  [['run', 'first-look', '--relay', 'null'], 'the floor that others are measured against'],
  [['run', 'first-look', '--gate', 'p50 < 50ms'], 'the nearest is req.eose.p50'],
  [['conform', '--mutant', 'D7'], '--mutant goes with --self-test'],
  [['check', '--mutant', 'D7'], '--mutant goes with --self-test'],
  [
    ['run', 'first-look', '--rounds', '20000'],
    '--rounds 20000 is out of range\n {2}write a whole number from 1 to 1000',
  ],
  [['check', 'trace.ndjson', '--corpus', 'text.txt'], 'text.txt:1:1: not JSON'],
  [['calibrate', '--from', 'other.json'], '^[^\n]*not a calibration: schema[^\n]*\n[^\n]*\n$'],
])('a mistake is answered with what to write: %j', async (args, said) => {
  await expectRefusal(args, said);
});

async function expectRefusal(args: readonly string[], said: string): Promise<void> {
  const dir = folder();
  writeFileSync(join(dir, 'other.json'), '{}');
  const { code, stdout, stderr } = await reqbench(args, dir);
  expect({ code, stdout, stderr }).toMatchObject({ code: 2, stdout: '' });
  expect(stderr).toMatch(new RegExp(said.replaceAll('’', "'")));
  expect(stderr).not.toMatch(/^ {4}at /m);
}

test('a trace of which nothing could be read has not passed', async () => {
  const { code, stdout } = await reqbench(['check', 'text.txt'], folder());
  expect(code).toBe(2);
  expect(stdout).toContain('nothing was judged');
  expect(stdout).not.toContain('no check failed');
});

test('a self-test that is interrupted does not read as if it had been through', async () => {
  const { child, finished } = start(['check', '--self-test']);
  child.stdout?.once('data', () => child.kill('SIGINT'));
  const { code, stdout } = await finished;
  expect(code).toBe(130);
  expect(stdout).toMatch(/interrupted: [1-9]\d* mutants were not reached/);
}, 60_000);

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { absentProgram } from './absent-program.js';

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'reqbench-test-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'my relay'), '#!/bin/sh\n');
  chmodSync(join(dir, 'my relay'), 0o755);
  return dir;
}

function absent(command: string, env: Readonly<Record<string, string>> = {}): string | undefined {
  return absentProgram({ command, cwd: folder(), env });
}

test.each([
  'node relay.js {port}',
  "'./my relay' {port}",
  'cd /tmp && ./made-later {port}',
  'if true; then ./made-later {port}; fi',
  'PORT={port} ./made-later',
  '{dir}/made-later {port}',
  '"$HOME"/made-later {port}',
  '(./made-later {port})',
  'exec ./made-later {port}',
])('a command that a shell may make something of is let be: %s', (command) => {
  expect(absent(command)).toBeUndefined();
});

test.each([
  ['no-such-relay {port}', 'there is no program no-such-relay on PATH'],
  ['./no-such-relay {port}', '/no-such-relay; check the path'],
  ["'./your relay' {port}", '/your relay; check the path'],
  ['/etc/passwd {port}', '/etc/passwd may not be executed'],
  ['/tmp {port}', '/tmp is a folder'],
])('a program that is not there is named: %s', (command, said) => {
  expect(absent(command)).toContain(said);
});

test('the PATH of an entry is the one that counts, unless it is known at the start alone', () => {
  expect(absent('node {port}', { PATH: '/nowhere' })).toContain('no program node');
  expect(absent('node {port}', { PATH: '{dir}/bin' })).toBeUndefined();
});

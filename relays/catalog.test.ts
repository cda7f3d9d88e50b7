import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { BUILTIN_RELAYS, resolveRelay } from './catalog.js';
import { UnknownRelayError } from './relay.js';

const options = { allowRemote: false, cwd: '/nonexistent' };

function refusal(spec: string): string {
  try {
    resolveRelay(spec, options);
  } catch (error) {
    if (error instanceof UnknownRelayError) return error.message;
    throw error;
  }
  throw new Error(`${spec} was not refused`);
}

test('every built-in relay is found by its name', () => {
  for (const { name } of BUILTIN_RELAYS) {
    expect(resolveRelay(name, options)).toMatchObject({ name, kind: 'builtin', writable: true });
  }
  expect(resolveRelay('null', options).floor).toBe(true);
  expect(resolveRelay('streaming', options).floor).toBe(false);
});

test('name=command is a command, whatever the command holds', () => {
  const relay = resolveRelay('mine-2=PORT={port} ./relay --url=ws://x "a=b"\n', options);
  expect(relay).toMatchObject({ name: 'mine-2', kind: 'command', writable: true });
});

test('an address is attached when it is on this machine, or remote ones are allowed', () => {
  expect(resolveRelay('ws://127.0.0.1:7777', options)).toMatchObject({
    name: '127.0.0.1:7777',
    kind: 'attached',
  });
  expect(refusal('wss://relay.example')).toContain('--allow-remote');
  expect(resolveRelay('wss://relay.example', { ...options, allowRemote: true }).name).toBe(
    'relay.example:443',
  );
});

test.each([
  ['http://127.0.0.1:7777', 'so write ws://127.0.0.1:7777'],
  ['HTTPS://relay.example/path', 'so write wss://relay.example/path'],
  ['127.0.0.1:7777', 'did you mean "ws://127.0.0.1:7777"?'],
  ['localhost:7777/relay', 'did you mean "ws://localhost:7777/relay"?'],
  ['mine=ws://127.0.0.1:7777', 'write --relay ws://127.0.0.1:7777, or name it in reqbench.config.yaml'],
])('an address that is not written as one is answered with how it is: %s', (spec, said) => {
  expect(refusal(spec)).toContain(said);
});

test('a path is a module, relative to the given folder', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'reqbench-catalog-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  writeFileSync(join(cwd, 'my-relay.mjs'), '');
  expect(resolveRelay('./my-relay.mjs', { ...options, cwd })).toMatchObject({
    name: 'my-relay',
    kind: 'module',
  });
  expect(() => resolveRelay('./other.js', { ...options, cwd })).toThrow(/there is no module .*other\.js/);
});

test('an unknown name is answered with the nearest one and with what can be written', () => {
  expect(refusal('streeming')).toMatch(/^there is no relay "streeming", did you mean "streaming"\?/);
  expect(refusal('batch')).toContain('did you mean "batched"?');
  expect(refusal('relay.js')).toContain('did you mean "./relay.js"?');
  const unlike = refusal('something-else');
  expect(unlike).not.toContain('did you mean');
  for (const form of ['./relay.js', 'ws://127.0.0.1:7777', 'mine=./relay --port {port}']) {
    expect(unlike).toContain(form);
  }
});

test.each([
  ['mine=./relay', /doesn't say \{port\}/],
  ['null=./relay {port}', /null is built in/],
  ['streaming=batched', /streaming is built in/],
  ['mine=streeming', /doesn't say \{port\}/],
  ['Mine=./relay {port}', /there is no relay/],
  ['', /there is no relay ""/],
  ['ws://', /is not an address/],
])('%s is refused with a reason', (spec, reason) => {
  expect(refusal(spec)).toMatch(reason);
});

test('a reference relay can have another name, so that two of one are in a run', () => {
  const named = ['base=streaming', 'head=streaming'].map((spec) => resolveRelay(spec, options));
  expect(named).toMatchObject([
    { name: 'base', kind: 'builtin' },
    { name: 'head', kind: 'builtin' },
  ]);
});

test('a module can have another name than its file', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'reqbench-test-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  writeFileSync(join(cwd, 'relay.js'), '');
  expect(resolveRelay('head=./relay.js', { ...options, cwd })).toMatchObject({
    name: 'head',
    kind: 'module',
  });
});

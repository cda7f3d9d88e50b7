import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { InputError } from '../errors.js';
import { findRelaysFile, parseRelaysFile, RELAYS_FILE } from './read.js';

const FILE = '/project/reqbench.config.yaml';

function problems(text: string): string {
  try {
    parseRelaysFile(text, FILE);
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  throw new Error('nothing is wrong with it');
}

function tree(): string {
  const dir = mkdtempSync(join(tmpdir(), 'reqbench-relays-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

const ONE = (name: string): string => `relays:\n  ${name}:\n    command: ./relay {port}\n`;

test('an entry by command has all that the start of a relay takes', () => {
  const [entry] = parseRelaysFile(
    `relays:
  mine:
    description: my relay
    command: ./relay --config {config}
    needs: { program: ./relay, hint: make }
    env: { DATA: "{dir}", WORKERS: 2 }
    config: { file: relay.toml, text: "port = {port}" }
    ready: 90s
    import: ./relay import {events}
    data: copy
    auth: { url: "ws://relay.example/", keys: ["${'1'.repeat(64)}"] }
    access: follows
    limitation: { max_limit: 500 }
    sources: [127.0.0.1, 127.0.0.2-4]
    expects: { software: my-relay }
    notes: slow to start
`,
    FILE,
  );
  expect(entry).toEqual({
    name: 'mine',
    description: 'my relay',
    target: {
      command: './relay --config {config}',
      cwd: '/project',
      env: { DATA: '{dir}', WORKERS: '2' },
      config: { name: 'relay.toml', text: 'port = {port}' },
      needs: { program: './relay', hint: 'make' },
      importCommand: './relay import {events}',
      copiesData: true,
      readyWithinMs: 90_000,
    },
    declared: {
      authUrl: 'ws://relay.example/',
      allowedKeys: ['1'.repeat(64)],
      access: 'follows',
      limitation: { max_limit: 500 },
      sourceAddresses: ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4'],
    },
    expects: { software: 'my-relay' },
  });
});

test('an entry by address is attached', () => {
  const [entry] = parseRelaysFile('relays: { there: { url: "ws://127.0.0.1:7777" } }', FILE);
  expect(entry).toMatchObject({
    name: 'there',
    description: 'ws://127.0.0.1:7777',
    target: { url: 'ws://127.0.0.1:7777' },
  });
});

test.each([
  ['relays:\n  mine:\n    comand: ./relay {port}\n', ':3:5: unknown key "comand"', 'did you mean "command"?'],
  ['relays:\n  mine:\n    command: ./relay\n', ':3:5: nothing tells mine its port', 'write {port}'],
  ['relays:\n  mine: { ready: 3s }\n', ':2:3: mine has neither a command nor a url', 'give one of them'],
  [
    'relays:\n  mine: { command: "x {port}", url: "ws://127.0.0.1:1" }\n',
    ':2:3: mine has a command and a url',
    '',
  ],
  ['relays:\n  streaming: { command: "x {port}" }\n', ':2:3: streaming is built in', 'my-streaming'],
  ['relays:\n  Mine: { command: "x {port}" }\n', ':2:3: ', 'begins with a letter'],
  ['relays:\n  mine: { command: "x {port}", ready: 3 }\n', ':2:39: ready: expected a string', ''],
  ['relays:\n  mine: { command: "x {port}", ready: soon }\n', ':2:39: ready: write a duration', '30s'],
  ['relays:\n  mine: { command: "x {port} {config}" }\n', ':2:11: {config} stands for a file', 'config: {'],
  ['relays:\n  mine: { command: "x {port}", import: "load" }\n', "the import doesn't say", '{events}'],
  ['relays:\n  mine: { url: "http://127.0.0.1" }\n', ':2:16: url: no address of a relay', 'ws://'],
  [
    'relays:\n  mine: { url: "ws://127.0.0.1", import: "x {events}" }\n',
    'import is of relays that are started',
    '',
  ],
  ['relays:\n  mine: { command: "x {port}", auth: { keys: [nsec1qqqq] } }\n', 'not the nsec', 'checksum'],
  ['relays:\n  mine: { command: "x {port}", sources: [10.0.0.1] }\n', 'an address of loopback', ''],
  ['relays:\n  mine: { command: "x {port}", sources: [127.0.0.9-2] }\n', 'or several: 127.0.0.2-50', ''],
  ['relays:\n  mine: { command: "x {port}", sources: [127.0.0.2-300] }\n', 'or several: 127.0.0.2-50', ''],
  ['relays:\n  mine: { command: "x {port}", config: { file: ../x, text: a } }\n', 'a plain file name', ''],
  ['relays: [\n', 'not YAML', ''],
  ['relay: {}\n', ':1:1: unknown key "relay"', 'did you mean "relays"?'],
])('%j is refused with its place and what to write', (text, message, hint) => {
  const said = problems(text);
  expect(said).toContain(FILE);
  expect(said).toContain(message);
  expect(said).toContain(hint);
});

test('several problems are said at once, in the order of the file', () => {
  const said = problems('relays:\n  one: { command: "x" }\n  two: { command: "y" }\n').split('\n');
  expect(said.filter((line) => line.includes('its port'))).toEqual([
    expect.stringContaining(':2:10:'),
    expect.stringContaining(':3:10:'),
  ]);
});

test('the file is looked for upward from each folder in turn', () => {
  const dir = tree();
  const scenarios = join(dir, 'project', 'scenarios');
  const elsewhere = join(dir, 'elsewhere');
  mkdirSync(scenarios, { recursive: true });
  mkdirSync(elsewhere);
  writeFileSync(join(dir, 'project', RELAYS_FILE), ONE('near'));
  writeFileSync(join(elsewhere, RELAYS_FILE), ONE('far'));
  expect(findRelaysFile(undefined, [scenarios, elsewhere])?.entries[0]?.name).toBe('near');
  expect(findRelaysFile(undefined, [elsewhere])?.file).toBe(join(elsewhere, RELAYS_FILE));
  expect(findRelaysFile(join(elsewhere, RELAYS_FILE), [scenarios])?.entries[0]?.name).toBe('far');
});

test('a file that is named and not there is an error', () => {
  expect(() => findRelaysFile('/nonexistent/relays.yaml', [])).toThrow(
    /nonexistent\/relays\.yaml: can't read/,
  );
});

test('a file of nothing is called empty, with what to write', () => {
  for (const text of ['', '# later\n']) {
    expect(() => parseRelaysFile(text, FILE)).toThrow(
      /the file is empty\n {2}name a relay in it: relays: \{/,
    );
  }
});

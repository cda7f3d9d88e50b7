import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { diskProblem } from '../disk-space.js';
import { processEntry } from '../process/process-table.js';
import { RelayNotReadyError, type RunningRelay, relaySettings, type StartOptions } from '../relay.js';
import { configuredRelay } from './configured-relay.js';
import type { CommandTarget, RelayEntry } from './relay-entry.js';

const node = process.execPath;
const hasProc = existsSync('/proc/self/environ');

function scratch(): string {
  const dir = mkdtempSync(join(tmpdir(), 'reqbench-entry-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A relay that listens on the port of its first argument and has the software `of-the-test`. */
function relayScript(): string {
  const ws = JSON.stringify(createRequire(import.meta.url).resolve('ws'));
  const file = join(scratch(), 'relay.cjs');
  writeFileSync(
    file,
    `const { createServer } = require('node:http');
     const { WebSocketServer } = require(${ws});
     const document = JSON.stringify({ name: 'a relay', software: 'of-the-test' });
     const server = createServer((_, response) => response.end(document));
     new WebSocketServer({ server });
     server.listen(Number(process.argv[2]), '127.0.0.1');`,
  );
  return file;
}

function entry(target: Partial<CommandTarget>, more: Partial<RelayEntry> = {}): RelayEntry {
  const command = `exec ${node} ${relayScript()} {port}`;
  return {
    name: 'mine',
    description: '',
    target: { command, cwd: scratch(), env: {}, copiesData: false, ...target },
    declared: {},
    expects: {},
    ...more,
  };
}

async function start(of: RelayEntry, more: Partial<StartOptions> = {}): Promise<RunningRelay> {
  const options = { dir: scratch(), settings: relaySettings(), readyWithinMs: 15_000, ...more };
  const running = await configuredRelay(of).start(options);
  onTestFinished(() => running.stop());
  return running;
}

async function refusal(of: RelayEntry, more: Partial<StartOptions> = {}): Promise<RelayNotReadyError> {
  const error: unknown = await start(of, more).catch((e: unknown) => e);
  if (error instanceof RelayNotReadyError) return error;
  throw new Error(`expected a RelayNotReadyError, got ${error}`);
}

test('the command finds its folder, its environment and its configuration file', async () => {
  const dir = scratch();
  const cwd = scratch();
  const command = `cp {config} here; printf '%s' "$SAID" > said; exec ${node} ${relayScript()} {port}`;
  const config = { name: 'relay.toml', text: 'port = {port}\ndata = "{dir}"\n' };
  const relay = await start(entry({ command, cwd, config, env: { SAID: '{dir}:{port}' } }), { dir });
  const port = new URL(relay.target.url).port;
  expect(readFileSync(join(cwd, 'here'), 'utf8')).toBe(`port = ${port}\ndata = "${dir}"\n`);
  expect(readFileSync(join(cwd, 'said'), 'utf8')).toBe(`${dir}:${port}`);
});

test('the address that AUTH expects is filled in and handed on', async () => {
  const relay = await start(entry({}, { declared: { authUrl: 'ws://relay.example:{port}/' } }));
  expect(relay.authUrl).toBe(`ws://relay.example:${new URL(relay.target.url).port}/`);
});

test('events are imported by the command of the entry before the start', async () => {
  const dir = scratch();
  const events = join(scratch(), "it's events.jsonl");
  writeFileSync(events, '{}\n{}\n');
  const importing = entry({ importCommand: 'cat < {events} > {dir}/imported' });
  const relay = await start(importing, { dir, preloadFile: events });
  expect(relay.preloaded).toBe(true);
  expect(readFileSync(join(dir, 'imported'), 'utf8')).toBe('{}\n{}\n');
  expect((await start(importing)).preloaded).toBe(false);
});

test('a folder that holds the events is not imported into again', async () => {
  const dir = scratch();
  const relay = await start(entry({ importCommand: 'touch {dir}/again # {events}' }), {
    dir,
    preloadFile: '/nonexistent',
    holdsEvents: true,
  });
  expect(relay.preloaded).toBe(true);
  expect(existsSync(join(dir, 'again'))).toBe(false);
});

test('an import that fails is said with its output', async () => {
  const error = await refusal(entry({ importCommand: 'echo bad line 3 in {events} >&2; exit 4' }), {
    preloadFile: '/some/events',
  });
  expect(error.message).toMatch(/its import command ended with code 4; .*leave "import" out/);
  expect(error.logTail).toEqual(['bad line 3 in /some/events']);
});

test('a program that is not built is said with how to get it', async () => {
  const error = await refusal(
    entry({ needs: { program: '.peers/bin/none', hint: 'npm run peers builds it' } }),
  );
  expect(error.message).toBe(
    'relay mine was not ready: there is no .peers/bin/none; npm run peers builds it',
  );
  const onPath = await refusal(entry({ needs: { program: 'no-such-program-here', hint: undefined } }));
  expect(onPath.message).toContain('no-such-program-here is not on PATH');
});

test("another relay's NIP-11 document is noticed", async () => {
  const error = await refusal(entry({}, { expects: { software: 'khatru' } }));
  expect(error.message).toMatch(/software as "of-the-test", and "khatru" was expected; is the right program/);
  await start(entry({}, { expects: { software: 'the-test', name: 'a relay' } }));
});

test('a relay that listens elsewhere is said to, with where', async () => {
  if (!hasProc) return;
  const command = `exec ${node} -e "require('node:net').createServer().listen(0, '127.0.0.1')" {port}`;
  const error = await refusal(entry({ command, readyWithinMs: 1_500 }));
  expect(error.message).toMatch(/it listens on 127\.0\.0\.1:\d+ instead: give it the port \d+ by \{port\}/);
});

test('a relay that asks for its configuration is told how it gets one', async () => {
  const command = 'echo "error: no such file: config.toml" >&2; exit 1 # {port}';
  const error = await refusal(entry({ command }));
  expect(error.message).toMatch(/code 1 .*give it one: "config" in reqbench\.config\.yaml/);
});

test('what a command puts into other process groups ends with it', async () => {
  if (!hasProc) return;
  const pidFile = join(scratch(), 'pid');
  const daemon = `require('node:child_process').spawn('sleep', ['100'], { detached: true, stdio: 'ignore' }).unref()`;
  const command = `setsid sh -c 'echo $$ > ${pidFile}; exec sleep 100' & ${node} -e "${daemon}"; exec ${node} ${relayScript()} {port}`;
  const relay = await start(entry({ command }));
  const pid = Number(readFileSync(pidFile, 'utf8'));
  expect(processEntry(pid)).toBeDefined();
  await relay.stop();
  expect(relay.leftBehind?.()).toBe(2);
  const state = processEntry(pid)?.state;
  expect(state === undefined || state === 'Z').toBe(true);
});

test('a full disk is named, and one with room is not', async () => {
  expect(await diskProblem('/data', async () => 4_096)).toMatch(
    /^the disk that holds \/data is full \(4 KiB left\).*TMPDIR/,
  );
  expect(await diskProblem('/data', async () => 2 ** 40)).toBeUndefined();
  expect(await diskProblem('/nonexistent/folder')).toBeUndefined();
});

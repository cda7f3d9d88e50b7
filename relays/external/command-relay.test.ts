import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { PACKAGE_ROOT } from '../process/package-root.js';
import { livingMembers, processEntry } from '../process/process-table.js';
import { type Relay, RelayNotReadyError, type RunningRelay, relaySettings } from '../relay.js';
import { commandRelay } from './command-relay.js';

const node = process.execPath;
const hasProc = existsSync('/proc/self/stat');

function scratch(name = 'reqbench-command-'): string {
  const dir = mkdtempSync(join(tmpdir(), name));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A relay in a file of its own: listens on the port in its first argument, and does `then` once it listens. */
function relayScript(then = ''): string {
  const ws = JSON.stringify(createRequire(import.meta.url).resolve('ws'));
  const file = join(scratch(), 'relay.cjs');
  writeFileSync(
    file,
    `const { createServer } = require('node:http');
     const { WebSocketServer } = require(${ws});
     const document = JSON.stringify({ name: 'a relay', padding: 'x'.repeat(Number(process.argv[3] ?? 0)) });
     const server = createServer((_, response) => response.end(document));
     new WebSocketServer({ server });
     server.listen(Number(process.argv[2]), '127.0.0.1', () => { ${then} });`,
  );
  return file;
}

async function start(relay: Relay, readyWithinMs = 15_000, dir = scratch()): Promise<RunningRelay> {
  const running = await relay.start({ dir, settings: relaySettings(), readyWithinMs });
  onTestFinished(() => running.stop());
  return running;
}

async function refusal(command: string, readyWithinMs = 15_000): Promise<RelayNotReadyError> {
  const error: unknown = await start(commandRelay('mine', command), readyWithinMs).catch((e: unknown) => e);
  if (error instanceof RelayNotReadyError) return error;
  throw new Error(`expected a RelayNotReadyError, got ${error}`);
}

function isRunning(pid: number): boolean {
  const state = processEntry(pid)?.state;
  return state !== undefined && state !== 'Z';
}

test('a command runs on a port of its own, with its NIP-11 document, until it is stopped', async () => {
  const command = `exec ${node} ${relayScript()} {port}`;
  const relay = commandRelay('mine', command);
  expect(relay).toMatchObject({ name: 'mine', kind: 'command', writable: true, floor: false });
  const [one, two] = [await start(relay), await start(relay)];
  expect(one.target.url).not.toBe(two.target.url);
  expect(one.target).toMatchObject({ kind: 'command', command, nip11: { name: 'a relay' } });
  expect(one.preloaded).toBe(false);
  await one.stop();
  await one.stop();
  await one.exited;
  expect(isRunning(two.pid ?? 0)).toBe(true);
});

test.runIf(hasProc)('the process that listens is told with its command line and its program', async () => {
  const script = relayScript();
  const relay = await start(commandRelay('mine', `${node} ${script} {port}`));
  const { process: found } = relay.target;
  expect(found?.pid).toBe(relay.pid);
  expect(found?.arguments).toContain(`${script} `);
  expect(found?.program).toBe(realpathSync(node));
  expect(found?.sha256).toMatch(/^[0-9a-f]{64}$/);
});

test.runIf(hasProc)('a process that the command did not start is not measured in its stead', async () => {
  const pidFile = join(scratch(), 'pid');
  const script = relayScript(`require('node:fs').writeFileSync('${pidFile}', String(process.pid))`);
  onTestFinished(() => {
    process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
  });
  // Its own session, and its parent gone: nothing ties it to the command any more.
  const command = `(setsid ${node} ${script} {port} >/dev/null 2>&1 &) ; sleep 60`;
  const error = await refusal(command);
  expect(error.message).toMatch(/process \d+ \(.*answers on port \d+, and the command did not start it/);
});

test('a NIP-11 document past 64 kB counts as none', async () => {
  const relay = await start(commandRelay('mine', `${node} ${relayScript()} {port} 70000`));
  expect(relay.target.nip11).toBeUndefined();
});

test.runIf(hasProc)('the process that listens is found behind shells and other children', async () => {
  const pidFile = join(scratch(), 'pid');
  const script = relayScript(
    `require('node:fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));`,
  );
  const chain = `sleep 100 & /bin/sh -c 'true; ${node} ${script} {port}; true'; true`;
  const relay = await start(commandRelay('mine', chain));
  expect(relay.pid).toBe(Number(readFileSync(pidFile, 'utf8')));
});

test.runIf(hasProc)('stop ends the whole group, also what takes no SIGTERM', async () => {
  const script = relayScript();
  const stubborn = `/bin/sh -c 'trap "" TERM; while :; do sleep 1; done'`;
  const relay = await start(commandRelay('mine', `${stubborn} & ${node} ${script} {port}; true`));
  const groupId = processEntry(relay.pid ?? 0)?.group ?? 0;
  expect(livingMembers(groupId)?.length).toBeGreaterThan(2);
  await relay.stop();
  expect(livingMembers(groupId)).toEqual([]);
});

test.runIf(hasProc)('a relay whose shell has gone is still known, measured and stopped', async () => {
  const relay = await start(commandRelay('mine', `${node} ${relayScript()} {port} &`));
  const pid = relay.pid ?? 0;
  expect(isRunning(pid)).toBe(true);
  let hasEnded = false;
  relay.exited.then(() => {
    hasEnded = true;
  });
  await sleep(200);
  expect(hasEnded).toBe(false);
  await relay.stop();
  expect(isRunning(pid)).toBe(false);
  await relay.exited;
});

test.runIf(hasProc)('a relay that dies is noticed, though its shell lives on', async () => {
  const relay = await start(commandRelay('mine', `${node} ${relayScript()} {port}; sleep 100`));
  process.kill(relay.pid ?? 0, 'SIGKILL');
  await relay.exited;
});

test.runIf(hasProc)('a relay that dies says how, and what it wrote last', async () => {
  const lastWords = `() => { console.error('out of \\u001b[31mluck'); process.exit(7); }`;
  const script = relayScript(`process.once('SIGUSR2', ${lastWords});`);
  const relay = await start(commandRelay('mine', `exec ${node} ${script} {port}`));
  process.kill(relay.pid ?? 0, 'SIGUSR2');
  expect(await relay.exited).toEqual({ code: 7, signal: null });
  expect(relay.logTail()).toEqual(['out of \u001b[31mluck']);
});

test.runIf(hasProc)('how a relay ended is asked of the shell that ends with it', async () => {
  const script = relayScript(
    `process.once('SIGUSR2', () => { console.error('out of luck'); process.exit(7); });`,
  );
  const relay = await start(commandRelay('mine', `${node} ${script} {port}; how=$?; sleep 0.1; exit $how`));
  process.kill(relay.pid ?? 0, 'SIGUSR2');
  expect(await relay.exited).toEqual({ code: 7, signal: null });
  expect(relay.logTail()).toEqual(['out of luck']);
});

test('a command that ends at once is reported with its output', async () => {
  const error = await refusal(`echo starting on {port}; printf 'bad \\033]0;config\\007\\n' >&2; exit 3`);
  expect(error.message).toMatch(
    /^relay mine was not ready: its command ended with code 3 before it listened on port \d+$/,
  );
  expect([...error.logTail].sort()).toEqual([
    'bad \u001b]0;config\u0007',
    expect.stringMatching(/^starting on \d+$/),
  ]);
});

test('a command that is not found, may not be executed, or goes to the background says what to change', async () => {
  const missing = await refusal('no-such-relay-here --port {port}');
  expect(missing.message).toMatch(/ended with code 127: the shell found no such program/);
  expect(missing.logTail.join()).toContain('no-such-relay-here');
  expect((await refusal('/etc/passwd {port}')).message).toMatch(/code 126: the shell may not execute it/);
  expect((await refusal('true {port}')).message).toMatch(/keep the relay in the foreground/);
});

test('a command that never listens is ended and asked for its port', async () => {
  const marker = join(scratch(), 'pid');
  const error = await refusal(`echo $$ > ${marker}; echo waiting for {port}; sleep 100`, 1_500);
  expect(error.message).toMatch(
    /no WebSocket upgrade within 1500 ms.*\(connection refused\).*listen on 127\.0\.0\.1 and \{port\}/,
  );
  expect(error.logTail).toEqual([expect.stringMatching(/^waiting for \d+$/)]);
  if (hasProc) expect(livingMembers(Number(readFileSync(marker, 'utf8')))).toEqual([]);
});

test('{dir} is the scratch folder, whatever its name', async () => {
  const dir = scratch(`reqbench it's a $(dir) `);
  await start(
    commandRelay('mine', `echo here > {dir}/written; exec ${node} ${relayScript()} {port}`),
    15_000,
    dir,
  );
  expect(readFileSync(join(dir, 'written'), 'utf8')).toBe('here\n');
});

test.runIf(hasProc)('no relay outlives a harness that was killed', async () => {
  const script = join(scratch(), 'harness.mjs');
  const from = (path: string) => JSON.stringify(join(PACKAGE_ROOT, 'dist', 'relays', path));
  const command = `${node} ${relayScript()} {port}; true`;
  writeFileSync(
    script,
    `const { commandRelay } = await import(${from('external/command-relay.js')});
     const { relaySettings } = await import(${from('relay.js')});
     const relay = await commandRelay('mine', ${JSON.stringify(command)})
       .start({ dir: process.argv[2], settings: relaySettings(), readyWithinMs: 10000 });
     console.log(relay.pid);`,
  );
  const harness = spawn(node, [script, scratch()], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = await new Promise<number>((resolve) => {
    createInterface(harness.stdout).once('line', (line) => resolve(Number(line)));
  });
  expect(isRunning(pid)).toBe(true);
  const groupId = processEntry(pid)?.group ?? 0;
  harness.kill('SIGKILL');
  while ((livingMembers(groupId)?.length ?? 0) > 0) await sleep(20);
});

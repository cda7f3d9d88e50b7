import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { nullRelay } from '../null/index.js';
import { RelayNotReadyError, type RelaySample, type RunningRelay, relaySettings } from '../relay.js';
import { PACKAGE_ROOT } from './package-root.js';
import { processEntry } from './process-table.js';

function scratch(): string {
  const dir = mkdtempSync(join(tmpdir(), 'reqbench-process-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

async function started(): Promise<RunningRelay> {
  const relay = await nullRelay.start({ dir: scratch(), settings: relaySettings(), readyWithinMs: 10_000 });
  onTestFinished(() => relay.stop());
  return relay;
}

async function untilGone(pid: number): Promise<void> {
  for (let state = 'R'; state !== '' && state !== 'Z'; state = processEntry(pid)?.state ?? '')
    await sleep(10);
}

test('a relay process has an address, a pid of its own, and ends when it is stopped, once or twice', async () => {
  const [one, two] = [await started(), await started()];
  expect(one.pid).not.toBe(two.pid);
  expect(one.target).toMatchObject({
    kind: 'builtin',
    url: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+$/),
  });
  await Promise.all([one.stop(), one.stop()]);
  await one.stop();
  expect(await one.exited).toEqual({ code: 0, signal: null });
  expect(() => process.kill(one.pid ?? 0, 0)).toThrow('ESRCH');
  expect(() => process.kill(two.pid ?? 0, 0)).not.toThrow();
});

test('samples tell memory, event-loop delay, connections and subscriptions, on the clock of the harness', async () => {
  const relay = await started();
  const samples: RelaySample[] = [];
  relay.onSample((sample) => samples.push(sample));
  const socket = new WebSocket(relay.target.url);
  onTestFinished(() => socket.terminate());
  await new Promise((resolve) => socket.once('open', resolve));
  const from = Number(process.hrtime.bigint());
  socket.send('["REQ","r1",{}]');
  while (samples.at(-1)?.subscriptions !== 1) await sleep(10);
  const count = samples.length;
  while (samples.length < count + 2) await sleep(10);
  const last = samples.at(-1);
  expect(last?.connections).toBe(1);
  expect(last?.heapUsedBytes).toBeGreaterThan(0);
  expect(last?.atNs).toBeGreaterThan(from);
  expect(last?.atNs).toBeLessThan(Number(process.hrtime.bigint()));
});

test('a killed relay says how it ended', async () => {
  const relay = await started();
  process.kill(relay.pid ?? 0, 'SIGKILL');
  expect(await relay.exited).toEqual({ code: null, signal: 'SIGKILL' });
  await relay.stop();
});

test('a relay that takes no signals is killed when it is stopped', async () => {
  const relay = await started();
  process.kill(relay.pid ?? 0, 'SIGSTOP');
  await relay.stop();
  expect(await relay.exited).toEqual({ code: null, signal: 'SIGKILL' });
});

test('a relay that cannot start says why', async () => {
  const dir = scratch();
  const cannedFile = join(dir, 'missing.json');
  const starting = nullRelay.start({ dir, settings: relaySettings(), cannedFile, readyWithinMs: 10_000 });
  await expect(starting).rejects.toThrow(RelayNotReadyError);
  await expect(starting).rejects.toThrow(/relay null was not ready: ENOENT.*missing\.json/);
});

test.each(['SIGKILL', 'SIGTERM'] as const)('no relay outlives a harness that got %s', async (signal) => {
  const script = join(scratch(), 'harness.mjs');
  const from = (path: string) => JSON.stringify(join(PACKAGE_ROOT, 'dist', 'relays', path));
  writeFileSync(
    script,
    `const { nullRelay } = await import(${from('null/index.js')});
     const { relaySettings } = await import(${from('relay.js')});
     const relay = await nullRelay.start({ dir: process.argv[2], settings: relaySettings(), readyWithinMs: 10000 });
     console.log(relay.pid);`,
  );
  const harness = spawn(process.execPath, [script, scratch()], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    harness.kill('SIGKILL');
  });
  const pid = await new Promise<number>((resolve) => {
    createInterface(harness.stdout).once('line', (line) => resolve(Number(line)));
  });
  expect(() => process.kill(pid, 0)).not.toThrow();
  harness.kill(signal);
  await untilGone(pid);
});

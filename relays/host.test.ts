import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { resolveRelay } from './catalog.js';
import { RelayNotReadyError, type RelaySample, type RunningRelay, relaySettings } from './relay.js';

const event = {
  id: '9'.repeat(64),
  pubkey: '8'.repeat(64),
  created_at: 1_700_000_000,
  kind: 1,
  tags: [],
  content: 'kept before it listens',
  sig: '7'.repeat(128),
};

function scratch(): string {
  const dir = mkdtempSync(join(tmpdir(), 'reqbench-host-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

async function start(spec: string, cwd: string, preloadFile?: string): Promise<RunningRelay> {
  const relay = resolveRelay(spec, { allowRemote: false, cwd });
  const settings = relaySettings();
  const running = await relay.start({ dir: scratch(), settings, preloadFile, readyWithinMs: 20_000 });
  onTestFinished(() => running.stop());
  return running;
}

/** Messages up to and with EOSE. */
async function ask(socket: WebSocket): Promise<readonly unknown[]> {
  const got: unknown[] = [];
  socket.on('message', (data) => got.push(JSON.parse(String(data))));
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send('["REQ","r1",{}]');
  while (!got.some((message) => Array.isArray(message) && message[0] === 'EOSE')) await sleep(2);
  return got;
}

async function refusal(module: string): Promise<RelayNotReadyError> {
  const cwd = scratch();
  writeFileSync(join(cwd, 'mine.mjs'), module);
  const error: unknown = await start('./mine.mjs', cwd).catch((e: unknown) => e);
  if (error instanceof RelayNotReadyError) return error;
  throw new Error(`expected a RelayNotReadyError, got ${error}`);
}

test.each(['streaming', 'batched'])(
  '%s runs in a process of its own, preloaded and sampled',
  async (name) => {
    const preloadFile = join(scratch(), 'events.jsonl');
    writeFileSync(preloadFile, `${JSON.stringify(event)}\n`);
    const relay = await start(name, '/', preloadFile);
    const samples: RelaySample[] = [];
    relay.onSample((sample) => samples.push(sample));
    expect(relay.preloaded).toBe(true);
    expect(relay.pid).not.toBe(process.pid);
    expect(relay.target).toMatchObject({ kind: 'builtin', nip11: { name: expect.stringContaining(name) } });
    const socket = new WebSocket(relay.target.url);
    onTestFinished(() => socket.terminate());
    expect(await ask(socket)).toEqual([
      ['EVENT', 'r1', event],
      ['EOSE', 'r1', ['finish']],
    ]);
    while (samples.at(-1)?.subscriptions !== 1) await sleep(10);
    expect(samples.at(-1)?.connections).toBe(1);
    await relay.stop();
    expect(await relay.exited).toEqual({ code: 0, signal: null });
  },
);

test("a relay author's module runs as a relay", async () => {
  const cwd = scratch();
  writeFileSync(
    join(cwd, 'mine.mjs'),
    `export default {
       name: 'mine',
       converse: (connection) => ({
         subscriptions: 0,
         receive: (text) => { connection.outbox.message(JSON.stringify(['EOSE', JSON.parse(text)[1]])); },
         end: () => {},
       }),
     };`,
  );
  const relay = await start('./mine.mjs', cwd);
  expect(relay.target).toMatchObject({ kind: 'module', command: join(cwd, 'mine.mjs') });
  const socket = new WebSocket(relay.target.url);
  onTestFinished(() => socket.terminate());
  expect(await ask(socket)).toEqual([['EOSE', 'r1']]);
});

test('a module without a strategy says what to export', async () => {
  for (const module of [
    'export const mine = 1;',
    'export default { name: "mine" };',
    'export default null;',
  ]) {
    expect((await refusal(module)).message).toMatch(
      /relay mine was not ready: the default export of .*mine\.mjs is no strategy; write: export default/,
    );
  }
});

test('a module that cannot be loaded says why', async () => {
  expect((await refusal('export default {')).message).toMatch(
    /mine\.mjs can't be loaded: Unexpected .*node --check .*mine\.mjs shows where/,
  );
  expect((await refusal('throw new Error("no luck")')).message).toContain("can't be loaded: no luck");
});

test('a preload file that cannot be used says why', async () => {
  const preloadFile = join(scratch(), 'events.jsonl');
  writeFileSync(preloadFile, `${JSON.stringify(event)}\n{"id":1}\n`);
  await expect(start('streaming', '/', preloadFile)).rejects.toThrow(/was not ready: .*events\.jsonl:2/);
});

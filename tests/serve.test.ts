import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { TestClient } from './relays/client.js';
import { reqbench, start } from './reqbench.js';

const serve = (...args: readonly string[]) => start(['serve', ...args]);

async function urlOf({ stdout }: ChildProcess): Promise<string> {
  let output = '';
  stdout?.on('data', (data) => {
    output += data;
  });
  await expect.poll(() => output, { timeout: 25_000 }).toMatch(/ws:\/\/\S+/);
  return /ws:\/\/\S+/.exec(output)?.[0] ?? '';
}

const stagesOf = (lines: string): unknown[] =>
  lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).msg);

test('on SIGTERM, clients are told, the log says so, and the exit code is 0', async () => {
  const serving = serve('streaming', '--port', '0');
  const client = await TestClient.connect(await urlOf(serving.child));
  client.send('REQ', 'open', {});
  await client.answered('open');
  serving.child.kill('SIGTERM');
  const { code, stderr } = await serving.finished;
  expect(code).toBe(0);
  await expect.poll(() => client.closeCode).toBe(1001);
  expect(client.messages.at(-1)).toEqual(['CLOSED', 'open', 'error: relay is shutting down']);
  expect(stagesOf(stderr)).toEqual(['listening', 'connected', 'shutting down', 'disconnected', 'stopped']);
});

test('serves metrics unless told not to, and logs nothing when told so', async () => {
  const open = serve('batched', '--port', '0', '--log', 'silent');
  const closed = serve('batched', '--port', '0', '--no-metrics');
  const urls = await Promise.all([urlOf(open.child), urlOf(closed.child)]);
  const [served, notServed] = await Promise.all(
    urls.map((url) => fetch(`${url.replace('ws:', 'http:')}/metrics`)),
  );
  const text = await served?.text();
  expect(text).toContain('relay_connections 0');
  expect(text).toContain('nodejs_gc_duration_seconds');
  expect(notServed?.status).toBe(404);
  open.child.kill('SIGTERM');
  expect((await open.finished).stderr).toBe('');
});

test('a port in use is said in the log and in words, with what to do', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    const { code, stderr } = await reqbench(['serve', 'streaming', '--port', String(port)]);
    expect(code).toBe(2);
    expect(stderr).toContain('"msg":"not started"');
    expect(stderr).toContain(`port ${port} of 127.0.0.1 is in use`);
    expect(stderr).toContain('--port');
  } finally {
    other.close();
  }
});

test('goes on when whoever reads its output has gone', async () => {
  const serving = start(['serve', '--help']);
  serving.child.stdout?.destroy();
  const { code, stderr } = await serving.finished;
  expect([code, stderr]).toEqual([0, '']);
});

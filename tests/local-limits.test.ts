import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { PACKAGE_ROOT } from '../harness/package.js';
import { readResults, reqbench, scenarioFile, scratchFolder, start } from './reqbench.js';

const CLI = join(PACKAGE_ROOT, 'dist/bin/reqbench.js');

/** Clients that all stay connected. */
const crowd = (clients: number, settings = '') => `
name: crowd
corpus: { generate: { events: 50, authors: 5 } }
rounds: 1
compare: []
${settings}
phases:
  - { name: all, arrivals: { closed: { clients: ${clients} } } }
clients:
  reader:
    script:
      - connect
      - req: { as: notes, filters: [{ kinds: [1], limit: 1 }] }
      - wait: 300ms
`;

/** Runs the command line in a process, and its children, that may have so many files open. */
function reqbenchWithFiles(
  limit: number,
  args: readonly string[],
): Promise<{ code: number | null; stderr: string }> {
  const command = `ulimit -n ${limit}; exec "$@"`;
  const child = spawn('bash', ['-c', command, 'bash', process.execPath, CLI, ...args], {
    cwd: scratchFolder(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, stderr }));
  });
}

/** A relay of a process that none of our limits holds for; its address. */
async function servedRelay(): Promise<string> {
  const { child } = start(['serve', 'streaming', '--port', '0']);
  if (!child.stdout) throw new Error('no output');
  for await (const line of createInterface({ input: child.stdout })) {
    const [url] = /ws:\/\/[\d.:]+/.exec(line) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error('the relay said no address');
}

/** A relay without events that serves so many clients of an address, and no more. */
async function relayWithLimit(most: number): Promise<string> {
  const inside = new Map<string | undefined, number>();
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    verifyClient: ({ req }: { req: IncomingMessage }) => (inside.get(req.socket.remoteAddress) ?? 0) < most,
  });
  server.on('connection', (client, { socket: { remoteAddress } }) => {
    inside.set(remoteAddress, (inside.get(remoteAddress) ?? 0) + 1);
    client.on('message', (data) => {
      const [label, id] = JSON.parse(data.toString());
      if (label === 'REQ') client.send(JSON.stringify(['EOSE', id]));
    });
    client.once('close', () => inside.set(remoteAddress, (inside.get(remoteAddress) ?? 1) - 1));
  });
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  await once(server, 'listening');
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a load that may open no more files is ended by what to change, and is no finding about the relay', async () => {
  const url = await servedRelay();
  const args = ['run', scenarioFile(crowd(600)), '--relay', url, '--no-null'];
  const { code, stderr } = await reqbenchWithFiles(300, args);
  expect(stderr).toContain('more connections than one process may have files open, 300 here');
  expect(stderr).toContain('ulimit -n');
  expect(code).toBe(2);
});

test('a relay that limits connections from an address is reached from several: sources', async () => {
  const url = await relayWithLimit(4);
  const lossesWith = async (...more: string[]) => {
    const out = scratchFolder();
    await reqbench(['run', scenarioFile(crowd(12)), '--relay', url, '--no-null', '--out', out, ...more]);
    const { warnings } = readResults(out);
    return warnings.filter(({ code }) => code === 'connections-lost').map(({ text }) => text);
  };
  expect(await lossesWith()).toEqual([expect.stringContaining('refused or ended 8 connections')]);
  expect(await lossesWith('--set', 'sources=[127.0.0.2-9]')).toEqual([]);
});

test('sources that are no addresses of loopback are refused by their place', async () => {
  const { code, stderr } = await reqbench(['run', scenarioFile(crowd(1, 'sources: [10.0.0.1]'))]);
  expect(stderr).toMatch(
    /scenario\.yaml:6:\d+: .*an address of loopback: 127\.0\.0\.2, or several: 127\.0\.0\.2-50/,
  );
  expect(code).toBe(2);
});

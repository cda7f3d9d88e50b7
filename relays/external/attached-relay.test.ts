import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { RelayNotReadyError, relaySettings } from '../relay.js';
import { attachedRelay, isLoopback } from './attached-relay.js';

const options = { dir: '/nonexistent', settings: relaySettings(), readyWithinMs: 5_000 };

async function listening(server: Server): Promise<URL> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return new URL(`ws://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/path`);
}

test('an attached relay is read only, goes by its address, and keeps running when it is stopped', async () => {
  const server = createServer((request, response) => {
    response.end(JSON.stringify({ path: request.url, accept: request.headers.accept }));
  });
  const sockets = new WebSocketServer({ server });
  const address = await listening(server);
  const relay = attachedRelay(address);
  expect(relay).toMatchObject({ name: address.host, kind: 'attached', writable: false, floor: false });
  const running = await relay.start(options);
  expect(running.target).toMatchObject({
    kind: 'attached',
    url: address.href,
    nip11: { path: '/path', accept: 'application/nostr+json' },
  });
  if (process.platform === 'linux') {
    expect(running.target.process).toMatchObject({ pid: process.pid, arguments: process.argv0 });
  }
  expect([running.pid, running.preloaded, running.logTail()]).toEqual([undefined, false, []]);
  await running.stop();
  await running.stop();
  expect(await (await relay.start(options)).target.url).toBe(address.href);
  expect(sockets.clients.size).toBe(0);
});

test.each([
  ['a list', '[1]'],
  ['no JSON', '<html>'],
  ['endless', `"${'x'.repeat(70_000)}"`],
])('a NIP-11 document that is %s counts as none', async (_, body) => {
  const server = createServer((_request, response) => response.end(body));
  new WebSocketServer({ server });
  const running = await attachedRelay(await listening(server)).start(options);
  expect(running.target.nip11).toBeUndefined();
});

test('an address where nothing listens is not ready, and says so', async () => {
  const starting = attachedRelay(new URL('ws://127.0.0.1:1')).start({ ...options, readyWithinMs: 200 });
  await expect(starting).rejects.toThrow(RelayNotReadyError);
  await expect(starting).rejects.toThrow(
    /no WebSocket upgrade within 200 ms.*\(connection refused\).*is it running/,
  );
});

test('a server that speaks HTTP only is not ready, and says so', async () => {
  const address = await listening(createServer((_request, response) => response.writeHead(404).end()));
  const starting = attachedRelay(address).start({ ...options, readyWithinMs: 1_000 });
  await expect(starting).rejects.toThrow('it answered HTTP 404 instead of 101');
});

test('a server that accepts and never answers is given up', async () => {
  const address = await listening(createServer().on('upgrade', () => {}));
  const starting = attachedRelay(address).start({ ...options, readyWithinMs: 300 });
  await expect(starting).rejects.toThrow(/no WebSocket upgrade within 300 ms .*\(nothing answered\)/);
});

test('the port of the scheme is shown', () => {
  expect(attachedRelay(new URL('wss://relay.example/')).name).toBe('relay.example:443');
  expect(attachedRelay(new URL('ws://[::1]/')).name).toBe('[::1]:80');
});

test.each([
  ['ws://localhost:1', true],
  ['ws://127.8.9.10', true],
  ['ws://[::1]:7', true],
  ['wss://relay.example', false],
  ['ws://10.0.0.1', false],
  ['ws://127.0.0.1.example', false],
  ['ws://localhost.example', false],
  ['ws://127.0.0.1@evil.example', false],
])('%s is on this machine: %s', (address, expected) => {
  expect(isLoopback(new URL(address))).toBe(expected);
});

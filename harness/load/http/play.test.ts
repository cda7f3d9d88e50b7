import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { LatencyHistogram } from '../../measure/histogram.js';
import type { HttpOrder } from './order.js';
import { playHttp } from './play.js';

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const load = (url: string, more: Partial<HttpOrder> = {}) =>
  playHttp({ url, request: 'nip11', connections: 4, durationMs: 400, ...more }).report;

test('documents are asked for as NIP-11 has it, within the rate, and every answer is counted', async () => {
  const accepts = new Set<string | undefined>();
  const server = createServer((request, response) => {
    accepts.add(request.headers.accept);
    response.end('{"name":"a relay"}');
  });
  const report = await load(await listening(server), { perS: 40 });
  expect([...accepts]).toEqual(['application/nostr+json']);
  expect(report.responses).toBeGreaterThanOrEqual(4);
  expect(report.responses).toBeLessThanOrEqual(40);
  expect(report).toMatchObject({ unexpected: 0, errors: 0 });
  expect(report.bytes).toBeGreaterThan(report.responses * '{"name":"a relay"}'.length);
  expect(LatencyHistogram.decode(report.latency.histogram).count).toBe(report.responses);
  // Milliseconds out of nanoseconds are not exact.
  expect(report.elapsedMs).toBeLessThanOrEqual(400.001);
});

test('an upgrade is over with its head, whatever the relay says behind it; each has a connection of its own', async () => {
  let upgraded = 0;
  const server = createServer();
  new WebSocketServer({ server }).on('connection', (socket) => {
    upgraded += 1;
    socket.on('error', () => {});
    socket.send('["AUTH","a challenge"]');
  });
  const report = await load(await listening(server), { request: 'upgrade', perS: 60 });
  expect(report.responses).toBeGreaterThanOrEqual(4);
  expect(report).toMatchObject({ unexpected: 0, errors: 0 });
  expect(upgraded).toBeGreaterThanOrEqual(report.responses);
});

test('other statuses are told apart, and have no part in the latency', async () => {
  const server = createServer((_, response) => {
    response.statusCode = 503;
    response.end('busy');
  });
  const url = await listening(server);
  for (const request of ['nip11', 'upgrade'] as const) {
    const report = await load(url, { request, perS: 40 });
    expect(report.unexpected).toBeGreaterThan(0);
    expect(report.unexpected).toBe(report.responses);
    expect(LatencyHistogram.decode(report.latency.histogram).count).toBe(0);
  }
});

test('a connection that is cut counts as an error, not as an answer', async () => {
  const server = createServer((request) => request.socket.destroy());
  const report = await load(await listening(server), { perS: 20 });
  expect(report.errors).toBeGreaterThan(0);
  expect(report.responses).toBe(0);
});

test('a relay that is gone is left alone after a bounded number of tries, and load can be stopped', async () => {
  const server = createServer();
  const url = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  const report = await load(url, { durationMs: 60_000 });
  expect(report.responses).toBe(0);
  expect(report.errors).toBeGreaterThan(100);
  expect(report.errors).toBeLessThan(5_000);
  const stalled = createServer(() => {});
  const running = playHttp({
    url: await listening(stalled),
    request: 'nip11',
    connections: 2,
    durationMs: 60_000,
  });
  running.stop();
  expect(await running.report).toMatchObject({ responses: 0, errors: 0 });
}, 30_000);

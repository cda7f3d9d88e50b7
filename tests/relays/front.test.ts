import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { streaming } from '../../relays/index.js';
import { relaysUnderTest } from './relays.js';

const under = relaysUnderTest();
const httpUrl = (url: string) => url.replace('ws:', 'http:');

test('serves NIP-11 on the same port: type, CORS, the limits that are kept, the NIPs that are there', async () => {
  const relay = await under.start(streaming, { access: 'auth-required', limits: { maxLimit: 77 } });
  const response = await fetch(httpUrl(relay.url), { headers: { accept: 'application/nostr+json' } });
  expect(response.headers.get('content-type')).toBe('application/nostr+json');
  for (const header of ['origin', 'headers', 'methods']) {
    expect(response.headers.get(`access-control-allow-${header}`)).toBeTruthy();
  }
  expect(await response.json()).toMatchObject({
    name: 'streaming',
    supported_nips: [1, 9, 11, 40, 42, 45, 70],
    limitation: { max_limit: 77, max_subscriptions: 300, auth_required: true, max_message_length: 512_000 },
  });
});

test('answers HTTP that is neither NIP-11 nor a WebSocket, and knows one endpoint only', async () => {
  const { url } = await under.start(streaming);
  const statusOf = async (path: string, method: string) =>
    (await fetch(httpUrl(url) + path, { method })).status;
  expect(await statusOf('/', 'GET')).toBe(200);
  expect(await statusOf('/', 'OPTIONS')).toBe(204);
  expect(await statusOf('/', 'POST')).toBe(405);
  expect(await statusOf('/other', 'GET')).toBe(404);
  const socket = new WebSocket(`${url}/other`);
  const refused = await new Promise((resolve) => {
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
    socket.on('error', () => undefined);
  });
  expect(refused).toBe(404);
  socket.terminate();
});

test('declines permessage-deflate, and broken frames harm no other connection', async () => {
  const relay = await under.start(streaming);
  const client = await under.connect(relay);
  const deflating = new WebSocket(relay.url);
  await new Promise((resolve) => deflating.on('open', resolve));
  expect(deflating.extensions).toBe('');
  deflating.terminate();
  const upgrade = request(httpUrl(relay.url), {
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': Buffer.alloc(16).toString('base64'),
    },
  }).end();
  await new Promise<void>((resolve) => {
    upgrade.on('upgrade', (_response, socket) => {
      socket.on('close', () => resolve());
      socket.on('error', () => undefined);
      socket.resume();
      socket.end(Buffer.from([0xff, 0xff, 0xff, 0xff]));
    });
  });
  await client.fence();
});

test('closing a relay ends its connections and frees its port', async () => {
  const relay = await under.start(streaming);
  const client = await under.connect(relay);
  await Promise.all([relay.close(), relay.close()]);
  await expect.poll(() => client.closeCode).toBeDefined();
  await expect(fetch(httpUrl(relay.url))).rejects.toThrow();
});

test('sockets that never become clients are bounded in number, and keep nobody out', async () => {
  const relay = await under.start(streaming, { limits: { maxWaiting: 5 } });
  const early = await under.connect(relay);
  await early.query({});
  const port = Number(new URL(relay.url).port);
  const silent = Array.from({ length: 20 }, () => connect({ host: '127.0.0.1', port }));
  const closed = silent.slice(0, 15).map((socket) => once(socket, 'close'));
  for (const socket of silent) socket.on('error', () => undefined);
  await Promise.all(closed);
  const late = await under.connect(relay);
  for (const client of [early, late]) expect(await client.query({})).toEqual([]);
  expect(silent.slice(15).filter((socket) => socket.destroyed).length).toBeLessThanOrEqual(1);
  for (const socket of silent) socket.destroy();
});

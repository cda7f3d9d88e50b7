import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { createFrameReader } from '../client/frame.js';
import { createKnownEvents } from '../client/known-events.js';
import { loadCorpus } from './load-corpus.js';
import type { LoadOrder } from './protocol.js';

const SIZE = 300;
const lines = Array.from({ length: SIZE }, (_, position) =>
  JSON.stringify({
    id: position.toString(16).padStart(64, '0'),
    pubkey: 'a'.repeat(64),
    created_at: position,
    kind: 1,
    tags: [],
    content: '',
    sig: 'b'.repeat(128),
  }),
);

type Reply = (accepted: boolean, reason?: string) => void;

/** A relay that does with each EVENT what the test says; its address, and what came. */
async function relay(onEvent: (reply: Reply, nth: number, socket: WebSocket) => void) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  await once(server, 'listening');
  let got = 0;
  server.on('connection', (socket) => {
    socket.on('message', (text) => {
      const [, event] = JSON.parse(String(text));
      got += 1;
      const reply: Reply = (accepted, reason = '') =>
        socket.send(JSON.stringify(['OK', event.id, accepted, reason]));
      onEvent(reply, got, socket);
    });
  });
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, got: () => got };
}

function load(url: string, order: Partial<LoadOrder> = {}, signal = new AbortController().signal) {
  const known = createKnownEvents(lines);
  const ids = lines.map((_, position) => known.idOf(position));
  const full = {
    relay: 'of the test',
    url,
    inFlight: 64,
    silenceMs: 300,
    secretKey: '1'.repeat(64),
    ...order,
  };
  const noAuth = () => {
    throw new Error('nobody asked for AUTH');
  };
  return loadCorpus(full, { lines, ids }, createFrameReader(known), noAuth, signal);
}

test('no more EVENTs than asked for wait for their OK, and every OK is counted', async () => {
  const held: Reply[] = [];
  let most = 0;
  const { url } = await relay((reply) => {
    held.push(reply);
    most = Math.max(most, held.length);
    setTimeout(() => held.shift()?.(true), 2);
  });
  const report = await load(url, { inFlight: 7 });
  expect(report).toMatchObject({ accepted: SIZE, refused: [], stopped: undefined });
  expect(most).toBe(7);
});

test('what is refused is told by position with the words of the relay', async () => {
  const { url } = await relay((reply, nth) => reply(nth % 100 !== 0, 'blocked: no'));
  const { accepted, refused } = await load(url);
  expect(accepted).toBe(SIZE - 3);
  expect(refused).toEqual([99, 199, 299].map((position) => ({ position, reason: 'blocked: no' })));
});

test('a relay that refuses everything is not asked for ever, one that took something is', async () => {
  const closed = await relay((reply) => reply(false, 'restricted: members only'));
  const report = await load(closed.url, { inFlight: 10, refusalsToGiveUp: 50 });
  expect(report).toMatchObject({ accepted: 0, stopped: 'refused' });
  expect(report.refused).toHaveLength(SIZE);
  expect(closed.got()).toBeLessThan(60);
  const picky = await relay((reply, nth) => reply(nth === 40, 'restricted: members only'));
  expect(await load(picky.url, { inFlight: 10, refusalsToGiveUp: 50 })).toMatchObject({
    accepted: 1,
    stopped: undefined,
  });
});

test('one that stops to answer is given up, and so is one that hangs up', async () => {
  const silent = await relay((reply, nth) => nth <= 20 && reply(true));
  expect(await load(silent.url)).toMatchObject({ accepted: 20, stopped: 'silent' });
  const rude = await relay((reply, nth, socket) => (nth <= 20 ? reply(true) : socket.close(1008, 'enough')));
  const report = await load(rude.url);
  expect(report).toMatchObject({ accepted: 20, stopped: 'disconnected' });
  expect(report.refused.at(-1)).toEqual({ position: SIZE - 1, reason: 'the connection ended: 1008 enough' });
});

test('it ends at once when it is interrupted, and where nobody listens', async () => {
  const interrupt = new AbortController();
  const slow = await relay((_, nth) => nth === 5 && interrupt.abort());
  expect(await load(slow.url, { silenceMs: 60_000 }, interrupt.signal)).toMatchObject({
    accepted: 0,
    stopped: 'interrupted',
  });
  expect(await load('ws://127.0.0.1:1')).toMatchObject({ accepted: 0, stopped: 'disconnected' });
});

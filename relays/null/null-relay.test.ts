import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import type { CannedAnswers } from '../relay.js';
import { type NullRelay, startNullRelay } from './null-relay.js';

const lines = [
  JSON.stringify({ id: '0'.repeat(64), content: 'grüße 🌍' }),
  JSON.stringify({ id: '1'.repeat(64), content: 'x'.repeat(300) }),
  JSON.stringify({ id: '2'.repeat(64), content: 'y'.repeat(70_000) }),
];
const published = JSON.stringify({ id: 'a'.repeat(64), content: '"to all"' });
const KINDS = '{"kinds":[1]}';
const TAGS = '{"#t":["ünï"]},{"limit":0}';

const script: Omit<CannedAnswers, 'corpusFile'> = {
  answers: [
    { filters: KINDS, events: [2, 0, 1] },
    { filters: TAGS, events: [] },
  ],
  deliveries: [{ id: 'a'.repeat(64), to: [1] }],
};

async function started(canned: Partial<CannedAnswers> = {}): Promise<NullRelay> {
  const dir = mkdtempSync(join(tmpdir(), 'reqbench-null-'));
  const corpusFile = join(dir, 'corpus.jsonl');
  const cannedFile = join(dir, 'canned.json');
  writeFileSync(corpusFile, `${lines.join('\n')}\n`);
  writeFileSync(cannedFile, JSON.stringify({ corpusFile, ...script, ...canned }));
  const relay = await startNullRelay({ host: '127.0.0.1', port: 0, cannedFile });
  onTestFinished(async () => {
    await relay.close();
    rmSync(dir, { recursive: true });
  });
  return relay;
}

/** A client that keeps what it got; `until` waits for the n-th message after the challenge. */
async function client(relay: NullRelay) {
  const socket = new WebSocket(`ws://127.0.0.1:${relay.port}`);
  const got: string[] = [];
  socket.on('message', (data) => got.push(String(data)));
  await new Promise((resolve) => socket.once('open', resolve));
  onTestFinished(() => socket.terminate());
  return {
    socket,
    send: (text: string) => socket.send(text),
    until: async (count: number) => {
      while (got.length < count + 1) await sleep(1);
      return got.slice(1);
    },
    challenge: async () => {
      while (got.length === 0) await sleep(1);
      return got[0];
    },
  };
}

test('a REQ gets its canned events, byte by byte and in order, and EOSE', async () => {
  const { send, until } = await client(await started());
  send(`["REQ","r1",${KINDS}]`);
  expect(await until(4)).toEqual([
    `["EVENT","r1",${lines[2]}]`,
    `["EVENT","r1",${lines[0]}]`,
    `["EVENT","r1",${lines[1]}]`,
    '["EOSE","r1"]',
  ]);
});

test('a COUNT gets the number of its canned events', async () => {
  const { send, until } = await client(await started());
  send(`["COUNT","q1",${KINDS}]`);
  send('["COUNT","q2",{"kinds":[9]}]');
  expect(await until(2)).toEqual(['["COUNT","q1",{"count":3}]', '["COUNT","q2",{"count":0}]']);
});

test('the same answer goes out under other subscription ids, of the same length and of others', async () => {
  const { send, until } = await client(await started({ answers: [{ filters: KINDS, events: [1, 2] }] }));
  const ids = ['r1', 'r2', 'a-longer-one', 'r1', 'ü', String.raw`q\"q`];
  for (const id of ids) send(`["REQ","${id}",${KINDS}]`);
  expect(await until(ids.length * 3)).toEqual(
    ids.flatMap((id) => [
      `["EVENT","${id}",${lines[1]}]`,
      `["EVENT","${id}",${lines[2]}]`,
      `["EOSE","${id}"]`,
    ]),
  );
});

test('filters that the script does not know get EOSE alone', async () => {
  const { send, until } = await client(await started());
  send('["REQ","r1",{"kinds":[2]}]');
  send(`["REQ","r2",${TAGS}]`);
  expect(await until(2)).toEqual(['["EOSE","r1"]', '["EOSE","r2"]']);
});

test('without a script every REQ gets EOSE', async () => {
  const relay = await startNullRelay({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => relay.close());
  const { send, until } = await client(relay);
  send('["REQ","r1",{}]');
  expect(await until(1)).toEqual(['["EOSE","r1"]']);
});

test('one challenge comes on connect; AUTH and EVENT get OK true unread', async () => {
  const { send, until, challenge } = await client(await started());
  expect(await challenge()).toMatch(/^\["AUTH","[0-9a-f]{32}"\]$/);
  const id = 'b'.repeat(64);
  send(`["AUTH",{"kind":22242,"id":"${id}"}]`);
  send(`["EVENT",${published}]`);
  expect(await until(2)).toEqual([`["OK","${id}",true,""]`, `["OK","${'a'.repeat(64)}",true,""]`]);
});

test('a publish reaches the open subscriptions that the script names, as it was published', async () => {
  const relay = await started();
  const [reader, other, writer] = [await client(relay), await client(relay), await client(relay)];
  reader.send(`["REQ","live",${TAGS}]`);
  reader.send(`["REQ","kinds","none"]`);
  other.send(`["REQ","shut",${TAGS}]`);
  other.send('["CLOSE","shut"]');
  other.send('["REQ","live",{"kinds":[9]}]');
  other.send(`["REQ","again",${TAGS}]`);
  await Promise.all([reader.until(2), other.until(3)]);
  expect(relay.subscriptions()).toBe(4);
  writer.send(`["EVENT",${published}]`);
  expect(await writer.until(1)).toEqual([`["OK","${'a'.repeat(64)}",true,""]`]);
  expect((await reader.until(3)).slice(2)).toEqual([`["EVENT","live",${published}]`]);
  expect((await other.until(4)).slice(3)).toEqual([`["EVENT","again",${published}]`]);
});

test('a REQ with an id in use replaces that subscription', async () => {
  const relay = await started();
  const { send, until } = await client(relay);
  send(`["REQ","r1",${TAGS}]`);
  send('["REQ","r1",{"kinds":[2]}]');
  send(`["EVENT",${published}]`);
  send('["REQ","end",{}]');
  expect((await until(4)).slice(2)).toEqual([`["OK","${'a'.repeat(64)}",true,""]`, '["EOSE","end"]']);
  expect(relay.subscriptions()).toBe(2);
});

test('the end of a connection ends its subscriptions', async () => {
  const relay = await started();
  const { socket, send, until } = await client(relay);
  send(`["REQ","r1",${TAGS}]`);
  await until(1);
  expect([relay.connections(), relay.subscriptions()]).toEqual([1, 1]);
  socket.close();
  const [code] = await new Promise<[number]>((resolve) => socket.once('close', (c) => resolve([c])));
  expect(code).toBe(1005);
  while (relay.connections() > 0) await sleep(1);
  expect(relay.subscriptions()).toBe(0);
});

test('a ping is answered and permessage-deflate declined', async () => {
  const { socket } = await client(await started());
  const pong = new Promise((resolve) => socket.once('pong', (data) => resolve(String(data))));
  socket.ping('still there?');
  expect(await pong).toBe('still there?');
  expect(socket.extensions).toBe('');
});

test('plain HTTP is told to upgrade', async () => {
  const relay = await started();
  const response = await fetch(`http://127.0.0.1:${relay.port}/`);
  expect(response.status).toBe(426);
});

test('a client that breaks the protocol loses its own connection only', async () => {
  const relay = await started();
  const socket = connect(relay.port, '127.0.0.1');
  onTestFinished(() => {
    socket.destroy();
  });
  const upgrade = `GET / HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
  socket.write(Buffer.concat([Buffer.from(upgrade), Buffer.from([0x81, 0x01, 0x61])]));
  const received: Buffer[] = [];
  socket.on('data', (chunk) => received.push(chunk));
  await new Promise((resolve) => socket.once('close', resolve));
  const all = Buffer.concat(received);
  expect(all.toString('latin1')).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n');
  expect(all.subarray(-4)).toEqual(Buffer.from([0x88, 0x02, 0x03, 0xea]));
  const { send, until } = await client(relay);
  send('["REQ","r1",{}]');
  expect(await until(1)).toEqual(['["EOSE","r1"]']);
});

test('a client that does not read is not answered further until it does', async () => {
  const relay = await started();
  const { socket, send, until } = await client(relay);
  const asked = 2_000;
  socket.pause();
  const before = process.memoryUsage().external;
  for (let i = 0; i < asked; i++) send(`["REQ","r${i % 10}",${KINDS}]`);
  await sleep(300);
  const owedBytes = asked * lines.join('').length;
  expect(process.memoryUsage().external - before).toBeLessThan(owedBytes / 4);
  socket.resume();
  expect((await until(asked * 4)).filter((text) => text.startsWith('["EOSE"'))).toHaveLength(asked);
});

test('a subscriber that does not read live events is cut off, and nobody else', async () => {
  const relay = await started();
  const [deaf, writer] = [await client(relay), await client(relay)];
  deaf.send(`["REQ","live",${TAGS}]`);
  await deaf.until(1);
  deaf.socket.pause();
  const large = JSON.stringify({ id: 'a'.repeat(64), content: 'z'.repeat(1_000_000) });
  const sent = 60;
  for (let i = 0; i < sent; i++) writer.send(`["EVENT",${large}]`);
  await writer.until(sent);
  while (relay.connections() > 1) await sleep(1);
  expect(relay.subscriptions()).toBe(0);
});

test('a script that names an event past its corpus is refused', async () => {
  await expect(started({ answers: [{ filters: KINDS, events: [0, 3] }] })).rejects.toThrow(
    /names event 3, but .* has 3 lines/,
  );
});

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  type ReferenceRelay,
  relaySettings,
  type Strategy,
  startReferenceRelay,
} from '../../relays/index.js';
import type { Log, LogFields } from '../../relays/server/log.js';
import { TestClient } from './client.js';
import { relaysUnderTest, strategies } from './relays.js';

const under = relaysUnderTest();

interface Line {
  readonly stage: string;
  readonly fields: LogFields;
}

function logTo(lines: Line[]): Log {
  const tell = (stage: string, fields: LogFields = {}): void => void lines.push({ stage, fields });
  return { tellsDebug: true, debug: tell, info: tell, warn: tell, error: tell };
}

interface Started {
  readonly relay: ReferenceRelay;
  readonly lines: Line[];
}

async function start(strategy: Strategy, pingEveryMs?: number): Promise<Started> {
  const lines: Line[] = [];
  const relay = under.keep(
    await startReferenceRelay({
      name: strategy.name,
      strategy,
      host: '127.0.0.1',
      port: 0,
      settings: relaySettings(),
      log: logTo(lines),
      pingEveryMs,
    }),
  );
  return { relay, lines };
}

/** A socket that says `bytes`, and all that comes back. */
async function say(
  relay: ReferenceRelay,
  bytes: string | Buffer,
): Promise<{ socket: Socket; got(): string }> {
  const socket = connect(relay.port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let got = '';
  socket.on('data', (data) => {
    got += data.toString('latin1');
  });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(bytes);
  return { socket, got: () => got };
}

const UPGRADE = [
  'GET / HTTP/1.1',
  'Host: x',
  'Upgrade: websocket',
  'Connection: Upgrade',
  `Sec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}`,
  'Sec-WebSocket-Version: 13',
];

/** A text frame of a client, masked with zeros, and its payload `length` bytes of `[`. */
function frame(firstByte: number, length: number): Buffer {
  const header = Buffer.alloc(14);
  header[0] = firstByte;
  header[1] = 0xff;
  header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, Buffer.alloc(length, '[')]);
}

describe.each(strategies)('bad input to $name', (strategy) => {
  test.each([
    ['no HTTP at all', 'hello\r\n\r\n', '400 Bad Request'],
    ['a TLS hello', Buffer.from('16030102000100', 'hex'), '400 Bad Request'],
    [
      'headers without end',
      `GET / HTTP/1.1\r\nX: ${'a'.repeat(100_000)}`,
      '431 Request Header Fields Too Large',
    ],
    [
      'an upgrade of another version',
      `${UPGRADE.join('\r\n').replace('13', '99')}\r\n\r\n`,
      '400 Bad Request',
    ],
  ])('%s is answered by its status, and the relay serves on', async (_, bytes, status) => {
    const { relay, lines } = await start(strategy);
    const { socket, got } = await say(relay, bytes);
    await once(socket, 'close');
    expect(got()).toMatch(new RegExp(`^HTTP/1.1 ${status}`));
    const isLogged = lines.some(({ stage }) => stage === 'broken request');
    expect(isLogged).toBe(!String(bytes).includes('Upgrade'));
    await (await under.connect(relay)).fence();
  });

  test.each([
    ['an unmasked frame', Buffer.from([0x81, 0x02, 0x5b, 0x5d]), 1002],
    ['a reserved opcode', frame(0x83, 0), 1002],
    ['a length of 2^63', Buffer.from([0x81, 0xff, ...Array(8).fill(0xff)]), 1009],
    ['a message over the limit', frame(0x81, 600_000), 1009],
    ['text that is not UTF-8', Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe]), 1007],
  ])('%s ends its connection with the right code and a log line, and no other', async (_, bytes, code) => {
    const { relay, lines } = await start(strategy);
    const other = await under.connect(relay);
    const { socket, got } = await say(relay, `${UPGRADE.join('\r\n')}\r\n\r\n`);
    await expect.poll(got).toContain('101');
    const handshake = got().length;
    socket.write(bytes);
    await once(socket, 'close');
    // A close frame: opcode 8, two bytes of code.
    const close = Buffer.from(got().slice(handshake), 'latin1');
    expect([close[0], close.readUInt16BE(2)]).toEqual([0x88, code]);
    expect(lines.map(({ stage }) => stage)).toContain('broken frame');
    await other.fence();
    await expect.poll(() => relay.connections()).toBe(1);
  });

  test.each([
    ['100,000 nested arrays', '['.repeat(100_000) + ']'.repeat(100_000), 'NOTICE'],
    ['arrays without end', '['.repeat(100_000), 'NOTICE'],
    ['a filter of 50,000 levels', `["REQ","x",${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}]`, 'CLOSED'],
    ['an id of 400,000 characters', `["REQ","${'i'.repeat(400_000)}",{}]`, 'CLOSED'],
    ['AUTH nobody asked for', '["AUTH",{"kind":22242}]', 'NOTICE'],
    ['__proto__ for a filter key', '["REQ","x",{"__proto__":{"ids":[]}}]', 'CLOSED'],
    ['a limit of 1e999', '["COUNT","x",{"limit":1e999}]', 'CLOSED'],
  ])('%s gets its answer, and the client is served on', async (_, text, label) => {
    const { relay } = await start(strategy);
    const client = await under.connect(relay);
    client.sendText(text);
    expect((await client.message(label))[0]).toBe(label);
    await client.fence();
  });

  test('a flood that is not read holds up nobody else, and its answers wait in bounds', async () => {
    const { relay } = await start(strategy);
    const flood = await under.connect(relay);
    flood.socket.pause();
    for (let i = 0; i < 20_000; i += 1) flood.sendText(`["REQ","s${i % 400}",{"kinds":[1]}]`);
    const other = await under.connect(relay);
    await other.fence();
    expect(relay.heldBytes()).toBeLessThan(2 ** 20);
    flood.socket.terminate();
    await expect.poll(() => relay.connections(), { timeout: 10_000 }).toBe(1);
    await other.fence();
  });

  test('a client that is gone without a word is cut off by the second ping; one that is idle stays', async () => {
    const { relay, lines } = await start(strategy, 100);
    const idle = await under.connect(relay);
    const gone = new WebSocket(relay.url, { autoPong: false });
    gone.on('error', () => undefined);
    onTestFinished(() => gone.terminate());
    await once(gone, 'close');
    expect(lines.filter(({ stage }) => stage === 'cut').map(({ fields }) => fields.reason)).toEqual([
      'no answer to a ping',
    ]);
    await idle.fence();
    expect(relay.connections()).toBe(1);
  });

  test('a client that ends its half of the socket in the middle of a frame is let go', async () => {
    const { relay } = await start(strategy);
    const { socket, got } = await say(relay, `${UPGRADE.join('\r\n')}\r\n\r\n`);
    await expect.poll(got).toContain('101');
    socket.end(frame(0x81, 100).subarray(0, 20));
    await expect.poll(() => relay.connections()).toBe(0);
    await (await TestClient.connect(relay.url)).close();
  });
});

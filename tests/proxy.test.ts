import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { startByteProxy, startMessageProxy, textMessage } from '../harness/proxy/index.js';

/** A WebSocket server that says everything back; gives its address. */
async function echo(): Promise<string> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  server.on('connection', (socket) => {
    socket.on('message', (data, binary) => socket.send(data as Buffer, { binary }));
    socket.on('error', () => {});
  });
  await once(server, 'listening');
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function connected(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  socket.on('error', () => {});
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  return socket;
}

type ByteOptions = Omit<Parameters<typeof startByteProxy>[0], 'upstream' | 'seed'>;

async function throughBytes(upstream: string, options: ByteOptions) {
  const proxy = await startByteProxy({ upstream, seed: 1, ...options });
  onTestFinished(() => proxy.close());
  return proxy;
}

/** Sends `text` and gives what comes back, and after how long. */
async function exchange(socket: WebSocket, text: string): Promise<{ text: string; ms: number }> {
  const startMs = performance.now();
  socket.send(text);
  const [data] = await once(socket, 'message');
  return { text: String(data), ms: performance.now() - startMs };
}

test('a perfect network changes nothing, however large the message', async () => {
  const { url } = await throughBytes(await echo(), {});
  const socket = await connected(url);
  const large = 'é'.repeat(3_000_000);
  expect((await exchange(socket, large)).text === large).toBe(true);
});

test('the end of a connection comes through with its code', async () => {
  const proxy = await throughBytes(await echo(), {});
  const socket = await connected(proxy.url);
  expect(proxy.connections()).toBe(1);
  socket.close(1000);
  const [code] = await once(socket, 'close');
  expect(code).toBe(1000);
  while (proxy.connections() > 0) await new Promise((resolve) => setTimeout(resolve, 5));
});

test('latency counts each way, and jitter never takes away more than it says', async () => {
  const { url } = await throughBytes(await echo(), { network: { latencyMs: 30, jitterMs: 10 } });
  const socket = await connected(url);
  for (const text of ['one', 'two', 'three']) {
    const answer = await exchange(socket, text);
    expect(answer.text).toBe(text);
    // Timers of Node may fire up to a millisecond early.
    expect(answer.ms).toBeGreaterThanOrEqual(2 * (30 - 10) - 2);
  }
});

test('messages keep their order, whatever the jitter', async () => {
  const { url } = await throughBytes(await echo(), { network: { latencyMs: 5, jitterMs: 5 } });
  const socket = await connected(url);
  const got: number[] = [];
  socket.on('message', (data) => got.push(Number(data)));
  for (let i = 0; i < 200; i++) {
    socket.send(String(i));
    if (i % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  while (got.length < 200) await once(socket, 'message');
  expect(got).toEqual(Array.from({ length: 200 }, (_, i) => i));
});

test('a bandwidth holds for what goes through: 20 kB at 100 kB/s take a fifth of a second each way', async () => {
  const { url } = await throughBytes(await echo(), {
    network: { latencyMs: 0, jitterMs: 0, bytesPerS: 100_000 },
  });
  const socket = await connected(url);
  expect((await exchange(socket, 'x'.repeat(20_000))).ms).toBeGreaterThanOrEqual(200);
});

test('a client that does not read makes the relay wait, not the proxy grow', async () => {
  const total = 64 * 1024 * 1024;
  let flushed = 0;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    const piece = Buffer.alloc(64 * 1024);
    const write = (): void => {
      while (flushed < total) {
        flushed += piece.length;
        if (!socket.write(piece)) return;
      }
    };
    socket.on('drain', write);
    write();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  const proxy = await throughBytes(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, {});
  const client: Socket = connect(Number(new URL(proxy.url).port), '127.0.0.1');
  client.pause();
  onTestFinished(() => {
    client.destroy();
  });
  let before = -1;
  while (flushed !== before) {
    before = flushed;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  // The window of 4 MiB, and what the kernel holds on four socket ends.
  expect(flushed).toBeLessThan(total / 2);
  expect(flushed).toBeGreaterThan(0);
});

test('a cut comes in mid-message: the client sees the connection end and no message', async () => {
  const { url } = await throughBytes(await echo(), { faultOf: () => ({ kind: 'cut', afterBytes: 5_000 }) });
  const socket = await connected(url);
  let got = 0;
  socket.on('message', () => {
    got += 1;
  });
  socket.send('x'.repeat(100_000));
  const [code] = await once(socket, 'close');
  expect({ code, got }).toEqual({ code: 1006, got: 0 });
});

test('half-open: nothing comes any more, and nothing says so', async () => {
  const { url } = await throughBytes(await echo(), {
    faultOf: (connection) => (connection === 1 ? { kind: 'half-open', afterBytes: 1_000 } : undefined),
  });
  const [stuck, other] = [await connected(url), await connected(url)];
  let got = 0;
  stuck.on('message', () => {
    got += 1;
  });
  stuck.send('x'.repeat(5_000));
  stuck.send('more');
  expect((await exchange(other, 'still here')).text).toBe('still here');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect({ got, state: stuck.readyState }).toEqual({ got: 0, state: WebSocket.OPEN });
});

test('an encrypted relay is refused with a word on what to do', async () => {
  await expect(startByteProxy({ upstream: 'wss://relay.example', seed: 1 })).rejects.toThrow(/ws:\/\//);
});

test('a tamper can drop, alter, add and delay messages, text and binary', async () => {
  const upstream = await echo();
  const proxy = await startMessageProxy({
    upstream,
    tamperOf: () => ({
      fromClient: (message, way) => way.toRelay(message),
      fromRelay(message, way) {
        const text = message.payload.toString();
        if (text === 'drop') return;
        if (text === 'twice') way.toClient(message);
        if (text === 'later') setTimeout(() => way.toClient(message), 20);
        else way.toClient(text === 'alter' ? textMessage('altered') : message);
      },
    }),
  });
  onTestFinished(() => proxy.close());
  const socket = await connected(proxy.url);
  const got: string[] = [];
  socket.on('message', (data, isBinary) => got.push(`${data}${isBinary ? ' binary' : ''}`));
  for (const text of ['drop', 'later', 'twice', 'alter']) socket.send(text);
  socket.send(Buffer.from('bytes'));
  while (got.length < 5) await once(socket, 'message');
  expect(got).toEqual(['twice', 'twice', 'altered', 'bytes binary', 'later']);
});

test('through the message proxy, a slow reader is felt by the other side', async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  await once(server, 'listening');
  const proxy = await startMessageProxy({
    upstream: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tamperOf: () => ({
      fromClient: (message, way) => way.toRelay(message),
      fromRelay: (message, way) => way.toClient(message),
    }),
  });
  onTestFinished(() => proxy.close());
  const accepted = once(server, 'connection');
  const client = await connected(proxy.url);
  client.pause();
  const [relay] = (await accepted) as [WebSocket];
  const piece = Buffer.alloc(256 * 1024);
  for (let sent = 0; sent < 256; sent++) relay.send(piece);
  let before = -1;
  while (relay.bufferedAmount !== before) {
    before = relay.bufferedAmount;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  expect(relay.bufferedAmount).toBeGreaterThan(16 * 1024 * 1024);
  client.resume();
  while (relay.bufferedAmount > 0) await once(client, 'message');
});

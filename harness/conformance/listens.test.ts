import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { listens } from './listens.js';

test('a server that takes connections listens, whatever it says; one that is gone does not', async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/path`;
  expect(await listens(url)).toBe(true);
  server.close();
  await once(server, 'close');
  expect(await listens(url)).toBe(false);
});

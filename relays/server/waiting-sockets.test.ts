import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { WaitingSockets } from './waiting-sockets.js';

class FakeSocket extends EventEmitter {
  isDestroyed = false;

  constructor(readonly remoteAddress: string) {
    super();
  }

  destroy(): void {
    this.isDestroyed = true;
    this.emit('close');
  }
}

function waitingRoom(limits: { maxWaiting?: number; maxConnectionsPerAddress?: number }) {
  const gaveWay: string[] = [];
  const waiting = new WaitingSockets({ maxWaiting: 0, maxConnectionsPerAddress: 0, ...limits }, (address) =>
    gaveWay.push(address),
  );
  const enter = (address: string): FakeSocket => {
    const socket = new FakeSocket(address);
    waiting.enter(socket);
    return socket;
  };
  return { waiting, gaveWay, enter };
}

test('past the bound, the one that has waited longest is closed', () => {
  const { waiting, gaveWay, enter } = waitingRoom({ maxWaiting: 2 });
  const [first, second, third] = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map(enter);
  expect([first, second, third].map((socket) => socket?.isDestroyed)).toEqual([true, false, false]);
  expect(gaveWay).toEqual(['192.0.2.1']);
  expect(waiting.size).toBe(2);
});

test('who has closed, or has become a client, makes room and is left alone', () => {
  const { waiting, gaveWay, enter } = waitingRoom({ maxWaiting: 2 });
  const [client, gone] = ['192.0.2.1', '192.0.2.2'].map(enter);
  if (client === undefined || gone === undefined) throw new Error('two sockets are needed');
  waiting.leave(client);
  gone.destroy();
  expect(waiting.size).toBe(0);
  expect(client.listenerCount('close')).toBe(0);
  for (let i = 0; i < 3; i += 1) enter('192.0.2.3');
  expect(client.isDestroyed).toBe(false);
  expect(gaveWay).toEqual(['192.0.2.3']);
});

test('one address is bounded by itself, and loopback is not', () => {
  const { gaveWay, enter } = waitingRoom({ maxConnectionsPerAddress: 1 });
  for (const address of ['127.0.0.1', '::1', '127.0.0.1', '192.0.2.1', '192.0.2.2']) enter(address);
  expect(gaveWay).toEqual([]);
  enter('::ffff:192.0.2.1');
  expect(gaveWay).toEqual(['192.0.2.1']);
});

test('0 bounds nothing', () => {
  const { waiting, enter } = waitingRoom({});
  for (let i = 0; i < 50; i += 1) enter('192.0.2.1');
  expect(waiting.size).toBe(50);
});

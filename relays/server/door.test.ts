import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { type RelayLimits, relaySettings } from '../relay.js';
import type { Strategy } from '../strategy.js';
import { Door, placeOf } from './door.js';

const request = new IncomingMessage(new Socket());

function door(limits: Partial<RelayLimits>, strategy: Partial<Strategy> = {}): Door {
  const converse = () => ({ subscriptions: 0, receive: () => undefined, end: () => undefined });
  return new Door({ name: 'test', converse, ...strategy }, relaySettings({ limits }));
}

test('all connections taken: 503, until one ends', () => {
  const held = door({ maxConnections: 2 });
  held.enter('192.0.2.1');
  expect(held.refusalForWantOfRoom('127.0.0.1')).toBeUndefined();
  held.enter('127.0.0.1');
  expect(held.refusalForWantOfRoom('127.0.0.1')).toEqual({
    status: '503 Service Unavailable',
    reason: 'rate-limited: 2 clients are connected',
  });
  held.leave('192.0.2.1');
  expect(held.refusalForWantOfRoom('198.51.100.7')).toBeUndefined();
  expect(held.turnedAway('full')).toBe(1);
});

test('all connections of an address taken: 429 for that one alone, and never for loopback', () => {
  const held = door({ maxConnectionsPerAddress: 1 });
  for (const address of ['192.0.2.1', '::ffff:127.0.0.1', '127.0.0.1', '::1']) held.enter(address);
  expect(held.refusalForWantOfRoom('::ffff:192.0.2.1')?.status).toBe('429 Too Many Requests');
  for (const address of ['192.0.2.2', '127.0.0.1', '::1', '::ffff:127.0.0.1']) {
    expect(held.refusalForWantOfRoom(address)).toBeUndefined();
  }
  held.leave('192.0.2.1');
  expect(held.refusalForWantOfRoom('192.0.2.1')).toBeUndefined();
  expect(held.turnedAway('address')).toBe(1);
});

test('bounds of 0 bound nothing', () => {
  const open = door({ maxConnections: 0, maxConnectionsPerAddress: 0 });
  for (let i = 0; i < 100; i += 1) open.enter('192.0.2.1');
  expect(open.refusalForWantOfRoom('192.0.2.1')).toBeUndefined();
});

test('lists and hooks come first, and a hook that throws turns away', async () => {
  const refusals = [
    door({}, { admits: () => false }).refusal(request, '192.0.2.1'),
    door({}, { refusalToConnect: () => 'blocked: not you' }).refusal(request, '192.0.2.1'),
    door({}, { refusalToConnect: () => Promise.reject(new Error('by design')) }).refusal(
      request,
      '192.0.2.1',
    ),
    door({}).refusal(request, '192.0.2.1'),
  ];
  expect(await Promise.all(refusals)).toEqual([
    { status: '403 Forbidden', reason: '' },
    { status: '429 Too Many Requests', reason: 'blocked: not you' },
    { status: '429 Too Many Requests', reason: 'error: it could not be decided whether to let you in' },
    undefined,
  ]);
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['2001:db8:1:2::', '2001:db8:1:2'],
  ['::1', '0:0:0:0'],
])('%s counts under %s', (address, place) => {
  expect(placeOf(address)).toBe(place);
});

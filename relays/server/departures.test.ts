import { setImmediate as nextPass } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Departures } from './departures.js';

function station(isAwaited: boolean) {
  const turns = { isAwaited };
  const clock = { nowMs: 0 };
  const left: string[] = [];
  const departures = new Departures(turns, () => clock.nowMs);
  const add = (name: string): void => departures.add({ depart: () => left.push(name) });
  return { turns, clock, left, add };
}

const aTick = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

test('leaves when the work at hand rests, all in the order in which they came', async () => {
  const { left, add } = station(false);
  add('a');
  add('b');
  expect(left).toEqual([]);
  await aTick();
  expect(left).toEqual(['a', 'b']);
});

test('waits while others wait for their turn, and takes along who comes meanwhile', async () => {
  const { turns, left, add } = station(true);
  add('a');
  await nextPass();
  add('b');
  await nextPass();
  expect(left).toEqual([]);
  turns.isAwaited = false;
  await nextPass();
  expect(left).toEqual(['a', 'b']);
});

test('waits no longer than its bound, however busy the relay is', async () => {
  const { clock, left, add } = station(true);
  add('a');
  await nextPass();
  clock.nowMs = 1_000;
  await nextPass();
  expect(left).toEqual(['a']);
  add('b');
  await nextPass();
  expect(left).toEqual(['a']);
});

import { expect, test } from 'vitest';
import { Turns } from './turns.js';

/** Turns that write down who has them. */
function played(orders: readonly (readonly string[])[]) {
  const log: string[] = [];
  const turns = new Turns(orders);
  const ask = (relay: string, turn: number): void =>
    turns.ask(relay, turn, () => log.push(`${relay} ${turn}`));
  return { log, turns, ask };
}

const ABBA = [
  ['a', 'b'],
  ['b', 'a'],
];

test('turns are given in their order, whoever asks first, and one at a time', () => {
  const { log, turns, ask } = played(ABBA);
  ask('b', 0);
  expect(log).toEqual([]);
  ask('a', 0);
  expect(log).toEqual(['a 0']);
  turns.pass('a');
  expect(log).toEqual(['a 0', 'b 0']);
  ask('a', 1);
  turns.pass('b');
  expect(log).toEqual(['a 0', 'b 0']);
  ask('b', 1);
  turns.pass('b');
  expect(log).toEqual(['a 0', 'b 0', 'b 1', 'a 1']);
});

test('only who has the turn can pass it', () => {
  const { log, turns, ask } = played(ABBA);
  ask('a', 0);
  ask('b', 0);
  turns.pass('b');
  expect(log).toEqual(['a 0']);
});

test('the turn of a relay that leaves goes on, in the middle of it, while it waits, and where it had not asked', () => {
  const { log, turns, ask } = played([
    ['a', 'b', 'c'],
    ['c', 'b', 'a'],
  ]);
  ask('b', 0);
  turns.leave('a');
  expect(log).toEqual(['b 0']);
  ask('c', 0);
  turns.leave('b');
  expect(log).toEqual(['b 0', 'c 0']);
  turns.pass('c');
  ask('c', 1);
  expect(log).toEqual(['b 0', 'c 0', 'c 1']);
  turns.leave('c');
});

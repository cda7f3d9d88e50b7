import { expect, test } from 'vitest';
import { machineWarnings } from './machine-warnings.js';

const calm = { others: 0.03, steal: 0, runQueue: 2, pressure: 0.1 };
const busy = { others: 0.4, steal: 0, runQueue: 5, pressure: 0.8 };
const rounds = (...loads: (typeof calm)[]) => ({
  name: 'mine',
  machine: new Map(loads.map((load, index) => [index + 1, load])),
});

test('a quiet machine is not worth a word', () => {
  expect(machineWarnings(rounds(calm, calm))).toEqual([]);
  expect(machineWarnings(rounds())).toEqual([]);
});

test('one disturbed round of many is told, and spoils nothing', () => {
  const [warning] = machineWarnings(rounds(calm, busy, calm, calm, calm));
  expect(warning?.text).toContain('in 1 of 5 rounds of mine, most in round 2');
  expect(warning?.spoils).toEqual([]);
});

test('a quarter of the rounds spoils what was timed', () => {
  const [warning] = machineWarnings(rounds(calm, busy, calm, { ...calm, steal: 0.5 }));
  expect(warning?.text).toContain('the host took 50 % of all cores away (steal)');
  expect(warning?.spoils).toEqual(['mine']);
});

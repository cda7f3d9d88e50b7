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
  expect(machineWarnings(rounds(calm, busy, calm, calm, calm))).toEqual([
    {
      code: 'machine-load',
      text: 'other load in 1 of 5 rounds of mine, most in round 2: other programs took 40 % of all cores (tolerated: 10 %); too few rounds to move its medians, so nothing is spoiled',
      spoils: [],
    },
  ]);
});

test('a quarter of the rounds spoils what was timed: what was seen, what comes of it and what to do are said', () => {
  const [byPrograms] = machineWarnings(rounds(busy));
  expect(byPrograms).toMatchObject({
    text: 'other load in 1 of 1 round of mine, most in round 1: other programs took 40 % of all cores (tolerated: 10 %); its times include waiting for them, so they are neither compared nor gated; end other programs and run again',
    spoils: ['mine'],
  });
  const [byHost] = machineWarnings(rounds(calm, busy, calm, { ...calm, steal: 0.5 }));
  expect(byHost?.text).toContain('the host of this virtual machine took 50 % of all cores away (steal;');
  expect(byHost?.text).toMatch(/; run again when the host is quieter, or elsewhere$/);
  expect(byHost?.spoils).toEqual(['mine']);
});

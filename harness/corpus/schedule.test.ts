import { expect, test } from 'vitest';
import { drawSchedule } from './schedule.js';
import { LIST_KINDS } from './specification.js';

test('a list has no two versions of one second, even where one person writes everything', () => {
  const { slots } = drawSchedule({ events: 100_000, authors: 1, seed: 1 });
  for (const kind of LIST_KINDS) {
    const times = slots.filter((slot) => slot.kind === kind).map(({ offsetS }) => offsetS);
    expect(times.length).toBeGreaterThan(3000);
    expect(new Set(times).size).toBe(times.length);
  }
});

test('signers are numbered by first appearance, people listed by rank', () => {
  const { slots, people } = drawSchedule({ events: 2000, authors: 50, seed: 1 });
  const appeared = [...new Set(slots.map(({ signer }) => signer))];
  expect(appeared).toEqual(appeared.map((_, number) => number));
  const notesBy = (signer: number | undefined) =>
    slots.filter((slot) => slot.signer === signer && slot.kind === 1).length;
  expect(people).toHaveLength(50);
  expect(notesBy(people[0])).toBeGreaterThan(5 * notesBy(people[49]));
});

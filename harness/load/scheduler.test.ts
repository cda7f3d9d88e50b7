import { expect, test } from 'vitest';
import { NS_PER_MS, nowNs } from '../clock.js';
import { createScheduler } from './scheduler.js';

test('due times fire in order of time, whatever order they were asked in, and never early', async () => {
  const scheduler = createScheduler(nowNs);
  const start = nowNs();
  const fired: number[] = [];
  const early: number[] = [];
  const offsets = [31, 2, 17, 5, 5, 23, 11, 0, 29, 3].map((ms) => ms * NS_PER_MS);
  await Promise.all(
    offsets.map(async (offset) => {
      await scheduler.at(start + offset);
      if (nowNs() < start + offset) early.push(offset);
      fired.push(offset);
    }),
  );
  expect(early).toEqual([]);
  expect(fired).toEqual([...offsets].sort((a, b) => a - b));
});

test('an earlier due time asked for later is not held back by the timer of a later one', async () => {
  const scheduler = createScheduler(nowNs);
  const start = nowNs();
  const order: string[] = [];
  await Promise.all([
    scheduler.at(start + 200 * NS_PER_MS).then(() => order.push('late')),
    scheduler.at(start + 20 * NS_PER_MS).then(() => order.push('soon')),
  ]);
  expect(order).toEqual(['soon', 'late']);
});

test('polling with nothing to do counts as idle', async () => {
  const scheduler = createScheduler(nowNs);
  await scheduler.at(nowNs() + 1.2 * NS_PER_MS);
  expect(scheduler.idlePollNs()).toBeGreaterThan(0);
});

test('at the end of a round everything that waits is told so', async () => {
  const scheduler = createScheduler(nowNs);
  const waiting = scheduler.at(nowNs() + 1e12);
  scheduler.end();
  expect(await waiting).toBe(false);
  expect(await scheduler.at(nowNs())).toBe(false);
});

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { nowNs } from '../clock.js';
import { createGeneratorWatch } from './generator-watch.js';

function block(ms: number): void {
  const untilNs = nowNs() + ms * 1e6;
  while (nowNs() < untilNs);
}

test('what happens between two parts of the window is no delay, and what happens in them is', async () => {
  const watch = createGeneratorWatch(() => 0, nowNs);
  watch.resume();
  await sleep(40);
  watch.pause();
  block(1_500);
  await sleep(40);
  watch.resume();
  await sleep(40);
  watch.pause();
  expect(watch.sample()?.eventLoopDelayMs.max).toBeLessThan(1_500);
  watch.resume();
  await sleep(40);
  block(1_500);
  await sleep(40);
  watch.pause();
  expect(watch.sample()?.eventLoopDelayMs.max).toBeGreaterThan(1_000);
}, 30_000);

test('percentiles are those of all parts together, and not of the worst', async () => {
  const watch = createGeneratorWatch(() => 0, nowNs);
  watch.resume();
  await sleep(20);
  block(500);
  await sleep(20);
  watch.pause();
  watch.resume();
  await sleep(3_000);
  watch.pause();
  const delay = watch.sample()?.eventLoopDelayMs;
  expect(delay?.max).toBeGreaterThan(400);
  expect(delay?.p99).toBeLessThan((delay?.max ?? 0) / 2);
}, 30_000);

test('a generator that never measured has nothing to say', () => {
  expect(createGeneratorWatch(() => 0, nowNs).sample()).toBeUndefined();
});

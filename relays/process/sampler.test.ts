import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { RelaySample } from '../relay.js';
import { startSampling } from './sampler.js';

const BLOCK_MS = 300;

function block(): void {
  const end = performance.now() + BLOCK_MS;
  while (performance.now() < end);
}

test('a blocked event loop shows in the samples, whenever it was blocked', async () => {
  const samples: RelaySample[] = [];
  let blockNow = false;
  startSampling({ connections: () => 3, subscriptions: () => 4 }, (sample) => {
    samples.push(sample);
    if (!blockNow) return;
    blockNow = false;
    block();
  });
  const largestDelay = async (during: () => void) => {
    await sleep(120);
    samples.length = 0;
    during();
    await sleep(BLOCK_MS + 200);
    return Math.max(...samples.map((sample) => sample.eventLoopDelayMs));
  };
  expect(await largestDelay(block)).toBeGreaterThan(BLOCK_MS * 0.7);
  const rightAfterSample = await largestDelay(() => {
    blockNow = true;
  });
  expect(rightAfterSample).toBeGreaterThan(BLOCK_MS * 0.7);
  expect(samples.at(-1)).toMatchObject({ connections: 3, subscriptions: 4 });
  expect(samples.at(-1)?.heapUsedBytes).toBeGreaterThan(0);
});

test('garbage collections are told with the sample after them', async () => {
  const samples: RelaySample[] = [];
  startSampling({ connections: () => 0, subscriptions: () => 0 }, (sample) => samples.push(sample));
  const garbage = () => Array.from({ length: 100_000 }, (_, index) => ({ index }));
  const until = performance.now() + 10_000;
  while (!samples.some(({ gc }) => (gc?.count ?? 0) > 0) && performance.now() < until) {
    garbage();
    await sleep(1);
  }
  const seen = samples.find(({ gc }) => (gc?.count ?? 0) > 0)?.gc;
  expect(seen?.longestMs).toBeGreaterThan(0);
  expect(seen?.pauseMs).toBeGreaterThanOrEqual(seen?.longestMs ?? 0);
});

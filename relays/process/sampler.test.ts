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

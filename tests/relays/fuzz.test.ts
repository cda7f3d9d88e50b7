import { expect, test } from 'vitest';
import { fuzz } from '../../scripts/fuzz/run.js';

test.each([
  ['streaming', 0],
  ['batched', 0],
  ['streaming', 2],
  ['batched', 2],
])(
  '%s with %i verification threads survives hostile clients, and nothing of them stays',
  { timeout: 120_000 },
  async (relay, verifyThreads) => {
    const report = await fuzz({ relay, verifyThreads, seed: 7, messages: 8_000 });
    expect(report).toMatchObject({ failures: [], messages: 8_000 });
  },
);

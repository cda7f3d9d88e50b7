import { expect, test } from 'vitest';
import { fuzz } from '../../scripts/fuzz/run.js';

test.each(['streaming', 'batched'])(
  '%s survives hostile clients, and nothing of them stays',
  {
    timeout: 120_000,
  },
  async (relay) => {
    const report = await fuzz({ relay, seed: 7, messages: 8_000 });
    expect(report).toMatchObject({ failures: [], messages: 8_000 });
  },
);

import { describe, expect, it } from 'vitest';
import { patienceSpent } from './patience.js';

describe('the patience with an answer', () => {
  const relay = (roundTripNowMs: number | undefined) => ({
    roundTripMs: 0.1,
    leastPatienceMs: 20,
    pulse: { take: async () => roundTripNowMs },
  });

  it('is a hundred round trips as they are when it would end', async () => {
    expect(await patienceSpent(relay(1))).toBe(100);
  });

  it('is what it was where the relay is as fast as before, or answers nobody', async () => {
    expect(await patienceSpent(relay(0.1))).toBe(20);
    expect(await patienceSpent(relay(undefined))).toBe(20);
  });
});

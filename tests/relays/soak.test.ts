import { describe, expect, test } from 'vitest';
import { soakConnections, soakLookUps } from '../../scripts/soak/soak.js';
import { strategies } from './relays.js';

const NOTHING_LEFT = { connectionsLeft: 0, subscriptionsLeft: 0, heldBytesLeft: 0 };

/** `npm run soak` plays 10,000 cycles of each. A kept connection weighs some 10 kB, a kept subscription some 500 bytes. */
describe.each(strategies)('of what comes and goes, nothing stays: $name', { timeout: 60_000 }, (strategy) => {
  test('after 1,000 connections with a REQ each', async () => {
    const report = await soakConnections(strategy, 1_000);
    expect(report).toMatchObject(NOTHING_LEFT);
    expect(report.descriptorGrowth).toBeLessThanOrEqual(0);
    expect(report.heapGrowthBytes / report.cycles).toBeLessThan(1_500);
  });

  test('after 4,000 look-ups by id', async () => {
    const report = await soakLookUps(strategy, 4_000);
    expect(report).toMatchObject(NOTHING_LEFT);
    expect(report.descriptorGrowth).toBeLessThanOrEqual(0);
    expect(report.heapGrowthBytes / report.cycles).toBeLessThan(300);
  });
});

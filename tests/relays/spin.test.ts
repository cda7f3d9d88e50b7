import { describe, expect, test } from 'vitest';
import { median } from '../../harness/measure/statistics.js';
import { relaysUnderTest, strategies } from './relays.js';

const under = relaysUnderTest();

describe.each(strategies)('a source that spins: $name', (strategy) => {
  test('makes every REQ slower, once a filter', { timeout: 30_000 }, async () => {
    const spins = [0, 10_000];
    const clients = await Promise.all(
      spins.map(async (spinUs) => under.connect(await under.start(strategy, { source: { spinUs } }))),
    );
    const ratios: number[] = [];
    const ofTwoFilters: number[] = [];
    for (let round = 0; round < 9; round += 1) {
      const took: number[] = [];
      for (const client of clients) {
        const start = performance.now();
        await client.query({ kinds: [1] });
        const between = performance.now();
        await client.query({ kinds: [1] }, { kinds: [7] });
        took.push(between - start, performance.now() - between);
      }
      const [plainOne = 0, plainTwo = 0, spunOne = 0, spunTwo = 0] = took;
      ratios.push(spunOne / plainOne);
      ofTwoFilters.push((spunTwo - plainTwo) / (spunOne - plainOne));
    }
    expect(median(ratios)).toBeGreaterThan(2);
    expect(median(ofTwoFilters)).toBeGreaterThan(1.4);
  });
});

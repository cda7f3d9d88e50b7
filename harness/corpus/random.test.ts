import { expect, test } from 'vitest';
import { Random, randomStream, Zipf } from './random.js';

test('a stream is what its seed and name make it', () => {
  const drawn = (seed: number, name: string) => {
    const random = randomStream(seed, name);
    return [random.uint32(), random.below(1000), random.fraction()];
  };
  expect(drawn(42, 'a')).toEqual(drawn(42, 'a'));
  expect(drawn(42, 'a')).not.toEqual(drawn(42, 'b'));
  expect(drawn(42, 'a')).not.toEqual(drawn(43, 'a'));
});

test('seeds that differ past 32 bits differ', () => {
  expect(randomStream(1, 'a').uint32()).not.toBe(randomStream(1 + 2 ** 32, 'a').uint32());
});

test('below draws again what would favour small numbers', () => {
  const outputs = [-1, 7];
  const random = new Random({ next: () => outputs.shift() ?? 0 });
  expect(random.below(10)).toBe(7);
});

test('weights are kept', () => {
  const random = randomStream(1, 'weights');
  const choices = [
    { weight: 1, value: 'rare' },
    { weight: 9, value: 'common' },
  ];
  const rare = Array.from({ length: 10_000 }, () => random.weighted(choices)).filter(
    (value) => value === 'rare',
  );
  expect(rare.length).toBeGreaterThan(850);
  expect(rare.length).toBeLessThan(1150);
});

test('a rank of Zipf comes 1 / (rank + 1) times as often as the first', () => {
  const random = randomStream(1, 'zipf');
  const zipf = new Zipf(100);
  const counts = Array.from({ length: 100 }, () => 0);
  for (let draws = 0; draws < 100_000; draws++) {
    const rank = zipf.draw(random);
    counts[rank] = (counts[rank] ?? 0) + 1;
  }
  for (const rank of [0, 1, 4, 19]) {
    const expected = 100_000 / (rank + 1) / 5.187_377_517_639_621;
    expect(Math.abs((counts[rank] ?? 0) - expected), `rank ${rank}`).toBeLessThan(5 * Math.sqrt(expected));
  }
  expect(counts[99]).toBeGreaterThan(0);
});

test('Zipf among the first few stays among them', () => {
  const random = randomStream(1, 'few');
  const zipf = new Zipf(100);
  const ranks = new Set(Array.from({ length: 1000 }, () => zipf.draw(random, 3)));
  expect(ranks).toEqual(new Set([0, 1, 2]));
});

import { expect, test } from 'vitest';
import { PhaseClock } from './phase-clock.js';

test('a due time belongs to the phase that was running then', () => {
  const clock = new PhaseClock();
  clock.begin({ name: 'warm-up', measure: false, durationMs: undefined }, 100);
  expect(clock.at(99)).toBeUndefined();
  expect(clock.at(5_000)?.name).toBe('warm-up');
  clock.end(1_000);
  clock.begin({ name: 'steady', measure: true, durationMs: 1 }, 2_000);
  expect(clock.at(1_500)).toBeUndefined();
  expect(clock.at(999)?.name).toBe('warm-up');
  expect(clock.at(2_000)?.name).toBe('steady');
  expect(clock.at(2_000 + 1e6)).toBeUndefined();
});

test('a phase with a duration is not prolonged by sessions that outlive it', () => {
  const clock = new PhaseClock();
  clock.begin({ name: 'steady', measure: true, durationMs: 1 }, 0);
  clock.end(9e9);
  expect(clock.spans()[0]?.endNs).toBe(1e6);
});

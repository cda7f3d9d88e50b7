import { expect, test } from 'vitest';
import { HeldBytes, jsonBytes } from './held-bytes.js';

test('counts by purpose and in all, and what was let go is gone', () => {
  const held = new HeldBytes();
  held.add('answers', 100);
  held.add('outboxes', 30);
  held.add('answers', -60);
  expect([held.of('answers'), held.of('outboxes'), held.of('caches'), held.total]).toEqual([40, 30, 0, 70]);
});

test('the peak is the most since it was last asked, and never less than what is held now', () => {
  const held = new HeldBytes();
  held.add('answers', 100);
  held.add('answers', -90);
  expect(held.takePeak()).toBe(100);
  expect(held.takePeak()).toBe(10);
});

test('of events their JSON counts, from where one wants', () => {
  const events = [{ json: Buffer.alloc(3) }, { json: Buffer.alloc(4) }, { json: Buffer.alloc(5) }];
  expect([jsonBytes(events), jsonBytes(events, 1), jsonBytes(events, 3)]).toEqual([12, 9, 0]);
});

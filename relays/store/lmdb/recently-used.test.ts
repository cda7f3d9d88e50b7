import { expect, test } from 'vitest';
import { RecentlyUsed } from './recently-used.js';

test('what is asked for stays, what is not goes, and the weight keeps its bound', () => {
  const recent = new RecentlyUsed<number, string>(20);
  for (let i = 0; i < 100; i += 1) {
    recent.put(i, `value ${i}`, 1);
    expect(recent.get(0)).toBe('value 0');
    expect(recent.weight).toBeLessThanOrEqual(20);
  }
  expect(recent.get(99)).toBe('value 99');
  expect(recent.get(50)).toBeUndefined();
});

test('a value that is put again weighs what it weighs now; one that is deleted, nothing', () => {
  const recent = new RecentlyUsed<string, number>(100);
  recent.put('a', 1, 10);
  recent.put('a', 2, 30);
  recent.put('b', 3, 5);
  expect([recent.get('a'), recent.weight]).toEqual([2, 35]);
  recent.delete('a');
  expect([recent.get('a'), recent.weight]).toEqual([undefined, 5]);
});

test('one value that is heavier than the bound goes with the next', () => {
  const recent = new RecentlyUsed<string, number>(10);
  recent.put('heavy', 1, 50);
  recent.put('light', 2, 5);
  expect([recent.get('heavy'), recent.weight]).toEqual([undefined, 5]);
});

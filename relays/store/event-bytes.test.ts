import { expect, test } from 'vitest';
import { EventBytes } from './event-bytes.js';

test('what is kept has the bytes that were given, whatever happens to those', () => {
  const bytes = new EventBytes();
  const given = Array.from({ length: 500 }, (_, i) => Buffer.from(`event ${i} `.repeat(i)));
  const wanted = given.map((json) => json.toString());
  const kept = given.map((json) => bytes.keep(json));
  for (const json of given) json.fill(0);
  expect(kept.map((json) => Buffer.from(json).toString())).toEqual(wanted);
});

test('small events share memory with one another, and with nothing else', () => {
  const bytes = new EventBytes();
  const kept = Array.from({ length: 200 }, () => {
    Buffer.from('of another message '.repeat(100));
    return bytes.keep(Buffer.from('x'.repeat(600)));
  });
  const slabs = new Set(kept.map(({ buffer }) => buffer));
  const held = [...slabs].reduce((sum, { byteLength }) => sum + byteLength, 0);
  expect(held).toBeLessThan(2 * 200 * 600);
});

test('a large one has memory of its own', () => {
  const kept = new EventBytes().keep(Buffer.alloc(100_000));
  expect(kept.buffer.byteLength).toBe(100_000);
});

import { expect, it } from 'vitest';
import { WireRecord } from './wire-record.js';

it('keeps the end of a flood, and says how much of it was left out', () => {
  const record = new WireRecord(() => 0);
  const connection = record.opened();
  const COUNT = 123_456;
  for (let index = 1; index <= COUNT; index += 1) record.add(connection, 'got', `message ${index}`);
  const [note, ...lines] = record.excerpt();
  expect(lines.at(-1)?.text).toBe(`message ${COUNT}`);
  expect(lines[0]?.text).toBe(`message ${COUNT - lines.length + 1}`);
  expect(record.leftOut).toBe(COUNT + 1 - record.lines.length);
  expect(note?.text).toBe(`${COUNT + 1 - lines.length} earlier lines left out`);
});

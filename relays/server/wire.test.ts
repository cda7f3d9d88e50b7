import { expect, test } from 'vitest';
import { frameLength, joinFrames, type TextFrame } from './wire.js';

const text = (length: number): TextFrame => 'x'.repeat(length);

// RFC 6455, section 5.2: the shortest length encoding that fits, big-endian, no mask from a server.
test.each([
  [0, [0x81, 0]],
  [125, [0x81, 125]],
  [126, [0x81, 126, 0, 126]],
  [65_535, [0x81, 126, 0xff, 0xff]],
  [65_536, [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]],
])('a text of %i bytes has the right header', (length, header) => {
  const frame = text(length);
  const bytes = joinFrames([frame], frameLength(frame));
  expect(bytes).toHaveLength(header.length + length);
  expect([...bytes.subarray(0, header.length)]).toEqual(header);
});

test('a text is counted and written in bytes, not in characters', () => {
  const frame = '["NOTICE","ü 🐢 \ud800"]';
  const bytes = joinFrames([frame], frameLength(frame));
  expect(bytes[1]).toBe(bytes.length - 2);
  expect(bytes.subarray(2)).toEqual(Buffer.from(frame));
});

test('frames are joined whole, an event between its head and the closing bracket', () => {
  const frames = [{ head: Buffer.from('["EVENT","s",'), event: Buffer.from('{}') }, text(2)];
  const total = frames.reduce((sum, frame) => sum + frameLength(frame), 0);
  expect(joinFrames(frames, total).toString('latin1')).toBe('\x81\x10["EVENT","s",{}]\x81\x02xx');
});

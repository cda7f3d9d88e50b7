import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameError, FrameReader } from './frame-reader.js';
import { headerBytes, Opcode, writeHeader } from './frames.js';

/** A frame as a client sends it: masked. */
function clientFrame(payload: Buffer, opcode: number = Opcode.text, final = true): Buffer {
  const key = Buffer.from([0x12, 0x34, 0x56, 0x78]);
  const header = Buffer.alloc(headerBytes(payload.length));
  writeHeader(header, 0, opcode, payload.length);
  header[1] = (header[1] ?? 0) | 0x80;
  if (!final) header[0] = (header[0] ?? 0) & 0x7f;
  return Buffer.concat([header, key, payload.map((byte, i) => byte ^ (key[i & 3] ?? 0))]);
}

function messagesOf(stream: Buffer, chunkBytes: readonly number[]): string[] {
  const reader = new FrameReader();
  const messages: string[] = [];
  for (let at = 0, turn = 0; at < stream.length; turn++) {
    const end = at + (chunkBytes[turn % chunkBytes.length] ?? 1);
    reader.push(Buffer.from(stream.subarray(at, end)));
    at = end;
    for (let m = reader.next(); m; m = reader.next())
      messages.push(`${m.opcode}:${m.payload.toString('latin1')}`);
  }
  return messages;
}

test('messages come out whole and in order, however the stream is cut', () => {
  const chunkBytes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 });
  const payloads = fc.array(fc.string({ maxLength: 300, unit: 'binary-ascii' }), { maxLength: 8 });
  fc.assert(
    fc.property(payloads, chunkBytes, (texts, cuts) => {
      const stream = Buffer.concat(texts.map((text) => clientFrame(Buffer.from(text))));
      expect(messagesOf(stream, cuts)).toEqual(texts.map((text) => `1:${text}`));
    }),
  );
});

test.each([0, 125, 126, 65_535, 65_536, 300_000])('a payload of %i bytes is read', (length) => {
  const text = 'x'.repeat(length);
  expect(messagesOf(clientFrame(Buffer.from(text)), [64 * 1024])).toEqual([`1:${text}`]);
});

test('a message in fragments is put together, a ping between them comes first', () => {
  const stream = Buffer.concat([
    clientFrame(Buffer.from('["RE'), Opcode.text, false),
    clientFrame(Buffer.from('Q",'), Opcode.continuation, false),
    clientFrame(Buffer.from('hi'), Opcode.ping),
    clientFrame(Buffer.from('{}]'), Opcode.continuation),
    clientFrame(Buffer.from('next')),
  ]);
  expect(messagesOf(stream, [3])).toEqual(['9:hi', '1:["REQ",{}]', '1:next']);
});

test.each([
  ['an unmasked frame', Buffer.from([0x81, 0x01, 0x61]), 1002],
  ['a reserved bit', Buffer.from([0xc1, 0x80, 0, 0, 0, 0]), 1002],
  ['a continuation of nothing', clientFrame(Buffer.from('x'), Opcode.continuation), 1002],
  ['a message past 16 MB', Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0x7f, 0, 0, 0, 0, 0, 0, 0]), 1009],
])('%s is refused', (_, bytes, status) => {
  const reader = new FrameReader();
  reader.push(bytes);
  expect(() => reader.next()).toThrow(new FrameError(status));
});

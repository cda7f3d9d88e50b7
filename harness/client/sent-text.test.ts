import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ALICE, event } from '../../tests/support/trace.js';
import { readSentBytes, readSentText } from './sent-text.js';

const note = event({ content: 'hello' });

test.each([
  ['["REQ","x",{"kinds":[1]}]', { label: 'REQ', subscription: 'x', filters: [{ kinds: [1] }] }],
  [` [ "REQ", "x", {}, {"authors":["${ALICE}"]} ] `, { label: 'REQ', filters: [{}, { authors: [ALICE] }] }],
  ['["COUNT","x",{"#t":["a"]}]', { label: 'COUNT', subscription: 'x' }],
  ['["CLOSE","x"]', { label: 'CLOSE', subscription: 'x' }],
  [JSON.stringify(['EVENT', note]), { label: 'EVENT', event: note }],
  [JSON.stringify(['AUTH', note]), { label: 'AUTH', event: note }],
])('%s is what it says', (text, expected) => {
  expect(readSentText(text)).toMatchObject(expected);
  expect(readSentBytes(Buffer.from(text), false)).toEqual(readSentText(text));
  expect(readSentBytes(Buffer.from(text), true)).toMatchObject({
    label: 'other',
    of: readSentText(text).label,
  });
});

test.each([
  ['', {}],
  ['["REQ","x"', {}],
  ['{"kinds":[1]}', {}],
  ['[]', {}],
  ['[["REQ"],"x"]', { id: 'x' }],
  ['["REQ"]', { of: 'REQ' }],
  ['["REQ",5,{}]', { of: 'REQ' }],
  ['["REQ","x"]', { of: 'REQ', id: 'x' }],
  ['["REQ","",{}]', { of: 'REQ', id: '' }],
  [`["REQ","${'x'.repeat(65)}",{}]`, { of: 'REQ', id: 'x'.repeat(65) }],
  ['["REQ","x",{"kinds":["1"]}]', { of: 'REQ', id: 'x' }],
  ['["REQ","x",{"limit":-1}]', { of: 'REQ', id: 'x' }],
  ['["REQ","x",{"authors":["abc"]}]', { of: 'REQ', id: 'x' }],
  ['["COUNT","x",[]]', { of: 'COUNT', id: 'x' }],
  ['["NEG-OPEN","x",{},"00"]', { of: 'NEG-OPEN', id: 'x' }],
  [JSON.stringify(['EVENT', { ...note, kind: 'one' }]), { of: 'EVENT', id: note.id }],
  [JSON.stringify(['EVENT', { ...note, sig: undefined }]), { of: 'EVENT', id: note.id }],
  ['["EVENT",null]', { of: 'EVENT' }],
])('%s is nothing that must be served', (text, expected) => {
  expect(readSentText(text)).toEqual({ label: 'other', of: undefined, id: undefined, ...expected });
});

test('in a binary frame an event may be taken for one, or not; what isn’t UTF-8 is no message', () => {
  const bytes = Buffer.from(JSON.stringify(['EVENT', note]));
  expect(readSentBytes(bytes, true)).toEqual({ label: 'other', of: 'EVENT', id: note.id, event: note });
  expect(readSentBytes(Buffer.from([0x22, 0xff]), false)).toEqual({ label: 'other' });
});

test('nothing that is sent makes it throw', () => {
  const labels = fc.constantFrom('EVENT', 'REQ', 'CLOSE', 'COUNT', 'AUTH', 'NEG-OPEN', '');
  const texts = fc.oneof(
    fc.string(),
    fc.json(),
    fc.tuple(labels, fc.jsonValue(), fc.jsonValue()).map((message) => JSON.stringify(message)),
    fc.tuple(fc.constant(JSON.stringify(['EVENT', note])), fc.nat(400)).map(([text, at]) => text.slice(at)),
  );
  fc.assert(
    fc.property(texts, fc.boolean(), (text, isBinary) => {
      expect(readSentBytes(Buffer.from(text), isBinary).label).toBeTypeOf('string');
    }),
  );
});

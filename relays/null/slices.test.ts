import { expect, test } from 'vitest';
import { slice } from './slices.js';

const id = 'ab'.repeat(32);

function sliced(text: string) {
  return slice(Buffer.from(text));
}

test('a REQ gives its subscription id and the text of its filters', () => {
  expect(sliced('["REQ","r1",{"kinds":[1]},{"limit":2}]')).toEqual({
    label: 'REQ',
    subscription: 'r1',
    filters: '{"kinds":[1]},{"limit":2}',
  });
});

test('an id with escapes is given as it stands in the message', () => {
  expect(sliced(String.raw`["REQ","a\"b\\",{}]`)).toMatchObject({
    subscription: String.raw`a\"b\\`,
    filters: '{}',
  });
  expect(sliced(String.raw`["CLOSE","a\"b"]`)).toEqual({ label: 'CLOSE', subscription: String.raw`a\"b` });
});

test('an EVENT gives its id and itself, whatever its content looks like', () => {
  const event = JSON.stringify({ content: `"id":"${'0'.repeat(64)}"`, tags: [['id', 'x']], id, sig: '' });
  expect(sliced(`["EVENT",${event}]`)).toEqual({ label: 'EVENT', id, event: Buffer.from(event) });
});

test('an AUTH gives the id of its event', () => {
  expect(sliced(`["AUTH",{"id":"${id}"}]`)).toEqual({ label: 'AUTH', id });
});

test('white space makes no difference', () => {
  expect(sliced('[ "REQ", "r1", { "kinds": [1] } ]\n')).toEqual({
    label: 'REQ',
    subscription: 'r1',
    filters: '{"kinds":[1]}',
  });
  expect(sliced(`["EVENT", {"id": "${id}"}]`)).toMatchObject({ label: 'EVENT', id });
});

test.each([
  '',
  '[]',
  'no json',
  '["REQ"]',
  '["REQ","a"]',
  '["EVENT",{}]',
  '["CLOSE",7]',
  '["COUNT","a"]',
  '{"a":1}',
])('%j is nothing to answer', (text) => {
  expect(sliced(text)).toBeUndefined();
});

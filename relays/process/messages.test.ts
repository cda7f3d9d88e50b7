import { expect, test } from 'vitest';
import { readChildMessage } from './messages.js';

const sample = {
  atNs: 1,
  heapUsedBytes: 2,
  externalBytes: 3,
  eventLoopDelayMs: 4,
  connections: 5,
  subscriptions: 6,
};

test('the three messages of a relay process are read', () => {
  const messages = [
    { type: 'ready', port: 7 },
    { type: 'failed', reason: 'no' },
    { type: 'sample', sample },
  ];
  expect(messages.map(readChildMessage)).toEqual(messages);
  const more = { ...sample, heldBytes: 7, gc: { count: 1, pauseMs: 0.5, longestMs: 0.5 } };
  expect(readChildMessage({ type: 'sample', sample: more })).toEqual({ type: 'sample', sample: more });
});

test.each([
  undefined,
  null,
  'ready',
  { type: 'ready' },
  { type: 'ready', port: '7' },
  { type: 'sample', sample: { ...sample, heapUsedBytes: 'x' } },
  { type: 'sample', sample: { atNs: 1 } },
  { type: 'sample', sample: { ...sample, gc: 3 } },
  { type: 'sample', sample: { ...sample, gc: { count: 1, pauseMs: 'x', longestMs: 1 } } },
  { type: 'else' },
])('%j is no message of a relay process', (message) => {
  expect(readChildMessage(message)).toBeUndefined();
});

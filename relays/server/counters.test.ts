import { expect, test } from 'vitest';
import { closedMessage, eoseMessage, noticeMessage, okMessage } from '../protocol/relay-message.js';
import { labelOf, refusalIn, TrafficCounters } from './counters.js';

test.each([
  ['["REQ","a",{}]', 'REQ'],
  [' [ "EVENT" ,{}]', 'EVENT'],
  ['["COUNT","a"]', 'COUNT'],
  ['["EOSE","a"]', 'other'],
  ['["REQUEST"]', 'other'],
  ['{"REQ":1}', 'other'],
  ['', 'other'],
])('the label of %s is %s', (text, label) => {
  expect(labelOf(text)).toBe(label);
});

test('a refusal is a CLOSED, or an OK false', () => {
  const id = 'a'.repeat(64);
  expect(refusalIn(closedMessage('s', 'error: x'))).toBe('closed');
  expect(refusalIn(okMessage(id, false, 'invalid: x'))).toBe('ok-false');
  expect(refusalIn(okMessage('short', false, 'invalid: x'))).toBe('ok-false');
  expect(refusalIn(okMessage(id, true, ''))).toBeUndefined();
  expect(refusalIn(eoseMessage('s', false))).toBeUndefined();
  expect(refusalIn(noticeMessage('x'))).toBeUndefined();
});

test('sums of connections add up', () => {
  const [one, all] = [new TrafficCounters(), new TrafficCounters()];
  one.received.REQ = 2;
  one.eventsSent = 5;
  one.countMessage(closedMessage('s', 'x'));
  all.add(one);
  all.add(one);
  expect(all).toMatchObject({ eventsSent: 10, closed: 2, received: { REQ: 4, EVENT: 0 } });
});

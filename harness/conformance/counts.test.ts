import { expect, test } from 'vitest';
import { ALICE, BOB, event, Trace } from '../../tests/support/trace.js';

const ANSWERED = 'nip45/answered';
const OFF = 'nip45/off';
const NOTES = [1, 2, 3].map((at) => event({ at, content: `note ${at}` }));
const LIKE = event({ at: 4, kind: 7, author: BOB });
const loaded = [...NOTES, LIKE];
const served = { loaded, claims: [45] };

test('the exact number is no trait, several filters count an event once, and a limit decides nothing', () => {
  const outcome = new Trace(served)
    .count('q1', { kinds: [1] })
    .gets('COUNT', 'q1', { count: 3 })
    .count('q2', { kinds: [1, 7] }, { authors: [BOB] })
    .gets('COUNT', 'q2', { count: 4 })
    .count('q3', { kinds: [1], limit: 1 })
    .gets('COUNT', 'q3', { count: 3 })
    .finish();
  expect(outcome.failed).toEqual([]);
  expect(outcome.check(ANSWERED)).toMatchObject({ result: 'passed', seen: 3 });
  expect(outcome.check(OFF)).toMatchObject({ result: 'observed', seen: 2, setAside: 1, failedCases: 0 });
});

test('a number that is off is shown, not failed', () => {
  const outcome = new Trace(served)
    .count('q1', { kinds: [1] })
    .gets('COUNT', 'q1', { count: 4, approximate: true })
    .finish();
  expect(outcome.failed).toEqual([]);
  expect(outcome.shown).toEqual([OFF]);
  expect(outcome.check(OFF).failures[0]?.message).toBe('the count for "q1" is 4 where 3 match');
});

test.each([3, 4])('what is being published may be counted or not: %i', (count) => {
  const outcome = new Trace(served)
    .publish(event({ at: 9, author: ALICE, content: 'in flight' }))
    .count('q1', { kinds: [1] })
    .gets('COUNT', 'q1', { count })
    .finish();
  expect(outcome.shown).toEqual([]);
});

test('what was accepted before has to be counted', () => {
  const outcome = new Trace(served)
    .store(event({ at: 9, author: ALICE, content: 'accepted' }))
    .count('q1', { kinds: [1] })
    .gets('COUNT', 'q1', { count: 3 })
    .finish();
  expect(outcome.check(OFF).failures[0]?.message).toBe('the count for "q1" is 3 where 4 match');
});

test('CLOSED answers a COUNT and is no matter of subscriptions', () => {
  const outcome = new Trace(served)
    .count('q1', { kinds: [1] })
    .gets('CLOSED', 'q1', 'unsupported: no counting today')
    .finish();
  expect(outcome.failed).toEqual([]);
  expect(outcome.check(ANSWERED)).toMatchObject({ result: 'passed', seen: 1 });
  expect(outcome.check('nip01/req/known-subscription').seen).toBe(0);
  expect(outcome.check('nip01/closed/prefix')).toMatchObject({ result: 'passed', seen: 1 });
});

test('an answer that comes twice, or for an id that nothing asked about, fails', () => {
  const outcome = new Trace(served)
    .count('q1', { kinds: [1] })
    .gets('COUNT', 'q1', { count: 3 })
    .gets('COUNT', 'q1', { count: 3 })
    .gets('COUNT', 'q7', { count: 3 })
    .finish();
  expect(outcome.check(ANSWERED).failures.map(({ message }) => message)).toEqual([
    'COUNT for "q1", which was answered before',
    'COUNT for "q7", which no COUNT has asked for',
  ]);
});

test('a COUNT without an answer is lost once a fresh REQ was answered, and asked of nobody who claims none', () => {
  const unanswered = (claims: number[]) =>
    new Trace({ loaded, claims })
      .count('q1', { kinds: [1] })
      .thenFreshReq(true)
      .finish();
  expect(unanswered([45]).failed).toEqual([ANSWERED]);
  expect(unanswered([45]).report.lost).toBe(1);
  expect(unanswered([]).failed).toEqual([]);
  expect(unanswered([]).report.lost).toBe(0);
});

test('an id of a REQ and a COUNT at once leaves open which of them a CLOSED is for', () => {
  const outcome = new Trace(served)
    .req('both', { kinds: [1] })
    .count('both', { kinds: [1] })
    .gets('CLOSED', 'both', 'restricted: not now')
    .getsEvents('both', ...NOTES.toReversed())
    .gets('EOSE', 'both')
    .finish();
  expect(outcome.failed).toEqual([]);
  expect(outcome.check(ANSWERED)).toMatchObject({ setAside: 1 });
});

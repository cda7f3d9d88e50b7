import { npubEncode } from 'nostr-tools/nip19';
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

const LETTER = event({ at: 5, kind: 4, tags: [['p', BOB]] });
const SECRET = event({ at: 6, tags: [['private', npubEncode(BOB)]] });
const PRIVATE = 'access/privacy-counted';
const EVERYTHING = { kinds: [1, 4] };

/** Notes and two private events of Alice for Bob; one count without any of these shows how exactly the relay counts. */
function keeping({ likes = 1, claims = [45] }: { likes?: number; claims?: number[] } = {}): Trace {
  const admins = new Set<string>();
  return new Trace({ loaded: [...loaded, LETTER, SECRET], access: 'follows', claims, admins })
    .count('likes', { kinds: [7] })
    .gets('COUNT', 'likes', { count: likes });
}

test.each([4, 5])('private events that are counted for a third party fail: %i', (count) => {
  const outcome = keeping().count('q', EVERYTHING).gets('COUNT', 'q', { count }).finish();
  expect(outcome.failed).toEqual([PRIVATE]);
  expect(outcome.check(PRIVATE).failures[0]?.message).toContain(`is ${count}: at most 3 match`);
});

test('what the client may see is no more than that, also while more is being written', () => {
  const outcome = keeping()
    .publish(event({ at: 9, content: 'in flight' }))
    .count('q', EVERYTHING)
    .gets('COUNT', 'q', { count: 4 })
    .finish();
  expect(outcome.failed).toEqual([]);
  expect(outcome.check(PRIVATE)).toMatchObject({ result: 'passed', seen: 1, setAside: 0 });
});

test('whom they concern, once that is certain, is counted everything', () => {
  const auth = event({ kind: 22242, author: BOB });
  const outcome = keeping()
    .gets('AUTH', 'challenge')
    .auth(auth)
    .gets('OK', auth.id, true, '')
    .count('q', EVERYTHING)
    .gets('COUNT', 'q', { count: 5 })
    .finish();
  expect(outcome.failed).toEqual([]);
});

test.each([
  [
    'is marked as an estimate',
    () => keeping().count('q', EVERYTHING).gets('COUNT', 'q', { count: 5, hll: '00' }),
  ],
  ['is more than there is at all', () => keeping().count('q', EVERYTHING).gets('COUNT', 'q', { count: 6 })],
  [
    'comes of a relay that was off elsewhere',
    () => keeping({ likes: 2 }).count('q', EVERYTHING).gets('COUNT', 'q', { count: 5 }),
  ],
  [
    'crosses the AUTH of whom they concern',
    () =>
      keeping()
        .count('q', EVERYTHING)
        .auth(event({ kind: 22242, author: BOB }))
        .gets('COUNT', 'q', { count: 5 }),
  ],
])('a count above that is set aside that %s', (_, trace) => {
  const outcome = trace().finish();
  expect(outcome.failed).toEqual([]);
  expect(outcome.check(PRIVATE).seen).toBe(0);
});

test('a relay whose other counts nobody could check is not accused', () => {
  const admins = new Set<string>();
  const outcome = new Trace({ loaded: [...loaded, LETTER], access: 'follows', claims: [45], admins })
    .count('q', EVERYTHING)
    .gets('COUNT', 'q', { count: 4 })
    .finish();
  expect(outcome.failed).toEqual([]);
  expect(outcome.check(PRIVATE)).toMatchObject({ result: 'not-tested', setAside: 1 });
});

test('is asked of nobody who does not claim COUNT, or keeps nothing private', () => {
  const told = keeping({ claims: [] }).count('q', EVERYTHING).gets('COUNT', 'q', { count: 5 }).finish();
  expect(told.check(PRIVATE).result).toBe('not-supported');
  expect(
    new Trace(served).count('q', {}).gets('COUNT', 'q', { count: 4 }).finish().check(PRIVATE).result,
  ).toBe('not-supported');
});

import { npubEncode } from 'nostr-tools/nip19';
import { expect, test } from 'vitest';
import { audienceOf, isCertainlyAdmitted, isPrivateEvent, keepsPrivate } from './admission.js';

test.each([
  ['open', false, true],
  ['open', true, true],
  ['follows', false, true],
  ['follows', true, true],
  ['auth-required', false, false],
  ['auth-required', true, true],
  ['managed', false, false],
  ['managed', true, true],
] as const)('%s, authenticated %s: admitted %s', (access, hasAuthenticated, expected) => {
  expect(isCertainlyAdmitted(access, hasAuthenticated)).toBe(expected);
});

test('every mode but open keeps private events', () => {
  const modes = ['open', 'auth-required', 'follows', 'managed'] as const;
  expect(modes.map(keepsPrivate)).toEqual([false, true, true, true]);
});

test('private are direct messages, and what a private tag keeps', () => {
  expect(isPrivateEvent({ kind: 4, tags: [] })).toBe(true);
  expect(isPrivateEvent({ kind: 1, tags: [['private', 'npub1']] })).toBe(true);
  expect(isPrivateEvent({ kind: 1, tags: [['p', 'private']] })).toBe(false);
});

const [ALICE, BOB, CAROL] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string];

test('a privileged kind goes to author and p-tagged', () => {
  const { certain, possible } = audienceOf({ kind: 4, pubkey: ALICE, tags: [['p', BOB]] });
  expect([...certain]).toEqual([ALICE, BOB]);
  expect([...possible]).toEqual([ALICE, BOB]);
});

test('a private tag names its readers; whether its author is one of them can be read both ways', () => {
  const tags = [['private', `${npubEncode(BOB)}, nonsense`], ['private'], ['private', npubEncode(CAROL)]];
  const { certain, possible } = audienceOf({ kind: 1, pubkey: ALICE, tags });
  expect([...certain]).toEqual([BOB, CAROL]);
  expect([...possible]).toEqual([ALICE, BOB, CAROL]);
});

test('where both rules hold, only who satisfies both is certainly a reader', () => {
  const tags = [
    ['p', BOB],
    ['private', `${npubEncode(BOB)},${npubEncode(CAROL)}`],
  ];
  const { certain, possible } = audienceOf({ kind: 4, pubkey: ALICE, tags });
  expect([...certain]).toEqual([BOB]);
  expect([...possible]).toEqual([ALICE, BOB, CAROL]);
});

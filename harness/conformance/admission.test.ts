import { expect, test } from 'vitest';
import { isCertainlyAdmitted, isPrivateEvent } from './admission.js';

test.each([
  ['open', false, false, true],
  ['open', true, false, true],
  ['auth-required', false, false, false],
  ['auth-required', false, true, true],
  ['auth-required', true, true, false],
  ['follows', false, false, true],
  ['follows', true, true, false],
  ['managed', false, true, false],
] as const)('%s, private %s, authenticated %s: %s', (access, isPrivate, hasAuthenticated, expected) => {
  expect(isCertainlyAdmitted(access, () => isPrivate, hasAuthenticated)).toBe(expected);
});

test('private are direct messages, and what a private tag keeps', () => {
  expect(isPrivateEvent({ kind: 4, tags: [] })).toBe(true);
  expect(isPrivateEvent({ kind: 1, tags: [['private', 'npub1']] })).toBe(true);
  expect(isPrivateEvent({ kind: 1, tags: [['p', 'private']] })).toBe(false);
});

import fc from 'fast-check';
import { matchFilter, type Filter as NostrToolsFilter } from 'nostr-tools/filter';
import { expect, test } from 'vitest';
import { type NostrEvent, relayEvent } from './event.js';
import { matches } from './filter.js';
import { readFilter } from './filter-form.js';

const hex = fc.constantFrom('a', 'b', 'c').map((digit) => digit.repeat(64));
const letter = fc.constantFrom('t', 'T', 'd', 'tt');
const value = fc.constantFrom('', 'x', 'y', 'nostr');
const time = fc.integer({ min: 1, max: 5 });
const kind = fc.constantFrom(0, 1, 7, 30_000);

const event: fc.Arbitrary<NostrEvent> = fc.record({
  id: hex,
  pubkey: hex,
  created_at: time,
  kind,
  tags: fc.array(fc.oneof(fc.tuple(letter, value), fc.tuple(letter), fc.tuple(letter, value, value)), {
    maxLength: 4,
  }),
  content: fc.constant(''),
  sig: fc.constant('0'.repeat(128)),
});

const filter = fc.record(
  {
    ids: fc.array(hex, { maxLength: 2 }),
    authors: fc.array(hex, { maxLength: 2 }),
    kinds: fc.array(kind, { maxLength: 2 }),
    '#t': fc.array(value, { maxLength: 2 }),
    '#T': fc.array(value, { maxLength: 2 }),
    since: time,
    until: time,
    limit: fc.nat(3),
  },
  { requiredKeys: [] },
);

function ourAnswer(json: object, candidate: NostrEvent): boolean {
  const read = readFilter(json);
  if (!read.ok) throw new Error(read.reason);
  return matches(read.value, relayEvent(candidate, Buffer.alloc(0)));
}

test('matches what nostr-tools matches', () => {
  fc.assert(
    fc.property(filter, event, (json, candidate) => {
      const theirs = matchFilter(json as NostrToolsFilter, {
        ...candidate,
        tags: candidate.tags.map((t) => [...t]),
      });
      expect(ourAnswer(json, candidate)).toBe(theirs);
    }),
    { numRuns: 5_000 },
  );
});

test('a time of 0 counts like any other', () => {
  const [candidate] = fc.sample(event, 1);
  if (candidate === undefined) throw new Error('no sample');
  expect(ourAnswer({ until: 0 }, candidate)).toBe(false);
  expect(ourAnswer({ until: 0 }, { ...candidate, created_at: 0 })).toBe(true);
  expect(ourAnswer({ since: 0 }, { ...candidate, created_at: 0 })).toBe(true);
});

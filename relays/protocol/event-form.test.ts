import fc from 'fast-check';
import { validateEvent } from 'nostr-tools/pure';
import { expect, test } from 'vitest';
import { relayEvent } from './event.js';
import { eventJson, readEvent } from './event-form.js';

const hex = (length: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
    .map((d) => d.join(''));
const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }));
const right = fc.record({
  id: hex(64),
  pubkey: hex(64),
  created_at: fc.maxSafeNat(),
  kind: fc.nat(65_535),
  tags: fc.array(fc.array(text, { minLength: 1, maxLength: 3 }), { maxLength: 3 }),
  content: text,
  sig: hex(128),
});
const fields = ['id', 'pubkey', 'created_at', 'kind', 'tags', 'content', 'sig'] as const;
/** A right event of which one field is anything, or missing. */
const nearlyRight = fc
  .tuple(right, fc.constantFrom(...fields), fc.option(fc.jsonValue(), { nil: undefined }))
  .map(([event, field, value]) => ({ ...event, [field]: value }));

/** What nostr-tools says of the fields that it looks at. */
function isEventToNostrTools(value: unknown): boolean {
  return validateEvent(structuredClone(value) as Parameters<typeof validateEvent>[0]);
}

test('every right event is read, as nostr-tools reads it, and comes out of its JSON as it was', () => {
  fc.assert(
    fc.property(right, (event) => {
      expect(isEventToNostrTools(event)).toBe(true);
      const reading = readEvent(JSON.parse(JSON.stringify(event)), 5_000);
      expect(reading).toEqual({ ok: true, value: event });
      expect(JSON.parse(Buffer.from(eventJson(event, event)).toString())).toEqual(
        JSON.parse(JSON.stringify(event)),
      );
    }),
    { numRuns: 1_000 },
  );
});

test('what is read as an event, nostr-tools takes for one; what it refuses is refused', () => {
  let refused = 0;
  fc.assert(
    fc.property(fc.oneof(nearlyRight, fc.jsonValue()), (value) => {
      const reading = readEvent(value, 5_000);
      if (reading.ok) expect(isEventToNostrTools(value)).toBe(true);
      else {
        refused += 1;
        expect(reading.reason).toMatch(/^invalid: ./);
      }
    }),
    { numRuns: 3_000 },
  );
  expect(refused).toBeGreaterThan(500);
});

test('what filters look at is every single-letter tag with a value, each pair once', () => {
  const tag = fc.array(fc.constantFrom('t', 'e', 'tt', '', 'x'), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(right, fc.array(tag, { maxLength: 6 }), (event, tags) => {
      const pairs = tags.filter(([name, value]) => /^[a-zA-Z]$/.test(name ?? '') && value !== undefined);
      const expected = new Set(pairs.map(([name, value]) => JSON.stringify([name, value])));
      const { indexedTags } = relayEvent({ ...event, tags }, Buffer.alloc(0));
      const found = Array.from({ length: indexedTags.length / 2 }, (_, i) =>
        JSON.stringify(indexedTags.slice(2 * i, 2 * i + 2)),
      );
      expect(found).toEqual([...expected]);
    }),
  );
});

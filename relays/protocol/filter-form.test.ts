import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matches } from './filter.js';
import { readFilter } from './filter-form.js';

const digits = fc.constantFrom(...'0123456789abcdef');
const hex = fc.array(digits, { minLength: 64, maxLength: 64 }).map((all) => all.join(''));
const kind = fc.nat(65_535);
const right = fc.record(
  {
    ids: fc.array(hex, { maxLength: 3 }),
    authors: fc.array(hex, { maxLength: 3 }),
    kinds: fc.array(kind, { maxLength: 3 }),
    '#t': fc.array(fc.string(), { maxLength: 3 }),
    '#p': fc.array(hex, { maxLength: 3 }),
    '#Z': fc.array(fc.string({ unit: 'binary' }), { maxLength: 3 }),
    since: fc.maxSafeInteger(),
    until: fc.maxSafeInteger(),
    limit: fc.maxSafeNat(),
  },
  { requiredKeys: [] },
);

test('every right filter is read, and says what its JSON said', () => {
  fc.assert(
    fc.property(right, (json) => {
      const reading = readFilter(JSON.parse(JSON.stringify(json)));
      if (!reading.ok) throw new Error(reading.reason);
      const { ids, authors, kinds, tags, since, until, limit } = reading.value;
      const asSet = <T>(values: readonly T[] | undefined) => (values ? new Set(values) : undefined);
      expect({ ids, authors, kinds, since, until, limit }).toEqual({
        ids: asSet(json.ids),
        authors: asSet(json.authors),
        kinds: asSet(json.kinds),
        since: json.since,
        until: json.until,
        limit: json.limit,
      });
      const expected = (['t', 'p', 'Z'] as const).flatMap((name) => {
        const values = json[`#${name}`];
        return values === undefined ? [] : [{ name, values: new Set(values) }];
      });
      expect(tags.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual(
        expected.toSorted((a, b) => a.name.localeCompare(b.name)),
      );
    }),
    { numRuns: 2_000 },
  );
});

const wrong = fc.oneof(
  fc.tuple(
    fc.constantFrom('ids', 'authors', '#e', '#p'),
    fc.constantFrom([''], ['A'.repeat(64)], ['a'.repeat(63)]),
  ),
  fc.tuple(fc.constant('kinds'), fc.constantFrom([-1], [1.5], [65_536], ['1'], [null])),
  fc.tuple(fc.constantFrom('since', 'until', 'limit'), fc.constantFrom('1', 1.5, null, [], 2 ** 53)),
  fc.tuple(fc.constant('limit'), fc.integer({ max: -1 })),
  fc.tuple(fc.constantFrom('ids', 'authors', 'kinds', '#t'), fc.constantFrom({}, 'x', 1, null, true)),
  fc.tuple(fc.constantFrom('search', '#', '#tt', '#1', 'Kinds', '__proto__ '), fc.jsonValue()),
);

test('one wrong field refuses the filter, whatever stands beside it, and the reason names it', () => {
  fc.assert(
    fc.property(right, wrong, (json, [key, value]) => {
      const reading = readFilter({ ...json, [key]: value });
      expect(reading.ok).toBe(false);
      if (!reading.ok) {
        expect(reading.reason).toMatch(/^(invalid|unsupported): /);
        expect(reading.reason).toContain(key);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('any JSON value is read or refused, and what is read can be matched', () => {
  const event = { id: '', pubkey: '', createdAt: 1, kind: 1, indexedTags: ['t', 'x'] };
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const reading = readFilter(value);
      if (reading.ok) expect(typeof matches(reading.value, event)).toBe('boolean');
    }),
    { numRuns: 1_000 },
  );
});

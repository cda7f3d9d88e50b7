import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSameEvent } from './event-form.js';
import { isRespelled } from './spelling.js';

const EVENT = {
  id: 'a'.repeat(64),
  pubkey: 'b'.repeat(64),
  created_at: 1_700_000_000,
  kind: 1,
  tags: [
    ['e', 'c'.repeat(64)],
    ['t', 'a "quote", a ] and a \\'],
  ],
  content: 'é \u2028 "id": "x" \\',
  sig: 'd'.repeat(128),
};
const JSON_OF_EVENT = Buffer.from(JSON.stringify(EVENT));

/** Compares a text that stands in the middle of a message. */
function isSpelling(text: string, json = JSON_OF_EVENT): boolean {
  const before = '["EVENT","s",';
  const payload = Buffer.from(`${before}${text}]`);
  return isRespelled(payload, before.length, payload.length - 1, json);
}

const raw = new Map(Object.entries(EVENT).map(([name, value]) => [name, JSON.stringify(value)]));
const fields = [...raw].map(([name, value]) => `"${name}":${value}`);

describe('a spelling of an event', () => {
  it('may have any order of fields and any space around them', () => {
    const space = fc.stringMatching(/^[ \t\n\r]{0,3}$/);
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...raw], { minLength: 7 }),
        fc.array(space, { minLength: 40, maxLength: 40 }),
        (order, spaces) => {
          let next = 0;
          const gap = () => spaces[next++] ?? '';
          const members = order.map(([name, value]) => `${gap()}"${name}"${gap()}:${gap()}${value}${gap()}`);
          expect(isSpelling(`{${members.join(',')}}`)).toBe(true);
        },
      ),
    );
  });
  it.each([
    ['a field less', `{${fields.slice(1).join(',')}}`],
    ['a field twice', `{${[...fields, fields[3]].join(',')}}`],
    ['a field more', `{${[...fields, '"x":1'].join(',')}}`],
    ['a longer number', `{${fields.join(',').replace('1700000000', '17000000001')}}`],
    ['another number', `{${fields.join(',').replace('"kind":1', '"kind":2')}}`],
    ['no comma', `{${fields.join(' ')}}`],
    ['a comma too many', `{${fields.join(',')},}`],
    ['something after it', `{${fields.join(',')}} `],
    ['no end', `{${fields.join(',')}`],
    ['no colon', `{${fields.join(',').replace('"kind":', '"kind" ')}}`],
    ['no object', '[]'],
    ['nothing', ''],
  ])('has not %s', (_, text) => {
    expect(isSpelling(text)).toBe(false);
  });
  it('is never taken for one when a parser would see another event', () => {
    const mutated = fc.record({
      at: fc.nat(JSON_OF_EVENT.length - 1),
      byte: fc.integer({ min: 0x20, max: 0x7e }),
    });
    fc.assert(
      fc.property(fc.array(mutated, { minLength: 1, maxLength: 3 }), (changes) => {
        const bytes = Buffer.from(JSON_OF_EVENT);
        for (const { at, byte } of changes) bytes[at] = byte;
        if (!isRespelled(bytes, 0, bytes.length, JSON_OF_EVENT)) return;
        expect(isSameEvent(JSON.parse(bytes.toString()), EVENT)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
  it('reads what is known with space between its fields too', () => {
    const spaced = Buffer.from(JSON.stringify(EVENT).replaceAll(/,"(\w+)":/g, ' , "$1" : '));
    expect(isSpelling(`{${fields.toReversed().join(',')}}`, spaced)).toBe(true);
  });
  it('is not made of an event that is known with other fields beside', () => {
    const odd = Buffer.from(JSON.stringify({ ...EVENT, seen: 1 }));
    expect(isSpelling(`{${fields.join(',')}}`, odd)).toBe(false);
  });
});

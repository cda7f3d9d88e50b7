import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scanJson } from './json-position.js';

test.each([
  ['{"a":1,}', 7, 'a key in double quotes'],
  ['{abc', 1, 'a key in double quotes'],
  ['{"a" 1}', 5, '":"'],
  ['{"a":tru}', 5, 'a JSON value'],
  ['[1 2]', 3, '"," or "]"'],
  ['{"a":1', 6, '"," or "}"'],
  ['{"a":"x', 5, 'a string that ends'],
  ['"a\tb"', 2, 'an escape such as \\n, not a control character'],
  ['"a\\x"', 2, 'a valid escape'],
  ['{} {}', 3, 'the end of the line'],
  ['01', 1, 'the end of the line'],
  ['', 0, 'a JSON value'],
  ['['.repeat(100_000), 501, 'less nesting'],
])('%.20j stops being JSON at a place that is named', (text, offset, expected) => {
  expect(scanJson(text)).toEqual({ valid: false, offset, expected });
});

test('members are found by key, those of the outermost object only', () => {
  const scan = scanJson(' {"id": "x","tags":[{"id":2}] , "kind":1}');
  expect(scan).toEqual({
    valid: true,
    members: new Map([
      ['id', 8],
      ['tags', 19],
      ['kind', 39],
    ]),
  });
});

test('agrees with JSON.parse about every text', () => {
  const damagedJson = fc
    .tuple(
      fc.json(),
      fc.nat(),
      fc.constantFrom('', ',', '"', '\\', '}', ']', '{', '0', '-', '.', 'e', 'u', '\u0001', ' '),
    )
    .map(([json, at, inserted]) => {
      const cut = at % (json.length + 1);
      return json.slice(0, cut) + inserted + json.slice(inserted === '' ? cut + 1 : cut);
    });
  fc.assert(
    fc.property(damagedJson, (text) => {
      expect(scanJson(text).valid).toBe(isJson(text));
    }),
    { numRuns: 2000 },
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable } from './printable.js';

test('shows control characters, overrides and line separators instead of obeying them', () => {
  expect(printable('\u001b[31mred\u0007')).toBe('\\x1b[31mred\\x07');
  expect(printable('abc\u202etxt.exe')).toBe('abc\\u202etxt.exe');
  expect(printable('one\ntwo\r\n\tthree\u2028')).toBe('one\\ntwo\\r\\n\\tthree\\u2028');
  expect(printable('\u009b2J\u0000')).toBe('\\x9b2J\\x00');
  expect(printable('\u{e0041}\ufeff\u2066')).toBe('\\u{e0041}\\ufeff\\u2066');
  expect(printable('\ud800!')).toBe('\\ud800!');
});

test('leaves what people write alone', () => {
  const text = 'Grüße, 日本語, עברית, 👩‍👩‍👧 <b>"quoted"</b>';
  expect(printable(text)).toBe(text);
});

test('cuts long text and says so', () => {
  expect(printable('x'.repeat(10_000), 20)).toBe(`${'x'.repeat(19)}…`);
  expect(printable('x'.repeat(20), 20)).toBe('x'.repeat(20));
  expect(printable('😀😀😀', 4)).toBe('😀…');
});

test('never gives back more than was asked for, nor anything that steers', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 50 }), (text, maxLength) => {
      const shown = printable(text, maxLength);
      expect(shown.length).toBeLessThanOrEqual(maxLength);
      expect(shown).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069]/u);
    }),
  );
});

import { expect, test } from 'vitest';
import { formatDifference, formatPercent, formatRatio, formatValue, listed, plural } from './format.js';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

test.each([
  [0.42, 'ms', '0.420 ms'],
  [0.0042, 'ms', '4.20 µs'],
  [12.34, 'ms', '12.3 ms'],
  [2500, 'ms', '2.50 s'],
  [0, 'ms', '0 ms'],
  [0.181, 's', '181 ms'],
  [96 * 1024 * 1024, 'bytes', '96.0 MiB'],
  [600, 'bytes', '600 B'],
  [48_494.4, '1/s', '48,494 /s'],
  [1234, 'count', '1,234'],
  [0, 'count', '0'],
])('%d %s is shown as %s', (value, unit, shown) => {
  expect(plain(formatValue(value, unit))).toBe(shown);
});

test('what was not measured is a dash, never a zero', () => {
  expect([null, undefined, Number.NaN].map((value) => formatValue(value, 'ms'))).toEqual(['–', '–', '–']);
});

test('differences carry a sign', () => {
  expect(plain(formatDifference(0.35, 'ms'))).toBe('+0.350 ms');
  expect(plain(formatDifference(-0.35, 'ms'))).toBe('−0.350 ms');
});

test('ratios, shares and counts read as in a sentence', () => {
  expect([1.82, 1.02, 12.34].map(formatRatio)).toEqual(['1.8', '1.02', '12.3']);
  expect([0.07, 0.065, 0.34].map(formatPercent).map(plain)).toEqual(['7 %', '6.5 %', '34 %']);
  expect(plain(plural(1, 'check'))).toBe('1 check');
  expect(listed(['a', 'b', 'c'])).toBe('a, b and c');
});

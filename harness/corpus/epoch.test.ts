import { expect, test } from 'vitest';
import { InputError } from '../errors.js';
import { parseEpoch } from './epoch.js';

test('an epoch is the start of a UTC day', () => {
  expect(parseEpoch('2026-01-01')).toBe(1_767_225_600);
  expect(parseEpoch('2024-02-29')).toBe(Date.UTC(2024, 1, 29) / 1000);
});

test("without an epoch it is the specification's own", () => {
  expect(parseEpoch(undefined)).toBe(Date.UTC(2026, 0, 1) / 1000);
});

test('today is the start of the current UTC day', () => {
  expect(parseEpoch('today', () => Date.UTC(2027, 4, 6, 23, 59, 59))).toBe(Date.UTC(2027, 4, 6) / 1000);
});

test.each([
  '',
  'Today',
  'yesterday',
  '2026-02-30',
  '2026-1-1',
  '2026-01-01T00:00:00Z',
  '1767225600',
  '1999-01-01',
  '9999-01-01',
])('%j is refused with what to write instead', (text) => {
  expect(() => parseEpoch(text)).toThrow(InputError);
  expect(() => parseEpoch(text)).toThrow(/write a date .* or today/);
});

import { describe, expect, it } from 'vitest';
import { formatQuantity, quantity } from './quantity.js';

describe('formatQuantity', () => {
  it.each([
    [0.0421, 'ms', '42.1 µs'],
    [7.004, 'ms', '7 ms'],
    [212.4, 'ms', '212 ms'],
    [1500, 'ms', '1.5 s'],
    [0, 'ms', '0 µs'],
    [0.25, 's', '250 ms'],
    [300 * 2 ** 20, 'bytes', '300 MiB'],
    [512, 'bytes', '512 B'],
    [12345.6, '1/s', '12346/s'],
    [3, 'count', '3'],
  ] as const)('shows %d %s as %s', (value, unit, text) => {
    expect(formatQuantity(value, unit)).toBe(text);
  });
});

describe('quantity', () => {
  it('knows only the suffixes of the unit', () => {
    expect(quantity(2, 'KiB', 'bytes')).toBe(2048);
    expect(quantity(2, 'KiB', 'ms')).toBeUndefined();
    expect(quantity(2, 'constructor', 'ms')).toBeUndefined();
  });
});

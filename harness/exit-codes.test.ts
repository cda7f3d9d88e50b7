import { describe, expect, it } from 'vitest';
import { exitCode, type RunOutcome } from './exit-codes.js';

const fine: RunOutcome = {
  badInput: false,
  interrupted: false,
  relayDown: false,
  failed: false,
  gateNotMeasurable: false,
};

describe('exitCode', () => {
  it('is 0 when nothing is wrong', () => {
    expect(exitCode(fine)).toBe(0);
  });

  it('gives each outcome its code, and of several the first of 2, 130, 3, 1, 4', () => {
    const inOrder = [
      ['badInput', 2],
      ['interrupted', 130],
      ['relayDown', 3],
      ['failed', 1],
      ['gateNotMeasurable', 4],
    ] as const;
    for (const [index, [first, code]] of inOrder.entries()) {
      expect(exitCode({ ...fine, [first]: true })).toBe(code);
      for (const [later] of inOrder.slice(index))
        expect(exitCode({ ...fine, [first]: true, [later]: true })).toBe(code);
    }
  });

  it('counts a gate that could not be measured as the user said', () => {
    expect(exitCode({ ...fine, gateNotMeasurable: true, notMeasurable: 'pass' })).toBe(0);
    expect(exitCode({ ...fine, gateNotMeasurable: true, notMeasurable: 'fail' })).toBe(1);
    expect(exitCode({ ...fine, gateNotMeasurable: true, notMeasurable: 'pass', failed: true })).toBe(1);
    expect(exitCode({ ...fine, notMeasurable: 'fail' })).toBe(0);
  });
});

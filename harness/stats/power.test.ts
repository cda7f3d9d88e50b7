import { describe, expect, it } from 'vitest';
import { pairsToPass, TYPICAL_SCATTER } from './power.js';

describe('pairsToPass', () => {
  it('is a handful for a median and some hundred for a p99, for a bound of 10 %', () => {
    expect(pairsToPass(1.1, TYPICAL_SCATTER.p50)).toBeLessThan(15);
    expect(pairsToPass(1.1, TYPICAL_SCATTER.p99)).toBeGreaterThan(80);
    expect(pairsToPass(1.1, TYPICAL_SCATTER.p99)).toBeLessThan(200);
  });

  it('grows with the scatter, with the looks and with what has to be told apart', () => {
    const usual = pairsToPass(1.05, 0.05) ?? 0;
    expect(pairsToPass(1.05, 0.08)).toBeGreaterThan(usual);
    expect(pairsToPass(1.05, 0.05, 8)).toBeGreaterThan(usual);
    expect(pairsToPass(1.02, 0.05)).toBeGreaterThan(usual);
  });

  it('is the least number that an interval takes where nothing scatters, and none where nothing can be told', () => {
    expect(pairsToPass(2, 0.01)).toBe(6);
    expect(pairsToPass(1.0001, 0.3)).toBeUndefined();
  });
});

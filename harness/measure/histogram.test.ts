import fc from 'fast-check';
import { decodeFromCompressedBase64, encodeIntoCompressedBase64, Int32Histogram } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { LatencyHistogram } from './histogram.js';

const times = fc.array(fc.double({ min: 0.001, max: 3_600_000, noNaN: true }), {
  minLength: 1,
  maxLength: 200,
});

function histogramOf(values: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

describe('LatencyHistogram', () => {
  it('gives percentiles by nearest rank within 0.1 % or 1 µs, upwards', () => {
    fc.assert(
      fc.property(times, fc.constantFrom(50, 90, 99, 100), (values, percentile) => {
        const sorted = values.map((ms) => Math.max(1, Math.round(ms * 1000))).sort((a, b) => a - b);
        const rank = Math.max(1, Math.ceil((percentile / 100) * sorted.length - 1e-9));
        const exactUs = sorted[rank - 1] ?? Number.NaN;
        const us = (histogramOf(values).percentileMs(percentile) ?? Number.NaN) * 1000;
        expect(us).toBeGreaterThanOrEqual(exactUs - 1e-6);
        expect(us - exactUs).toBeLessThanOrEqual(Math.max(1, exactUs / 1000));
      }),
    );
  });

  it('puts every value where the library itself would', () => {
    fc.assert(
      fc.property(times, (values) => {
        const reference = new Int32Histogram(1, 3_600_000_000, 3);
        for (const ms of values) reference.recordValue(Math.max(1, Math.round(ms * 1000)));
        const ours = decodeFromCompressedBase64(histogramOf(values).encode());
        expect(ours.outputPercentileDistribution()).toBe(
          decodeFromCompressedBase64(encodeIntoCompressedBase64(reference)).outputPercentileDistribution(),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('merges without loss: the parts together are the whole, also after encoding', () => {
    fc.assert(
      fc.property(times, times, (first, second) => {
        const merged = LatencyHistogram.decode(histogramOf(first).encode());
        merged.add(LatencyHistogram.decode(histogramOf(second).encode()));
        expect(merged.count).toBe(first.length + second.length);
        expect(merged.encode()).toBe(histogramOf([...first, ...second]).encode());
      }),
    );
  });

  it('counts what is below 1 µs as 1 µs and what is above 1 h as 1 h', () => {
    const histogram = histogramOf([-1, 0, 0.0001]);
    expect(histogram.percentileMs(100)).toBe(0.001);
    expect(histogramOf([7_200_000]).percentileMs(50)).toBeCloseTo(3_600_000, -4);
  });

  it('refuses what is not a number', () => {
    expect(() => new LatencyHistogram().record(Number.NaN)).toThrow(RangeError);
    expect(() => new LatencyHistogram().record(Number.POSITIVE_INFINITY)).toThrow(RangeError);
  });

  it('has no percentile without samples', () => {
    expect(new LatencyHistogram().percentileMs(50)).toBeNull();
  });

  it('refuses a histogram of another range', () => {
    const other = encodeIntoCompressedBase64(new Int32Histogram(1, 1000, 2));
    expect(() => LatencyHistogram.decode(other)).toThrow('another range');
    expect(() => LatencyHistogram.decode('bm90IGEgaGlzdG9ncmFt')).toThrow();
  });
});

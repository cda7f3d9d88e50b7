import { describe, expect, it, test } from 'vitest';
import { randomStream } from '../../scenario/random.js';
import { LatencyHistogram } from '../histogram.js';
import { findDelayedAck } from './delayed-ack.js';
import { findFirstSampleOutlier } from './first-sample.js';
import { findTimerQuantum } from './timer-quantum.js';

/** What a histogram makes of samples that `draw` gives. */
function binsOf(count: number, draw: (random: Draw, index: number) => number) {
  const random = drawer();
  const histogram = new LatencyHistogram();
  for (let index = 0; index < count; index += 1) histogram.record(Math.max(0.001, draw(random, index)));
  return [...histogram.bins()];
}

interface Draw {
  /** 0 to 1. */
  unit(): number;
  normal(mean: number, deviation: number): number;
  /** Log-normal: most latencies look like this. */
  latency(median: number, sigma?: number): number;
}

function drawer(): Draw {
  const random = randomStream(20, 'signatures');
  const unit = () => random.unit();
  const gauss = () => Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit());
  return {
    unit,
    normal: (mean, deviation) => mean + deviation * gauss(),
    latency: (median, sigma = 0.35) => median * Math.exp(sigma * gauss()),
  };
}

describe('delayed ACK', () => {
  it('is found where every answer waits for the timer, as in the published comparison', () => {
    const found = findDelayedAck(binsOf(300, ({ normal }) => normal(43.9, 0.2)));
    expect(found?.share).toBe(1);
    expect(found?.atMs).toBeCloseTo(43.9, 0);
  });

  it('is found where a tenth of the answers wait, spread over a tick of 4 ms', () => {
    const bins = binsOf(600, ({ unit, latency }, index) =>
      index % 10 === 0 ? 40 + 4 * unit() + latency(0.5) : latency(0.8),
    );
    expect(findDelayedAck(bins)?.share).toBeCloseTo(0.1, 2);
  });

  it('is looked for above what the network takes', () => {
    const bins = binsOf(300, ({ normal }) => normal(20 + 43, 0.5));
    expect(findDelayedAck(bins)).toBeUndefined();
    expect(findDelayedAck(bins, 20)?.share).toBe(1);
    expect(
      findDelayedAck(
        binsOf(300, ({ normal }) => normal(41, 0.5)),
        40,
      ),
    ).toBeUndefined();
  });

  it.each<[string, (random: Draw, index: number) => number]>([
    ['a relay that takes 42 ms, give or take', ({ latency }) => latency(42, 0.15)],
    ['a relay that takes 45 ms with a spread of 4', ({ normal }) => normal(45, 4)],
    ['a fast relay with a long tail', ({ latency }) => latency(4, 1.2)],
    ['evenly spread up to 100 ms', ({ unit }) => 100 * unit()],
    ['a handful at 42 ms', ({ normal, latency }, index) => (index % 50 === 0 ? normal(42, 0.3) : latency(1))],
    ['a cluster at 35 ms', ({ normal }) => normal(35, 0.5)],
    ['a cluster at 55 ms', ({ normal }) => normal(55, 0.5)],
  ])('is not seen in %s', (_, draw) => {
    expect(findDelayedAck(binsOf(600, draw))).toBeUndefined();
  });

  it('is not what a service time of 40 ms is taken for, where the run has set it', () => {
    const bins = binsOf(300, ({ latency }) => 40 + latency(0.6));
    expect(findDelayedAck(bins)?.share).toBe(1);
    expect(findDelayedAck(bins, 0, [40])).toBeUndefined();
  });

  it('takes 20 samples to be seen', () => {
    expect(findDelayedAck(binsOf(19, () => 44))).toBeUndefined();
    expect(findDelayedAck(binsOf(20, () => 44))).toBeDefined();
  });
});

describe('a timer quantum', () => {
  it.each([1, 4, 10, 15.625, 20, 50, 100])(
    'of %d ms is found, whatever the relay takes besides',
    (quantumMs) => {
      const bins = binsOf(500, ({ unit, normal }) => {
        const steps = 1 + Math.floor(6 * unit());
        return steps * quantumMs + 0.3 + Math.abs(normal(0, 0.06 * quantumMs));
      });
      expect(findTimerQuantum(bins)).toMatchObject({ kind: 'steps', quantumMs });
    },
  );

  it('is found as one round delay that all wait for', () => {
    const bins = binsOf(300, ({ latency }) => 100 + latency(3));
    expect(findTimerQuantum(bins)).toMatchObject({ kind: 'delay', delayMs: 100 });
    expect(findTimerQuantum(bins, [100])).toBeUndefined();
  });

  it.each<[string, (random: Draw, index: number) => number]>([
    ['ordinary latencies', ({ latency }) => latency(3)],
    ['a narrow cluster at 2 ms', ({ normal }) => normal(2, 0.05)],
    ['three kinds of answers, at 1, 2 and 3 ms', ({ normal }, index) => normal(1 + (index % 3), 0.05)],
    ['steps that are blurred to a quarter', ({ unit, normal }) => normal(10 * Math.ceil(6 * unit()), 2.5)],
    ['waiting for a tick, evenly over it', ({ unit }) => 1 + 10 * unit()],
    ['a relay that takes 103 ms, give or take', ({ latency }) => latency(103, 0.08)],
    ['a relay that takes 92 ms exactly', ({ normal }) => normal(92, 0.5)],
  ])('is not seen in %s', (_, draw) => {
    expect(findTimerQuantum(binsOf(600, draw))).toBeUndefined();
  });

  it('takes 100 samples to be seen', () => {
    expect(findTimerQuantum(binsOf(99, () => 101))).toBeUndefined();
  });
});

describe('a first sample that stands out', () => {
  const start = (firstMs: number, count = 50) => ({ firstMs, medianMs: 1, count });

  test('is found when it does so round after round, with the figures that it moves', () => {
    expect(findFirstSampleOutlier([start(30), start(40), start(50), start(1)])).toEqual({
      times: 40,
      rounds: 3,
      statistics: ['mean', 'p99'],
    });
    expect(findFirstSampleOutlier([start(30, 500), start(40, 500), start(50, 500)])?.statistics).toEqual([
      'mean',
    ]);
  });

  test.each([
    ['once or twice', [start(30), start(40), start(1)]],
    ['in half of the rounds', [30, 30, 30, 1, 1, 1].map((ms) => start(ms))],
    ['by less than five times', [4, 4, 4].map((ms) => start(ms))],
    ['in rounds of a few samples', [30, 30, 30].map((ms) => start(ms, 5))],
    ['by microseconds', [1, 1, 1].map((firstMs) => ({ firstMs, medianMs: 0.1, count: 50 }))],
  ])('is not one %s', (_, rounds) => {
    expect(findFirstSampleOutlier(rounds)).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { BUSY_LIMIT, type GeneratorObservation, judgeGenerator } from './generator.js';

const calm: GeneratorObservation = {
  lateness: { p50: 0.1, p99: 1.5, max: 30 },
  eventLoopDelay: { p50: 0.1, p99: 1, max: 12 },
  cpu: 0.3,
  busyShare: 0.25,
  latency: { p50: 1, p99: 4 },
};

describe('judgeGenerator', () => {
  it('finds nothing against a generator with time to spare, whatever its single worst moment', () => {
    const { figures, reasons } = judgeGenerator(calm);
    expect(reasons).toEqual([]);
    expect(figures).toEqual({
      lateness: calm.lateness,
      eventLoopDelay: calm.eventLoopDelay,
      cpu: 0.3,
      headroom: 4,
      bound: false,
      tailBound: false,
    });
  });

  it('is bound above the busy limit, and not at it', () => {
    expect(judgeGenerator({ ...calm, busyShare: BUSY_LIMIT }).figures.bound).toBe(false);
    const { figures, reasons } = judgeGenerator({ ...calm, busyShare: 0.93 });
    expect(figures.bound).toBe(true);
    expect(reasons).toEqual(['the generator was busy 93 % of the time; above 80 % it sets the pace itself']);
  });

  it('takes the CPU share where the busy share is not known, and has no headroom without either', () => {
    expect(judgeGenerator({ ...calm, busyShare: null, cpu: 0.9 }).figures.bound).toBe(true);
    expect(judgeGenerator({ ...calm, busyShare: null, cpu: null }).figures).toMatchObject({
      headroom: null,
      bound: false,
    });
  });

  it.each(['lateness', 'eventLoopDelay'] as const)(
    'is bound by %s in the median, and in the tail for the tail alone',
    (what) => {
      const tail = judgeGenerator({ ...calm, [what]: { p50: 0.1, p99: 2.1, max: 30 } });
      expect(tail.figures).toMatchObject({ bound: false, tailBound: true });
      expect(tail.reasons).toEqual([]);
      expect(tail.tailReasons[0]).toContain('p99 2.1 ms, tolerated 2.0 ms');
      expect(judgeGenerator({ ...calm, [what]: { p50: 1.2, p99: null, max: 30 } }).figures.bound).toBe(true);
    },
  );

  it('tolerates a tenth of the latency: 40 ms late is nothing against a p99 of half a second', () => {
    const late = { ...calm, lateness: { p50: 3, p99: 40, max: 60 } };
    expect(judgeGenerator({ ...late, latency: { p50: 100, p99: 500 } }).figures.tailBound).toBe(false);
    expect(judgeGenerator({ ...late, latency: { p50: 100, p99: 300 } }).figures.tailBound).toBe(true);
  });

  it('holds nothing against figures that have too few samples', () => {
    const none = { p50: null, p99: null, max: null };
    expect(judgeGenerator({ ...calm, lateness: none, eventLoopDelay: none }).figures.bound).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { parseGate } from './parse.js';
import { GateSyntaxError } from './scanner.js';
import { parseComparedTerm, parseMetricTerm } from './term.js';

function syntaxError(read: () => unknown): GateSyntaxError {
  try {
    read();
  } catch (error) {
    if (error instanceof GateSyntaxError) return error;
    throw error;
  }
  throw new Error('nothing was wrong with it');
}

describe('parseGate', () => {
  it('reads a figure with labels and statistic, and a value in the unit of its metric', () => {
    expect(parseGate('batched:req.eose{req=timeline, client=reader}.p99 <= 0.25s')).toEqual({
      text: 'batched:req.eose{req=timeline, client=reader}.p99 <= 0.25s',
      figure: {
        relay: 'batched',
        metric: 'req.eose',
        labels: { req: 'timeline', client: 'reader' },
        statistic: 'p99',
        offset: 0,
      },
      operator: '<=',
      bound: { kind: 'value', value: 250 },
      boundOffset: 53,
    });
  });

  it.each([
    ['req.eose < 250ms', 250],
    ['req.eose<250 µs', 0.25],
    ['req.eose.mean > 1min', 60_000],
    ['cpu.time < 500ms', 0.5],
    ['memory.rss.peak < 300MiB', 300 * 2 ** 20],
    ['memory.rss.peak < 1.5 GB', 1.5e9],
    ['bytes.received.rate > 10MB/s', 1e7],
    ['events.received.rate >= 1000/s', 1000],
    ['events.received.rate >= 1000', 1000],
    ['conformance.failed = 0', 0],
    ['lost = 0', 0],
    ['req.eose.count >= 1000', 1000],
  ])('reads the value of %s', (text, value) => {
    expect(parseGate(text).bound).toEqual({ kind: 'value', value });
  });

  it('takes the median where a distribution has no statistic', () => {
    expect(parseGate('req.eose < 1ms').figure.statistic).toBe('p50');
  });

  it('takes all before the last colon as the relay, as it is shown', () => {
    expect(parseGate('127.0.0.1:7777:req.eose.p50 < 1ms').figure).toMatchObject({
      relay: '127.0.0.1:7777',
      metric: 'req.eose',
    });
  });

  it('reads a bound that is a multiple of another figure', () => {
    expect(parseGate('batched:req.eose.p50 <= 1.5 * streaming:req.eose{req=a b}.p50').bound).toEqual({
      kind: 'term',
      factor: 1.5,
      term: { relay: 'streaming', metric: 'req.eose', labels: { req: 'a b' }, statistic: 'p50', offset: 30 },
    });
  });

  it('reads a bound that is a baseline and a share', () => {
    expect(parseGate('req.ttfe.p50 <= baseline + 10%').bound).toEqual({ kind: 'baseline', change: 0.1 });
    expect(parseGate('req.ttfe.p50 <= baseline-2.5 %').bound).toEqual({ kind: 'baseline', change: -0.025 });
  });

  it.each([
    ['', 0, 'a metric is missing before the end', undefined],
    ['req.eos.p99 < 1ms', 0, 'there is no metric "req.eos.p99"', 'the nearest is req.eose.p99'],
    ['streaming:memory.rss < 1MB', 10, 'there is no metric "memory.rss"', 'the nearest is memory.rss.peak'],
    [
      'conformance.faild = 0',
      0,
      'there is no metric "conformance.faild"',
      'the nearest is conformance.failed',
    ],
    [':lost = 0', 0, 'the name of the relay is missing before ":"', undefined],
    ['req.eose.p95 < 1ms', 9, 'req.eose has no statistic "p95"', 'use p50, p90, p99, mean, count'],
    [
      'req.eose{req=a}.max < 1ms',
      16,
      'req.eose has no statistic "max"',
      'use p50, p90, p99, mean, count; one largest sample has no interval',
    ],
    ['req.eose.p99{req=a} < 1ms', 9, '"p99" stands before the labels', 'write req.eose{…}.p99'],
    [
      'memory.rss.peak.p50 < 1MB',
      16,
      'memory.rss.peak has one value a round and takes no statistic',
      'write memory.rss.peak',
    ],
    ['lost.p50 = 0', 5, 'lost is an exact count and takes no statistic', 'write lost'],
    ['conformance.failed{req=a} = 0', 18, 'conformance.failed has no labels', 'write conformance.failed'],
    ['req.eose{rep=a} < 1ms', 9, 'there is no label "rep"', 'the nearest is req'],
    ['req.eose{req} < 1ms', 12, '"=" and a value are missing after req', 'write {req=…}'],
    ['req.eose{req=} < 1ms', 13, 'the value of the label req is missing', undefined],
    ['req.eose{req=a,req=b} < 1ms', 15, 'the label req is there twice', undefined],
    ['req.eose{req=a < 1ms', 20, '"}" is missing before the end', undefined],
    ['req.eose 250ms', 9, 'a comparison is missing before "250ms"', 'use < <= > >= ='],
    ['req.eose == 250ms', 9, '"==" is no comparison', 'use < <= > >= ='],
    ['req.eose = 250ms', 9, 'a measured figure has an interval and equals nothing', 'use <= or >='],
    ['req.eose < 250', 14, '250 needs a unit', 'use us, ms, s or min'],
    ['req.eose < 250MB', 14, '"MB" is no unit of req.eose', 'use us, ms, s or min'],
    [
      'memory.rss.peak < 300Mib',
      21,
      '"Mib" is no unit of memory.rss.peak',
      'use B, kB, MB, GB, KiB, MiB or GiB',
    ],
    ['lost = 0ms', 8, '"ms" is no unit of lost', 'use no unit'],
    ['req.eose < 1ms please', 15, 'unexpected "please" after the rule', undefined],
    [
      'req.eose < 2 * memory.rss.peak',
      15,
      'memory.rss.peak is in bytes, req.eose in ms',
      'compare figures of one unit',
    ],
    [
      'req.eose < baseline 10%',
      20,
      '+ or - is missing before "10%"',
      'write baseline + 10% or baseline - 10%',
    ],
    [
      'req.eose < baseline + 10',
      24,
      '"%" is missing before the end',
      'write baseline + 10% or baseline - 10%',
    ],
  ])('says what is wrong with "%s", and where', (text, offset, message, hint) => {
    const error = syntaxError(() => parseGate(text));
    expect([error.offset, error.message, error.hint]).toEqual([offset, message, hint]);
  });

  it('says what a bound can be', () => {
    const error = syntaxError(() => parseGate('req.eose < fast'));
    expect(error.message).toBe('a bound is missing before "fast"');
    expect(error.hint).toContain('baseline + 10%');
  });
});

describe('parseMetricTerm', () => {
  it('reads a figure that stands alone', () => {
    expect(parseMetricTerm(' req.eose{req=timeline}.p50 ')).toMatchObject({
      metric: 'req.eose',
      labels: { req: 'timeline' },
      statistic: 'p50',
      offset: 1,
    });
    expect(syntaxError(() => parseMetricTerm('req.eose < 1ms')).message).toBe(
      'unexpected "< 1ms" after the metric',
    );
  });
});

describe('parseComparedTerm', () => {
  it('reads what relays can be compared by, the median where nothing is said', () => {
    expect(parseComparedTerm('req.ttfe')).toMatchObject({ metric: 'req.ttfe', labels: {}, statistic: 'p50' });
    expect(parseComparedTerm('memory.rss.peak')).toMatchObject({
      metric: 'memory.rss.peak',
      statistic: 'p50',
    });
  });

  it.each(['streaming:req.ttfe', 'conformance.failed', 'lost', 'req.eose.count'])('refuses %s', (text) => {
    expect(syntaxError(() => parseComparedTerm(text)).hint).toBeDefined();
  });
});

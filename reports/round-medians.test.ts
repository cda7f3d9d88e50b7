import { expect, test } from 'vitest';
import { sampleResults } from '../tests/sample-results.js';
import { renderHtml } from './html/render.js';
import { roundsApart } from './round-medians.js';

/** The sample's results, with one relay's rounds off by a factor. */
function skewed(factor: number) {
  const results = sampleResults();
  return {
    ...results,
    relays: results.relays.map((relay) => ({
      ...relay,
      metrics: relay.metrics.map((entry) => ({
        ...entry,
        perRound: entry.perRound.map((round) => ({
          ...round,
          p50: round.p50 === null || relay.name !== 'batched' ? round.p50 : round.p50 * factor,
        })),
      })),
    })),
  };
}

const NOTE = 'whose median p50 is another';

test('rounds that had another p50 than all samples together are told under the table, with theirs', () => {
  const apart = skewed(1.3);
  const [told, ...others] = roundsApart(apart, 'req.eose', {});
  expect(others).toEqual([]);
  expect(told).toMatchObject({ relay: 'batched', unit: 'ms' });
  const pooled = apart.relays.find(({ name }) => name === 'batched')?.metrics;
  const p50 = pooled?.find(({ metric }) => metric === 'req.eose')?.p50 ?? 0;
  expect((told?.median ?? 0) / p50).toBeCloseTo(1.3, 1);
  expect(renderHtml(apart)).toContain(NOTE);
});

test('rounds and samples that agree within 5 % take no line', () => {
  expect(roundsApart(sampleResults(), 'req.eose', {})).toEqual([]);
  expect(renderHtml(sampleResults())).not.toContain(NOTE);
});

test('a hostile name of a relay stays text', () => {
  const { relays, ...rest } = skewed(1.3);
  const [first, second, ...others] = relays;
  if (!first || !second) throw new Error('two relays');
  const name = 'x<img src=y>';
  const html = renderHtml({ ...rest, comparisons: [], relays: [first, { ...second, name }, ...others] });
  expect(html).not.toContain('<img src=y>');
});

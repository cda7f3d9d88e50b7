import { expect, test } from 'vitest';
import { EOSE, sampleResults, TTFE } from '../tests/sample-results.js';
import { headlineOf, standingOf } from './headline.js';

test('a relay stands to the first one by the interval of their comparison, turned round where it must be', () => {
  const results = sampleResults({ comparisons: [TTFE] });
  const standing = standingOf(results, TTFE, 'batched');
  expect(standing?.verdict).toBe('higher');
  expect(standing?.ratio).toBeCloseTo(1 / 0.545);
  expect(standing?.ci95).toEqual([1 / 0.625, 2]);
  const turned = { ...TTFE, a: 'batched', b: 'streaming' };
  expect(standingOf(sampleResults({ comparisons: [turned] }), TTFE, 'batched')).toMatchObject({
    verdict: 'lower',
    ratio: 0.545,
    ci95: [0.5, 0.625],
  });
  expect(standingOf(results, TTFE, 'streaming')).toBeUndefined();
  expect(standingOf(results, { ...TTFE, labels: { req: 'timeline' } }, 'batched')).toBeUndefined();
});

test('the headline is what is compared, EOSE first, or what was measured', () => {
  expect(headlineOf(sampleResults({ comparisons: [TTFE, EOSE] }))?.metric).toBe('req.eose');
  expect(headlineOf(sampleResults({ comparisons: [TTFE] }))?.metric).toBe('req.ttfe');
  expect(headlineOf(sampleResults({ comparisons: [] }))).toEqual({ metric: 'req.eose', labels: {} });
  expect(headlineOf(sampleResults({ comparisons: [], relays: [] }))).toBeUndefined();
});

import { expect, test } from 'vitest';
import type { RelayResult, Results } from '../harness/results.js';
import { sampleResults } from '../tests/sample-results.js';
import { emptyAnswers, unequalSamples } from './samples-apart.js';

/** The sample with some metrics of its first relay changed. */
function changed(
  change: (metric: RelayResult['metrics'][number]) => RelayResult['metrics'][number],
): Results {
  const results = sampleResults();
  return {
    ...results,
    relays: results.relays.map((relay, index) =>
      index === 0 ? { ...relay, metrics: relay.metrics.map(change) } : relay,
    ),
  };
}

test('equal numbers of samples need no word', () => {
  expect(unequalSamples(sampleResults(), 'req.eose', {})).toBeUndefined();
});

test('unequal numbers of samples are explained, and what has none is named where there was any', () => {
  const fewer = changed((one) => (one.metric === 'req.eose' ? { ...one, count: one.count - 12 } : one));
  expect(unequalSamples(fewer, 'req.eose', {})).toMatch(/slower relay has fewer steps due/);
  expect(unequalSamples(fewer, 'req.eose', {})).not.toMatch(/refused/);
  expect(unequalSamples(fewer, 'req.ttfe', {})).toBeUndefined();
  const lost = changed((one) =>
    one.metric === 'req.eose' || one.metric === 'lost' ? { ...one, count: one.count + 3 } : one,
  );
  expect(unequalSamples(lost, 'req.eose', {})).toMatch(/refused, lost or cut off/);
});

test('an EOSE before the first event is explained by the empty answers, and only by those', () => {
  expect(emptyAnswers(sampleResults(), 'req.eose', {})).toBeUndefined();
  const early = { p50: 0.01 };
  const withEmpty = changed((one) =>
    one.metric === 'req.eose' ? { ...one, ...early, count: one.count + 40 } : one,
  );
  expect(emptyAnswers(withEmpty, 'req.eose', {})).toMatch(/streaming 40 of 1,720/);
  expect(emptyAnswers(withEmpty, 'event.ok', {})).toBeUndefined();
  const withoutEmpty = changed((one) => (one.metric === 'req.eose' ? { ...one, ...early } : one));
  expect(emptyAnswers(withoutEmpty, 'req.eose', {})).toBeUndefined();
});

import { expect, test } from 'vitest';
import type { Comparison } from '../harness/results.js';
import { EOSE, sampleResults, TTFE } from '../tests/sample-results.js';
import { verdictSentence, verdicts, withoutVerdict } from './words.js';

function sentence(comparison: Comparison): string {
  const [verdict] = verdicts(sampleResults({ comparisons: [comparison] }));
  return verdict ? verdictSentence(verdict).replaceAll('\u00a0', ' ') : '';
}

test('a clear difference is a factor, with both figures and its interval as seen from the quicker one', () => {
  expect(sentence(TTFE)).toBe(
    'streaming sends its first event 1.8× sooner (time to first event, p50 0.424 ms against 0.770 ms, 95 % interval 1.6–2.0×)',
  );
});

test('the one that is lower comes first, be it a or b', () => {
  const swapped: Comparison = {
    ...TTFE,
    a: 'batched',
    b: 'streaming',
    ratio: 1 / 0.545,
    ci95: [1.6, 2],
    verdict: 'b-lower',
  };
  expect(sentence(swapped)).toBe(sentence(TTFE));
});

test('a small difference is told in percent', () => {
  expect(sentence({ ...TTFE, ratio: 0.94, ci95: [0.92, 0.96] })).toContain(
    'sends its first event 6 % sooner',
  );
  expect(sentence({ ...TTFE, ratio: 0.94, ci95: [0.92, 0.96] })).toContain('95 % interval 4–8 %');
});

test('undecided says what this run could have found', () => {
  expect(sentence(EOSE)).toBe(
    "streaming and batched can't be told apart in time to EOSE (p50 0.866 ms against 0.891 ms, ratio 0.98, 95 % interval 0.93–1.06, smallest difference that this run could have found: 7 %)",
  );
  expect(sentence({ ...EOSE, ci95: null, detectable: null, pairs: 2 })).toContain(
    '2 pairs of rounds are too few',
  );
});

test('equivalent says so with its interval', () => {
  expect(sentence({ ...EOSE, verdict: 'equivalent', ci95: [0.97, 1.02] })).toContain(
    'streaming and batched are equal in time to EOSE (p50 0.866 ms against 0.891 ms, ratio 0.98, 95 % interval 0.97–1.02)',
  );
});

test('not measurable gives the reason and no figure', () => {
  const unmeasured: Comparison = {
    ...TTFE,
    ratio: null,
    difference: null,
    ci95: null,
    verdict: 'not-measurable',
    reason: 'the generator was saturated',
  };
  expect(sentence(unmeasured)).toBe(
    'Time to first event of streaming and batched could not be compared (the generator was saturated)',
  );
});

test('a difference below the floor is told with its interval', () => {
  const belowFloor: Comparison = { ...TTFE, verdict: 'not-measurable', reason: 'below the floor' };
  expect(sentence(belowFloor)).toBe(
    'No measurable difference between streaming and batched in time to first event ' +
      '(below the floor, p50 0.424 ms against 0.770 ms, ratio 0.55, 95 % interval 0.50–0.63)',
  );
});

test('memory is less, not sooner, and labels are named', () => {
  expect(sentence({ ...TTFE, metric: 'memory.rss.peak', ratio: 0.5, ci95: [0.4, 0.6] })).toMatch(
    /^streaming uses 2\.0× less resident memory/,
  );
  expect(sentence({ ...TTFE, labels: { req: 'timeline' } })).toMatch(/^Timeline: streaming sends/);
});

test('a figure that the relay does not have is left out', () => {
  expect(sentence({ ...TTFE, labels: { req: 'nowhere' } })).toContain('(time to first event, 95 % interval');
});

test('wrong answers and warnings about the metric, a relay or the floor are held against a verdict', () => {
  const cautionWith = (spoils: string[]) =>
    verdicts(sampleResults({ warnings: [{ code: 'x', text: 'x', spoils }] }))[0]?.caution;
  for (const spoiled of ['req.ttfe', 'batched', 'batched:req.ttfe', '*']) {
    expect(cautionWith([spoiled])).toBe('A warning above speaks against this figure.');
  }
  expect(cautionWith(['req.eose'])).toBe('');
  const results = sampleResults();
  const relays = results.relays.map((relay) =>
    relay.conformance ? { ...relay, conformance: { ...relay.conformance, failed: 1 } } : relay,
  );
  expect(verdicts({ ...results, relays })[0]?.caution).toContain('streaming and batched gave wrong answers');
});

test('what one reason forbids comes last, as one, and says with whom', () => {
  const refused = {
    ratio: null,
    ci95: null,
    verdict: 'not-measurable',
    reason: 'orly refused 17 events',
  } as const;
  const withOrly = (one: Comparison, other: string): Comparison => ({
    ...one,
    a: other,
    b: 'orly',
    ...refused,
  });
  const pairs = ['streaming', 'batched'].flatMap((name) => [withOrly(TTFE, name), withOrly(EOSE, name)]);
  const told = verdicts(sampleResults({ comparisons: [...pairs, TTFE] }));
  expect(told.map(({ comparison }) => comparison)).toEqual([TTFE, undefined]);
  expect(told[1] && verdictSentence(told[1])).toBe(
    '4 comparisons with orly could not be made (orly refused 17 events; time to first event with streaming and with batched; ' +
      'time to EOSE with streaming and with batched)',
  );
  const two = verdicts(sampleResults({ comparisons: pairs.slice(0, 2) }));
  expect(two.map(({ headline }) => headline)).toEqual([
    'Time to first event of streaming and orly could not be compared',
    'Time to EOSE of streaming and orly could not be compared',
  ]);
});

test('a run that compared nothing tells what it measured, or what it checked', () => {
  const [streaming] = sampleResults().relays;
  if (!streaming) throw new Error('no relay in the sample');
  const alone = sampleResults({ relays: [streaming], comparisons: [] });
  expect(withoutVerdict(alone)).toMatch(/^streaming: time to EOSE p50 [\d.]+\sms$/);
  const checked = sampleResults({ relays: [{ ...streaming, metrics: [] }], comparisons: [] });
  expect(withoutVerdict(checked)).toMatch(/^streaming: \d+ of \d+\schecks failed$/);
  expect(withoutVerdict(sampleResults({ relays: [], comparisons: [] }))).toBe('This run measured nothing');
});

import { expect, test } from 'vitest';
import type { CheckResult } from '../harness/results.js';
import { conformance, relayResult, sampleResults } from '../tests/sample-results.js';
import { doubts } from './findings.js';

const ACKNOWLEDGED = 'nip01/event/ok';

function doubtsAbout(check: Partial<CheckResult>): readonly string[] {
  const relay = relayResult(
    'mine',
    { ttfe: 1, eose: 2, rssMiB: 60, seed: 1 },
    { conformance: conformance({ [ACKNOWLEDGED]: check }) },
  );
  return doubts(sampleResults({ relays: [relay], comparisons: [], gates: [] }))
    .map(({ text }) => text.replaceAll('\u00a0', ' '))
    .filter((text) => text.includes(ACKNOWLEDGED));
}

test('a rule that could judge none or few of its cases is named before the figures', () => {
  const nothingJudged = { result: 'not-tested', seen: 0, setAside: 20_200 } as const;
  expect(doubtsAbout(nothingJudged)).toEqual([
    'mine: none of 20,200 cases of nip01/event/ok could be judged: right or wrong, nobody knows',
  ]);
  expect(doubtsAbout({ ...nothingJudged, setAside: 0 })).toEqual([]);
  expect(doubtsAbout({ ...nothingJudged, level: 'INFO' })).toEqual([]);
  expect(doubtsAbout({ result: 'passed', seen: 66, setAside: 813 })).toEqual([
    'mine: only 66 of 879 cases of nip01/event/ok could be judged: right or wrong, nobody knows of the others',
  ]);
  expect(doubtsAbout({ result: 'passed', seen: 10, setAside: 10 })).toEqual([]);
});

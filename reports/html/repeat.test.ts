import { expect, test } from 'vitest';
import { relayResult, sampleResults } from '../../tests/sample-results.js';
import { repeatCommand } from './repeat.js';

const speed = { ttfe: 1, eose: 1, rssMiB: 50, seed: 9 };

test('the default pair needs no --relay', () => {
  expect(repeatCommand(sampleResults())).toBe(
    'npx reqbench run first-look.yaml --seed 42 --epoch 2025-01-01T00:00:00Z --rounds 7',
  );
});

test('the file is named as it was found, with what was set otherwise and what was swept', () => {
  const { scenario } = sampleResults();
  const overrides = ['phases.1.duration=4s', 'name=two words'];
  const point = {
    folder: '1',
    complete: true,
    planFingerprint: '',
    warnings: 0,
    relays: [],
    comparisons: [],
  };
  const results = sampleResults({
    scenario: { ...scenario, file: 'mine/look.yaml', overrides },
    sweep: { parameter: 'seed', points: ['1', '2'].map((value) => ({ ...point, value })) },
  });
  expect(repeatCommand(results)).toMatch(
    /^npx reqbench run mine\/look\.yaml .* --set phases\.1\.duration=4s --set 'name=two words' --sweep seed=1,2 /,
  );
});

test('other relays are named as the command line names them, quoted for a shell', () => {
  const relays = [
    relayResult('mine', speed, { target: { kind: 'command', command: "my relay --name 'x'" } }),
    relayResult('127.0.0.1:7777', speed, { target: { kind: 'attached', url: 'ws://127.0.0.1:7777' } }),
  ];
  expect(repeatCommand(sampleResults({ relays }))).toMatch(
    / --relay 'mine=my relay --name '\\''x'\\''' --relay ws:\/\/127\.0\.0\.1:7777 --no-null$/,
  );
});

test('relays are named by what was written for them, and rules that were added are', () => {
  const relays = [
    relayResult('base', speed, { spec: 'base=streaming' }),
    relayResult('head', speed, { spec: 'head=khatru', target: { kind: 'command', command: 'exec khatru' } }),
  ];
  const { scenario } = sampleResults();
  const gate = 'head:req.eose.p50 <= 1.02 * base:req.eose.p50';
  expect(repeatCommand(sampleResults({ relays, scenario: { ...scenario, gates: [gate] } }))).toMatch(
    new RegExp(
      ` --relay base=streaming --relay head=khatru --no-null --gate '${gate.replaceAll('*', '\\*')}'$`,
    ),
  );
});

test('a conformance report names the suite, not a scenario', () => {
  const { scenario, relays } = sampleResults();
  const results = sampleResults({
    scenario: { ...scenario, name: 'conform' },
    relays: relays.slice(0, 1).map((relay) => ({ ...relay, metrics: [] })),
  });
  expect(repeatCommand(results)).toBe('npx reqbench conform --relay streaming');
});

test('as many load workers are asked for as there were', () => {
  const { harness } = sampleResults();
  const { perRelay, ...generator } = harness;
  const workers = [1, 2].map((worker) => ({ worker, pid: 100 + worker, ...generator }));
  const shared = { ...generator, perRelay: perRelay.map((one) => ({ ...one, workers })) };
  expect(repeatCommand(sampleResults({ harness: shared }))).toContain(' --rounds 7 --workers 2');
});

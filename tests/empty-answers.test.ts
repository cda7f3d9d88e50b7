import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Results } from '../harness/results.js';
import { oddRelay, readResults, reqbench, scenarioFile, scratchFolder, serving } from './reqbench.js';

const SCENARIO = `
name: asked
seed: 7
corpus: { generate: { events: 100, authors: 10 } }
rounds: 1
phases: [{ name: steady, duration: 300ms, arrivals: { constant: 50/s } }]
clients:
  reader: { script: [connect, { req: { filters: [{ kinds: [1], limit: 5 }] } }] }
gates: [conformance.failed = 0]
`;

const CORPUS = ['--events', '100', '--authors', '10', '--seed', '7', '--epoch', '2026-01-01'];

/** `--load` among the relays is the option. */
async function run(scenario: string, ...relays: readonly string[]) {
  const out = join(scratchFolder(), 'out');
  const specs = relays.flatMap((one) => (one === '--load' ? [one] : ['--relay', one]));
  const finished = await reqbench(['run', scenarioFile(scenario), '--out', out, ...specs]);
  return { ...finished, results: readResults(out) };
}

function emptiness({ warnings }: Results) {
  return warnings.filter(({ code }) => code === 'empty-answers');
}

test('a relay that answers with nothing is named first, and the gate that it passes says what it leaves out', async () => {
  const { code, stdout, results } = await run(SCENARIO, oddRelay('empty'), oddRelay('faithful'));
  const warnings = emptiness(results);
  expect(warnings.map(({ spoils }) => spoils)).toEqual([['empty']]);
  expect(warnings[0]?.text).toMatch(/^empty sent no event in answer to \d+ REQs, although the corpus has/);
  expect(stdout.indexOf('sent no event')).toBeLessThan(stdout.indexOf('EOSE p50'));
  expect(results.gates[0]).toMatchObject({
    result: 'passed',
    actual: expect.stringMatching(
      /^empty: 0 of \d+ checks failed, 1 more of level SHOULD, which counts with --strict; faithful: 0 of \d+ checks failed$/,
    ),
  });
  expect(code).toBe(0);
}, 60_000);

test('questions that nothing matches are no reason to doubt', async () => {
  const { results } = await run(SCENARIO.replace('kinds: [1]', 'kinds: [999]'), oddRelay('empty'));
  expect(emptiness(results)).toEqual([]);
}, 60_000);

test('an attached relay without the corpus is named, with how to load it; loaded by either way, it is not', async () => {
  const url = await serving('batched');
  const empty = await run(SCENARIO, url);
  expect(emptiness(empty.results)).toMatchObject([
    {
      text: expect.stringContaining(
        'it seems to hold nothing of the corpus; run with --load, which writes it',
      ),
    },
  ]);
  const written = await run(SCENARIO, url, '--load');
  expect(emptiness(written.results)).toEqual([]);
  const file = join(scratchFolder(), 'corpus.jsonl');
  expect((await reqbench(['corpus', 'generate', ...CORPUS, '--out', file])).code).toBe(0);
  const loaded = await run(SCENARIO, await serving('batched', '--preload', file));
  expect(emptiness(loaded.results)).toEqual([]);
}, 60_000);

import { expect, test } from 'vitest';
import { lookRounds } from '../harness/stats/stopping.js';
import { readResults, reqbench, scenarioFile, scratchFolder } from './reqbench.js';

const SCENARIO = `
name: until-decided
corpus: { generate: { events: 100, authors: 10 } }
phases: [{ name: steady, arrivals: { closed: { clients: 1, iterations: 2 } } }]
clients: { reader: { script: [connect, { req: { as: r, filters: [{ kinds: [1], limit: 5 }] } }] } }
`;

async function play(...words: string[]) {
  const out = scratchFolder();
  const relay = ['--relay', 'streaming', '--no-null', '--out', out];
  const { code, stderr } = await reqbench(['run', scenarioFile(SCENARIO), ...relay, ...words]);
  return { code, stderr, results: readResults(out) };
}

test('a run with --rounds auto ends at the first look that decides its gates', async () => {
  const { code, results, stderr } = await play('--rounds', 'auto', '--gate', 'refused = 0');
  expect(code).toBe(0);
  expect(results.stopping).toEqual({ looks: 8, budgetMs: 60_000, reason: 'decided' });
  expect(results.rounds).toHaveLength(lookRounds(1)[0] ?? 0);
  expect(stderr).toContain('round 1 · at most');
});

test('or when its time is up, and says that nothing was decided', async () => {
  const { code, results } = await play('--rounds', 'auto', '--budget', '1s', '--gate', 'event.ok < 1s');
  expect(code).toBe(4);
  expect(results.stopping).toEqual({ looks: 8, budgetMs: 1_000, reason: 'budget' });
  expect(results.rounds.length).toBeLessThan(lookRounds(1)[0] ?? 0);
});

test.each([
  [['--budget', '5s'], '--budget goes with --rounds auto'],
  [['--rounds', 'some'], '--rounds some is out of range'],
  [['--rounds', 'auto', '--budget', 'soon'], '--budget soon is no duration'],
])('%j is bad usage', async (words, message) => {
  const { code, stderr } = await reqbench(['run', scenarioFile(SCENARIO), ...words]);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});

import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Results } from '../harness/results.js';
import { readResults, reqbench, scenarioFile, scratchFolder } from './reqbench.js';

const SUBSCRIBERS = 3;
const PUBLISHES = 5;

/** A relay that delivers nothing live (D8, of a limit of 0, and D12, without a word) or everything, to clients that leave as `leave` says. */
async function play(deviations: string, leave: string): Promise<{ code: number | null; results: Results }> {
  const out = join(scratchFolder(), 'out');
  const scenario = scenarioFile(`
name: leaving
corpus: { generate: { events: 100, authors: 10 } }
relay: { deviations: ${deviations} }
rounds: 1
deadline: 400ms
compare: []
phases:
  - { name: subscribe, duration: 500ms, arrivals: { closed: { clients: ${SUBSCRIBERS} } }, clients: [subscriber] }
  - { name: publish, arrivals: { closed: { clients: 1, iterations: 1 } }, clients: [publisher] }
clients:
  subscriber:
    script:
      - connect
      - req: { as: live, filters: [{ kinds: [1], "#t": [leaving], limit: 0 }], then: keep }
      - wait: 2s
      - close: live
${leave}
  publisher:
    script:
      - connect
      - repeat: { times: ${PUBLISHES}, do: [{ publish: { kind: 1, tags: [[t, leaving]] } }] }
      - disconnect
gates: [lost = 0]
`);
  const { code } = await reqbench(['run', scenario, '--relay', 'batched', '--no-null', '--out', out]);
  return { code, results: readResults(out) };
}

function delivered({ relays }: Results) {
  return relays[0]?.conformance?.checks.find(({ id }) => id === 'nip01/live/delivered');
}

test.each([
  ['at the end of their script', ''],
  ['by disconnect', '      - disconnect'],
  ['by reconnect', '      - reconnect\n      - req: { filters: [{ kinds: [1], limit: 1 }] }'],
])(
  'what a relay never delivers is lost, also when its clients leave %s',
  async (_, leave) => {
    const { code, results } = await play('[D8, D12]', leave);
    const owed = SUBSCRIBERS * PUBLISHES;
    expect(delivered(results)).toMatchObject({ result: 'failed', failedCases: owed, setAside: 0 });
    expect(results.gates).toMatchObject([{ rule: 'lost = 0', result: 'failed', actual: `batched: ${owed}` }]);
    expect(code).toBe(1);
  },
  60_000,
);

test('a relay that delivers everything is accused of nothing when its clients leave', async () => {
  const { code, results } = await play('[]', '      - disconnect');
  const seen = SUBSCRIBERS * PUBLISHES;
  expect(delivered(results)).toMatchObject({ result: 'passed', seen, setAside: 0 });
  expect(code).toBe(0);
}, 60_000);

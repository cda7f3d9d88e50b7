import { expect, test } from 'vitest';
import { oddRelay, readResults, reqbench, scenarioFile, scratchFolder } from './reqbench.js';

const SCENARIO = `
name: late
corpus: { generate: { events: 4, authors: 2 } }
rounds: 1
deadline: 200ms
compare: []
phases:
  - { name: all, arrivals: { closed: { clients: 4 } } }
clients:
  heard:
    weight: 3
    script: [connect, { publish: { kind: 1, content: heard } }]
  unheard:
    weight: 1
    script: [connect, { publish: { kind: 1, content: unheard } }]
`;

test('an OK that is late where the relay answers everybody late is not missing; one that never comes is', async () => {
  const out = scratchFolder();
  await reqbench(['run', scenarioFile(SCENARIO), '--no-null', '--relay', oddRelay('late'), '--out', out]);
  const checks = readResults(out).relays[0]?.conformance?.checks ?? [];
  const [found, ...others] = checks.filter(({ result }) => result === 'failed');
  expect(others).toEqual([]);
  expect(found?.failures.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^no OK for .*; a fresh REQ was answered afterwards$/),
  ]);
  expect(found).toMatchObject({ id: 'nip01/event/ok', failedCases: 1, setAside: 0 });
}, 180_000);

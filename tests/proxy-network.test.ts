import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readResults, reqbench, scenarioFile, scratchFolder } from './reqbench.js';

const FAR_AWAY = `
name: far-away
corpus: { generate: { events: 100, authors: 10 } }
rounds: 1
network: { latency: 30ms, jitter: 5ms, bandwidth: 10MB/s }
phases:
  - { name: steady, arrivals: { closed: { clients: 2, iterations: 2 } } }
clients:
  reader:
    script: [connect, { req: { filters: [{ kinds: [1], limit: 10 }] } }, disconnect]
gates: [conformance.failed = 0]
`;

test('a scenario’s network lies before every relay, is in its figures, and is named in a warning', async () => {
  const out = join(scratchFolder(), 'out');
  const { code, stderr } = await reqbench(['run', scenarioFile(FAR_AWAY), '--out', out]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const results = readResults(out);
  for (const { name, metrics } of results.relays) {
    const eose = metrics.find(
      ({ metric, labels }) => metric === 'req.eose' && Object.keys(labels).length === 0,
    );
    // Two ways of 25 ms at least; timers may fire a millisecond early.
    expect(eose?.p50, name).toBeGreaterThanOrEqual(48);
  }
  const warning = results.warnings.find(({ code: one }) => one === 'network-shaped');
  expect(warning?.text).toContain('30 ms one way, ± 5 ms, 10000000 bytes/s');
});

test.each([
  ['latency: 40 parsecs', /500ms, 2s/],
  ['bandwidth: fast', /64kB\/s/],
  ['{ latency: 5ms, jitter: 10ms }', /larger than the latency/],
])('network: %s is refused with what to write', async (network, hint) => {
  const value = network.startsWith('{') ? network : `{ ${network} }`;
  const file = scenarioFile(FAR_AWAY.replace(/network: .*/, `network: ${value}`));
  const { code, stderr } = await reqbench(['validate', file]);
  expect(stderr).toMatch(hint);
  expect(stderr).toContain(`${file}:5:`);
  expect(code).toBe(2);
});

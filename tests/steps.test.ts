import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Results } from '../harness/results.js';
import { readResults, reqbench, scenarioFile, scratchFolder } from './reqbench.js';

/** Plays a script of one client kind against both reference relays, checked; gives the results. */
async function playScript(
  script: string,
  { clients = 2, relay = '{}', gates = '[]' } = {},
): Promise<Results> {
  const out = join(scratchFolder(), 'out');
  const scenario = scenarioFile(`
name: steps
corpus: { generate: { events: 2000, authors: 50 } }
relay: ${relay}
gates: ${gates}
rounds: 1
deadline: 500ms
compare: []
phases:
  - { name: steady, arrivals: { closed: { clients: ${clients} } } }
clients:
  one:
    script:
${script}`);
  const { code, stdout, stderr } = await reqbench([
    'run',
    scenario,
    '--out',
    out,
    '--not-measurable',
    'pass',
  ]);
  expect({ code, stdout, stderr }).toMatchObject({ code: 0 });
  const results = readResults(out);
  for (const { name, conformance } of results.relays) {
    if (conformance) expect({ name, failed: conformance.failed }).toEqual({ name, failed: 0 });
  }
  return results;
}

function count(results: Results, relay: string, metric: string): number | undefined {
  const found = results.relays.find(({ name }) => name === relay);
  return found?.metrics.find(
    ({ metric: name, labels }) => name === metric && Object.keys(labels).length === 0,
  )?.count;
}

test('branches, pauses and reconnects keep relays right, and all that was planned is done', async () => {
  const results = await playScript(`
      - connect
      - parallel:
          - [{ req: { as: notes, filters: [{ kinds: [1], limit: 50 }] } }]
          - [{ req: { as: profiles, filters: [{ kinds: [0], limit: 50 }] } }, { publish: { kind: 1 } }]
          - [{ think: 20ms }, { publish: { kind: 1 } }]
      - reconnect: { after: 20ms }
      - think: { from: 5ms, to: 10ms }
      - req: { as: again, filters: [{ kinds: [1], limit: 20 }] }
`);
  for (const relay of ['streaming', 'batched']) {
    expect(count(results, relay, 'connect')).toBe(4);
    expect(count(results, relay, 'req.eose')).toBe(6);
    expect(count(results, relay, 'event.ok')).toBe(4);
  }
}, 60_000);

test('who reads slowly on purpose is owed nothing by a deadline, and gets everything', async () => {
  const results = await playScript(`
      - connect
      - slow-read: 400kB/s
      - req: { filters: [{ kinds: [1], limit: 500 }, { kinds: [7], limit: 500 }] }
      - slow-read: stop
      - req: { as: unread, filters: [{ kinds: [1], limit: 500 }], await: none }
      - wait: 800ms
`);
  for (const relay of ['streaming', 'batched']) {
    expect(count(results, relay, 'req.eose')).toBeGreaterThanOrEqual(2);
    expect(count(results, relay, 'late')).toBe(0);
    expect(count(results, relay, 'lost')).toBe(0);
  }
}, 60_000);

test('COUNTs are measured and judged, beside REQs and after AUTH', async () => {
  const results = await playScript(
    `
      - connect
      - auth: { within: 200ms }
      - repeat: { times: 5, do: [{ count: { as: likes, filters: [{ kinds: [7] }, { authors: [$me] }] } }, { req: { filters: [{ kinds: [1], limit: 5 }] } }] }
`,
    { relay: '{ access: auth-required }' },
  );
  for (const { name, conformance } of results.relays) {
    expect(count(results, name, 'count.latency')).toBe(10);
    if (!conformance) continue;
    const answered = conformance.checks.find(({ id }) => id === 'nip45/answered');
    const off = conformance.checks.find(({ id }) => id === 'nip45/off');
    expect(answered?.result).toBe('passed');
    // A first one that was refused for want of AUTH has an answer more.
    expect(answered?.seen).toBeGreaterThanOrEqual(10);
    expect(off).toMatchObject({ seen: 10, failedCases: 0 });
  }
}, 60_000);

test('HTTP load beside REQs is measured on every relay, the floor too, and its figures are there for gates', async () => {
  const results = await playScript(
    `
      - http: { as: document, connections: 3, rate: 50/s, for: 1s }
      - http: { as: handshake, request: upgrade, connections: 3, rate: 50/s, for: 1s }
      - connect
      - req: { filters: [{ kinds: [1], limit: 5 }] }
`,
    { gates: '[http.errors = 0, http.unexpected = 0, "http.latency{req=document}.p50 < 60s"]' },
  );
  for (const { name, metrics } of results.relays) {
    for (const req of ['document', 'handshake']) {
      const latency = metrics.find(({ metric, labels }) => metric === 'http.latency' && labels.req === req);
      expect(latency?.count, `${req} of ${name}`).toBeGreaterThan(3);
    }
    expect(count(results, name, 'http.errors')).toBe(0);
    expect(metrics.find(({ metric }) => metric === 'http.rate')?.mean).toBeGreaterThan(0);
    expect(metrics.find(({ metric }) => metric === 'http.bytes.rate')?.mean).toBeGreaterThan(0);
  }
  expect(results.gates.map(({ result }) => result)).not.toContain('failed');
}, 60_000);

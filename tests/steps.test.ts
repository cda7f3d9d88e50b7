import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Results } from '../harness/results.js';
import { oddRelay, readResults, reqbench, scenarioFile, scratchFolder } from './reqbench.js';

/** Plays a script of one client kind against both reference relays, checked; gives the results. */
async function playScript(
  script: string,
  {
    clients = 2,
    relay = '{}',
    gates = '[]',
    out = join(scratchFolder(), 'out'),
    options = [] as readonly string[],
  } = {},
): Promise<Results> {
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
    ...options,
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

/** What a client may send by mistake, or to see what happens; as YAML. */
const GARBAGE = [
  "''",
  'hello',
  "'['",
  "'[]'",
  "'{}'",
  "'[null]'",
  `'["REQ"]'`,
  `'["REQ",""]'`,
  `'["REQ","",{}]'`,
  `'["REQ",5,{}]'`,
  `'["REQ","odd"]'`,
  `'["REQ","odd",null]'`,
  `'["REQ","odd",{"kinds":"all","limit":-1}]'`,
  `'["REQ","odd",{"ids":["zz"],"since":1e300}]'`,
  `'["REQ","${'x'.repeat(65)}",{}]'`,
  `'["COUNT","odd",[]]'`,
  `'["CLOSE"]'`,
  `'["CLOSE",{}]'`,
  `'["EVENT"]'`,
  `'["EVENT",{"id":"half"}]'`,
  `'["EVENT",[],{}]'`,
  `'["AUTH",{}]'`,
  `'["NEG-OPEN","neg",{},"61"]'`,
  `'["__proto__","constructor",{"toString":1}]'`,
  `'${'['.repeat(20_000)}'`,
  '{ base64: /w== }',
  '{ base64: AP8AAA==, frame: binary }',
  `{ text: '["REQ","bin",{"limit":1}]', frame: binary }`,
];

test('what need not be served accuses nobody, stops nothing, and reads the same in its trace', async () => {
  const own = '- req: { as: notes, filters: [{ kinds: [1], limit: 20 }] }\n      - publish';
  const out = join(scratchFolder(), 'out');
  // Each on a connection of its own, for a relay may end it.
  const script = GARBAGE.map(
    (raw) => `      - connect\n      - raw: ${raw}\n      - wait: 20ms\n      - disconnect\n`,
  ).join('');
  const results = await playScript(
    `      - connect\n      - raw: hello\n      ${own}\n      - disconnect\n${script}      - connect\n      ${own}\n`,
    { relay: '{ access: open }', out, options: ['--trace'] },
  );
  for (const relay of ['streaming', 'batched', 'null']) {
    expect(count(results, relay, 'connect')).toBe(2 * (GARBAGE.length + 2));
    expect(count(results, relay, 'event.ok')).toBe(4);
    expect(count(results, relay, 'req.eose')).toBe(4);
  }
  expect(results.warnings.map(({ code }) => code)).not.toContain('connections-lost');
  for (const relay of ['streaming', 'batched']) {
    const again = await reqbench(['check', join(out, 'traces', `${relay}-round-1.ndjson.gz`)]);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('no check failed') });
  }
}, 90_000);

test('a raw message that is a right one is judged as one: a relay that gives no answer to it is found', async () => {
  const scenario = scenarioFile(`
name: raw
corpus: { generate: { events: 500, authors: 20 } }
rounds: 1
deadline: 300ms
compare: []
phases: [{ name: steady, arrivals: { closed: { clients: 1 } } }]
clients:
  one:
    script:
      - connect
      - raw: '["REQ", "raw", {"kinds": [1], "limit": 5}]'
      - wait: 500ms
`);
  const outcome = async (relay: string) => {
    const out = join(scratchFolder(), 'out');
    const { code } = await reqbench(['run', scenario, '--relay', relay, '--no-null', '--out', out]);
    const checks = readResults(out).relays[0]?.conformance?.checks ?? [];
    const stored = checks.find(({ id }) => id === 'nip01/req/stored-set');
    return { code, result: stored?.result, seen: stored?.seen };
  };
  expect(await outcome('streaming')).toEqual({ code: 0, result: 'passed', seen: 1 });
  expect(await outcome('batched')).toEqual({ code: 0, result: 'passed', seen: 1 });
  expect((await outcome(oddRelay('forgetful'))).result).toBe('failed');
}, 90_000);

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

/** Relays that run already: what `--load` writes to them, and how they are judged beside what others wrote. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { startMessageProxy } from '../harness/proxy/index.js';
import type { RelayResult, Results } from '../harness/results.js';
import { readResults, reqbench, scenarioFile, scratchFolder, serving } from './reqbench.js';

const READS = `
name: attached
corpus: { generate: { events: 250, authors: 20 } }
rounds: 2
deadline: 2s
phases:
  - { name: steady, arrivals: { closed: { clients: 3, iterations: 4 } } }
`;

/** By author, so that nothing of others can be in an answer. */
const BY_AUTHOR = `${READS}
clients:
  reader:
    script:
      - connect
      - req: { as: notes, filters: [{ kinds: [1], authors: $authors(5), limit: 30 }] }
      - req: { as: lookup, filters: [{ ids: $ids(5) }] }
`;

/** With a filter that others' events match, and something published. */
const OPEN_FILTERS = `${READS}
clients:
  reader:
    weight: 2
    script:
      - connect
      - req: { as: profile, filters: [{ kinds: [0], authors: [$author] }] }
      - req: { as: timeline, filters: [{ kinds: [1], limit: 20 }, { kinds: [7], limit: 10 }] }
  writer:
    script: [connect, { publish: { kind: 1, content: hello } }]
`;

const STRANGERS = ['corpus', 'generate', '--events', '200', '--authors', '15', '--seed', '9'];

/** A relay that holds what strangers wrote. */
async function inhabited(relay: string, ...more: readonly string[]): Promise<string> {
  const file = join(scratchFolder(), 'strangers.jsonl');
  await reqbench([...STRANGERS, '--out', file]);
  return serving(relay, '--preload', file, ...more);
}

interface Outcome {
  readonly code: number | null;
  readonly said: string;
  readonly results: Results;
  relay(url: string): RelayResult | undefined;
}

async function run(scenario: string, urls: readonly string[], ...more: readonly string[]): Promise<Outcome> {
  const out = join(scratchFolder(), 'out');
  const relays = urls.flatMap((url) => ['--relay', url]);
  const args = ['run', scenarioFile(scenario), ...relays, '--load', '--strict', '--out', out, ...more];
  const { code, stdout, stderr } = await reqbench(args);
  const results = readResults(out);
  return {
    code,
    said: `${stdout}${stderr}`.replace(/\s+/g, ' '),
    results,
    relay: (url) => results.relays.find(({ name }) => name === url.replace(/^ws:\/\/|\/$/g, '')),
  };
}

const resultOf = (relay: RelayResult | undefined, id: string) =>
  relay?.conformance?.checks.find((check) => check.id === id)?.result;

test('both reference relays, with strangers’ events in them: loaded once, judged, equal to one that is started', async () => {
  const urls = await Promise.all(['streaming', 'batched'].map((relay) => inhabited(relay)));
  const { code, said, results, relay } = await run(BY_AUTHOR, [...urls, 'streaming']);
  expect({ code, said }).toMatchObject({ code: 0 });
  for (const url of urls) {
    const found = relay(url);
    expect(found?.loaded).toEqual({ accepted: 250, refused: 0, times: 1 });
    expect(found?.work).toMatchObject({ judged: 48, equal: 48, foreign: 0 });
    expect(resultOf(found, 'nip01/req/stored-set')).toBe('passed');
  }
  expect(results.relays[2]?.loaded).toBeUndefined();
  expect(results.relays[2]?.work).toMatchObject({ judged: 48, equal: 48 });
  expect(results.corpus.keyNonce).toMatch(/^[0-9a-f]{16}$/);
  expect(said).toContain(`(nonce ${results.corpus.keyNonce})`);
  expect(said).toContain('answers right');
}, 120_000);

test('where scripts publish every round has keys of its own, and a second run finds nothing of the first in its way', async () => {
  const url = await inhabited('streaming');
  for (let times = 0; times < 2; times += 1) {
    const { code, said, results, relay } = await run(OPEN_FILTERS, [url, 'batched']);
    expect({ code, said }).toMatchObject({ code: 0 });
    const found = relay(url);
    expect(found?.loaded).toEqual({ accepted: 500, refused: 0, times: 2 });
    expect(found?.metrics.some(({ metric }) => metric === 'event.ok')).toBe(true);
    expect(resultOf(found, 'nip01/req/stored-set')).toBe('passed');
    expect(found?.work?.foreign).toBeGreaterThan(0);
    expect(relay('batched')?.work?.foreign).toBe(0);
    expect(results.comparisons.map(({ verdict }) => verdict)).toEqual(['not-measurable', 'not-measurable']);
  }
}, 120_000);

test('a trace of it says that others write to the relay, and is judged alike', async () => {
  const url = await inhabited('batched');
  const out = join(scratchFolder(), 'out');
  const scenario = scenarioFile(OPEN_FILTERS);
  await reqbench(['run', scenario, '--relay', url, '--no-null', '--load', '--trace', '--out', out]);
  const name = new URL(url).host.replace(':', '_');
  for (const round of [1, 2]) {
    const trace = join(out, 'traces', `${name}-round-${round}.ndjson.gz`);
    const { code, stdout } = await reqbench(['check', trace, '--strict']);
    expect({ code, stdout }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/nip01\/event\/foreign: \d+ of/);
  }
}, 120_000);

test('an event that the relay lost is found', async () => {
  const upstream = await inhabited('streaming');
  const proxy = await startMessageProxy({
    upstream,
    tamperOf: () => ({
      fromClient: (message, way) => way.toRelay(message),
      fromRelay(message, way) {
        const [label, , event] = JSON.parse(message.payload.toString());
        if (label !== 'EVENT' || !/^[0-3]/.test(event.id)) way.toClient(message);
      },
    }),
  });
  onTestFinished(() => proxy.close());
  const { code, relay, results } = await run(BY_AUTHOR, [proxy.url, 'streaming']);
  expect(code).toBe(1);
  expect(resultOf(relay(proxy.url), 'nip01/req/stored-set')).toBe('failed');
  expect(resultOf(results.relays[1], 'nip01/req/stored-set')).toBe('passed');
}, 120_000);

test('a relay that asks for AUTH gets it, while it is loaded and from the scripts', async () => {
  const url = await inhabited('batched', '--access', 'auth-required');
  const scenario = BY_AUTHOR.replace('\nclients:', '\nrelay: { access: auth-required }\nclients:').replace(
    '- connect',
    '- connect\n      - auth: { within: 1s }',
  );
  const { code, said, relay } = await run(scenario, [url], '--no-null');
  expect({ code, said }).toMatchObject({ code: 0 });
  expect(relay(url)?.loaded).toMatchObject({ accepted: 250, refused: 0 });
  expect(resultOf(relay(url), 'nip01/req/stored-set')).toBe('passed');
}, 120_000);

test('one that admits nobody ends its own part, says why and what to change; the others keep theirs', async () => {
  const url = await inhabited('streaming', '--access', 'managed');
  const { code, said, relay } = await run(BY_AUTHOR, [url, 'batched']);
  expect(code).toBe(3);
  expect(relay(url)).toMatchObject({ status: 'failed-to-start' });
  expect(relay(url)?.error?.message).toMatch(/took none of the 250 events of the corpus.*restricted/);
  expect(said).toContain('leave --load out');
  expect(relay('batched')).toMatchObject({ status: 'ok', work: { judged: 48, equal: 48 } });
}, 120_000);

test('one that answers no EVENT is a failed check', async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  server.on('connection', (socket) => {
    socket.on('message', (text) => {
      const [label, id] = JSON.parse(String(text));
      if (label === 'REQ') socket.send(JSON.stringify(['EOSE', id]));
    });
  });
  await once(server, 'listening');
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { code, relay } = await run(BY_AUTHOR, [url], '--no-null', '--rounds', '1');
  expect(code).toBe(1);
  expect(resultOf(relay(url), 'scenario/corpus/accepted')).toBe('failed');
}, 120_000);

test.each([
  ['without an attached relay', ['--relay', 'streaming'], /none is given by its address/],
  [
    'with the events of others',
    ['--relay', 'ws://127.0.0.1:7777', '--set', 'corpus.file=events.jsonl'],
    /signed by others/,
  ],
  ['on another machine', ['--relay', 'wss://relay.example'], /--allow-remote/],
])('--load %s: exit 2, and what to do instead', async (_, args, hint) => {
  const cwd = scratchFolder();
  const { stdout: line } = await reqbench([...STRANGERS, '--out', join(cwd, 'events.jsonl')]);
  expect(line).toContain('200');
  writeFileSync(join(cwd, 'scenario.yaml'), BY_AUTHOR);
  const { code, stderr } = await reqbench(['run', 'scenario.yaml', '--load', ...args], cwd);
  expect(stderr.replace(/\s+/g, ' ')).toMatch(hint);
  expect(code).toBe(2);
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Results } from '../harness/results.js';
import { readTrace } from '../harness/trace/index.js';
import { oddRelay, readResults, reqbench, scenarioFile, scratchFolder, start } from './reqbench.js';

/** Listeners, then one who writes: with two workers, one of the listeners is in the other than the writer. */
const LISTENERS_AND_WRITER = `
name: shared
corpus: { generate: { events: 500, authors: 20 } }
rounds: 1
deadline: 500ms
compare: []
phases:
  - { name: listen, duration: 400ms, arrivals: { constant: 5/s }, clients: [listener] }
  - { name: write, arrivals: { closed: { clients: 1 } }, clients: [writer] }
clients:
  listener:
    script:
      - connect
      - req: { as: live, filters: [{ kinds: [1], "#t": [live] }], then: keep }
      - wait: 3s
  writer:
    script:
      - connect
      - repeat: { times: 5, do: [{ publish: { kind: 1, tags: [[t, live]] } }] }
`;

/** What a check said of a relay. */
function check(results: Results, relay: string, id: string) {
  const found = results.relays.find(({ name }) => name === relay);
  return found?.conformance?.checks.find((one) => one.id === id);
}

function verdicts(results: Results, relay: string) {
  const found = results.relays.find(({ name }) => name === relay);
  return found?.conformance?.checks.map(({ id, result }) => `${id} ${result}`);
}

function counts(results: Results, relay: string) {
  const found = results.relays.find(({ name }) => name === relay);
  const names = ['connect', 'req.eose', 'event.ok', 'event.delivery', 'lost', 'late'];
  return names.map((metric) => found?.metrics.find((one) => one.metric === metric)?.count);
}

/** Everything that was sent, but for what the judge asks at the end; sorted. */
async function sentIn(trace: string): Promise<string[]> {
  const texts: string[] = [];
  let lastMs = Number.NEGATIVE_INFINITY;
  for await (const line of readTrace(trace)) {
    if (line.kind === 'damage') throw new Error(line.damage.problem);
    if (line.kind !== 'record') continue;
    expect(line.record.atMs).toBeGreaterThanOrEqual(lastMs);
    lastMs = line.record.atMs;
    const { record } = line;
    if (record.direction === 'sent' && 'text' in record && !record.text.includes('reqbench-fresh')) {
      texts.push(record.text);
    }
  }
  return texts.sort();
}

async function play(scenario: string, workers: number, relay: string, ...more: string[]) {
  const out = join(scratchFolder(), 'out');
  const args = ['run', scenario, '--workers', String(workers), '--relay', relay, '--out', out, ...more];
  const { code, stderr } = await reqbench(args);
  return { out, code, stderr, results: readResults(out) };
}

test('one worker or two: the same messages are sent, and a clean relay gets the same verdicts', async () => {
  const scenario = scenarioFile(LISTENERS_AND_WRITER);
  const alone = await play(scenario, 1, 'streaming', '--trace');
  const shared = await play(scenario, 2, 'streaming', '--trace');
  expect([alone.code, shared.code]).toEqual([0, 0]);
  const traceOf = ({ out }: { out: string }) => join(out, 'traces', 'streaming-round-1.ndjson.gz');
  const sent = await sentIn(traceOf(alone));
  expect(sent.length).toBeGreaterThan(6);
  expect(await sentIn(traceOf(shared))).toEqual(sent);
  expect(readdirSync(join(shared.out, 'traces')).sort()).toEqual([
    'corpus.jsonl',
    'streaming-round-1.ndjson.gz',
  ]);
  expect(verdicts(shared.results, 'streaming')).toEqual(verdicts(alone.results, 'streaming'));
  expect(counts(shared.results, 'streaming')).toEqual([3, 2, 5, 10, 0, 0]);
  expect(counts(alone.results, 'streaming')).toEqual([3, 2, 5, 10, 0, 0]);
  expect(shared.results.scenario.planFingerprint).toBe(alone.results.scenario.planFingerprint);
  // The merged trace is whole: whoever checks it anew finds nothing else.
  const again = await reqbench(['check', traceOf(shared)]);
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('no check failed') });
}, 60_000);

test('what each worker was is kept, and the worst of them stands for all', async () => {
  const { results } = await play(scenarioFile(LISTENERS_AND_WRITER), 2, 'streaming', '--no-null');
  const [generator] = results.harness.perRelay;
  expect(generator?.workers).toHaveLength(2);
  const delays = generator?.workers?.map(({ eventLoopDelay }) => eventLoopDelay.max ?? 0) ?? [];
  expect(generator?.eventLoopDelay.max).toBe(Math.max(...delays));
  const [first, second] = generator?.workers ?? [];
  expect([first?.worker, second?.worker]).toEqual([1, 2]);
  expect(first?.pid).not.toBe(second?.pid);
}, 60_000);

test('events that never reach a subscriber of another worker than their publisher are missed, one by one', async () => {
  const scenario = scenarioFile(LISTENERS_AND_WRITER);
  for (const workers of [1, 2, 3]) {
    // This relay knows nothing of live events.
    const { results, code } = await play(scenario, workers, oddRelay('faithful'), '--strict', '--no-null');
    expect(check(results, 'faithful', 'nip01/live/delivered')).toMatchObject({
      result: 'failed',
      failedCases: 10,
      setAside: 0,
    });
    expect(code).toBe(1);
    expect(counts(results, 'faithful')).toEqual([3, 2, 5, undefined, 10, 0]);
  }
}, 90_000);

test('an event that falls into the gap between stored and live (D7) is missed, whichever worker published it', async () => {
  const scenario = scenarioFile(`
name: hand-over
seed: 3
corpus: { generate: { events: 2000, authors: 50 } }
rounds: 1
deadline: 1s
workers: 2
compare: []
# A query takes its time, so the gap is wide.
relay: { source: { serviceTimeMs: 20 } }
phases:
  - { name: both, duration: 2s, arrivals: { poisson: 60/s } }
clients:
  listener:
    script:
      - connect
      - req: { as: live, filters: [{ kinds: [1], limit: 100 }], then: keep }
      - wait: 2s
  writer:
    script:
      - connect
      - repeat: { times: 20, do: [{ publish: { kind: 1 } }] }
`);
  const play = async (deviations: string) => {
    const out = join(scratchFolder(), 'out');
    const args = ['--relay', 'batched', '--no-null', '--strict', '--out', out];
    const { code } = await reqbench(['run', scenario, ...args, '--set', `relay.deviations=${deviations}`]);
    return { code, result: check(readResults(out), 'batched', 'nip01/live/delivered')?.result };
  };
  expect(await play('[D7]')).toEqual({ code: 1, result: 'failed' });
  expect(await play('[]')).toEqual({ code: 0, result: 'passed' });
}, 60_000);

test('the script of a client is the same in every worker: branches, reconnects, slow reading', async () => {
  const scenario = scenarioFile(`
name: steps
corpus: { generate: { events: 1000, authors: 50 } }
rounds: 1
deadline: 500ms
workers: 2
compare: []
phases:
  - { name: first, arrivals: { closed: { clients: 3 } } }
  - { name: second, arrivals: { closed: { clients: 3, iterations: 2 } } }
clients:
  one:
    script:
      - connect
      - parallel:
          - [{ req: { as: notes, filters: [{ kinds: [1], limit: 50 }] } }, { expect: { of: notes, events: 50 } }]
          - [{ think: 20ms }, { publish: { kind: 1 } }]
      - reconnect: { after: 20ms }
      - slow-read: 400kB/s
      - req: { as: slowly, filters: [{ kinds: [1], limit: 100 }] }
`);
  const { code, results } = await play(scenario, 2, 'batched', '--set', 'workers=1');
  expect(code).toBe(0);
  const [batched] = results.relays;
  expect(batched?.conformance?.failed).toBe(0);
  expect(check(results, 'batched', 'scenario/expect/notes')).toMatchObject({ result: 'passed', seen: 9 });
  expect(counts(results, 'batched').slice(0, 3)).toEqual([18, 18, 9]);
  expect(results.harness.perRelay[0]?.workers).toHaveLength(2);
}, 60_000);

test('HTTP loads of two workers, one after the other, have the rate of each, not the sum', async () => {
  const scenario = scenarioFile(`
name: documents
corpus: { generate: { events: 500, authors: 20 } }
rounds: 1
compare: []
phases:
  - { name: turns, duration: 2s, arrivals: { constant: 1/s } }
clients:
  asker:
    script:
      - http: { as: document, connections: 3, rate: 60/s, for: 1s }
`);
  const { results } = await play(scenario, 2, 'streaming', '--no-null');
  const metrics = results.relays[0]?.metrics ?? [];
  const rate = metrics.find(({ metric }) => metric === 'http.rate')?.mean;
  expect(rate).toBeGreaterThan(0);
  expect(rate).toBeLessThan(90);
}, 60_000);

/** Processes that descend from one, with their command lines. */
function descendants(pid: number): readonly { readonly pid: number; readonly command: string }[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
    return children
      .map(Number)
      .flatMap((child) => [
        { pid: child, command: readFileSync(`/proc/${child}/cmdline`, 'utf8') },
        ...descendants(child),
      ]);
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

/** A run with three workers that would go on for a minute, once it plays. */
async function longRun(waitMs: number) {
  const scenario = scenarioFile(
    LISTENERS_AND_WRITER.replace('wait: 3s', 'wait: 60s').replace('deadline: 500ms', 'deadline: 5s'),
  );
  const args = ['run', scenario, '--workers', '3', '--relay', 'streaming', '--no-null'];
  const { child, finished } = start([...args, '--out', join(scratchFolder(), 'out')]);
  const family = () => descendants(child.pid ?? 0);
  await expect.poll(() => family().length, { timeout: 20_000 }).toBe(4);
  const all = family();
  const workers = all.filter(({ command }) => command.includes('load/worker.js'));
  expect(workers).toHaveLength(3);
  // Its relay is there, so the round begins: before that, and after, it has to end as well.
  await new Promise((resolve) => setTimeout(resolve, waitMs));
  return { child, finished, all, workers };
}

test.runIf(process.platform === 'linux')(
  'a worker that dies ends the run with a word on it, and leaves no process behind',
  async () => {
    const { finished, all, workers } = await longRun(1_500);
    process.kill(workers[1]?.pid ?? 0, 'SIGKILL');
    const { code, stderr } = await finished;
    expect(code).toBe(1);
    expect(stderr).toMatch(/load worker \d of 3 \(process \d+\) ended early \(SIGKILL\)/);
    expect(stderr).not.toContain('    at ');
    await expect.poll(() => all.filter(({ pid }) => isAlive(pid))).toEqual([]);
  },
  60_000,
);

test.runIf(process.platform === 'linux')(
  'an interrupt ends all workers and the relay, and so does the sudden end of the run itself',
  async () => {
    for (const waitMs of [0, 1_500]) {
      const interrupted = await longRun(waitMs);
      interrupted.child.kill('SIGINT');
      expect(await interrupted.finished).toMatchObject({ code: 130 });
      await expect.poll(() => interrupted.all.filter(({ pid }) => isAlive(pid))).toEqual([]);
    }
    const killed = await longRun(1_500);
    killed.child.kill('SIGKILL');
    await killed.finished;
    await expect.poll(() => killed.workers.filter(({ pid }) => isAlive(pid))).toEqual([]);
  },
  60_000,
);

test('how many workers there can be is said', async () => {
  const { code, stderr } = await reqbench(['run', 'first-look', '--workers', '0']);
  expect(code).toBe(2);
  expect(stderr).toContain('--workers');
});

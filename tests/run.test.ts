import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../harness/package.js';
import type { Results } from '../harness/results.js';
import { oddRelay, readResults, reqbench, scenarioFile, scratchFolder, serving, start } from './reqbench.js';

/** Small and short, and yet with everything in it: stored and live events, two labels, a warm-up. */
const SMALL = `
name: small
corpus: { generate: { events: 300, authors: 30 } }
rounds: 2
deadline: 2s
phases:
  - { name: warm-up, arrivals: { closed: { clients: 2, iterations: 3 } }, clients: [reader], measure: false }
  - { name: steady, duration: 400ms, arrivals: { constant: 50/s } }
clients:
  reader:
    weight: 4
    script:
      - connect
      - req: { as: profile, filters: [{ kinds: [0], authors: [$author] }] }
      - req: { as: timeline, filters: [{ kinds: [1], limit: 20 }, { kinds: [7], limit: 10 }] }
  writer:
    script: [connect, { publish: { kind: 1, content: hello } }]
gates: [conformance.failed = 0]
`;

/** REQs on a schedule of their own over one connection, whatever is unanswered. */
const OPEN_LOOP = `
name: open-loop
corpus: { generate: { events: 20, authors: 5 } }
rounds: 1
phases:
  - { name: steady, duration: 10s, arrivals: { closed: { clients: 1 } } }
clients:
  reader:
    script:
      - connect
      - repeat: { every: { constant: 110/s }, for: 9900ms, do: [{ req: { as: lookup, filters: [{ ids: [$id] }] } }] }
`;

/** Clients that ask anew once they were answered: nobody asks while the relay stalls. */
const CLOSED_LOOP = `
name: closed-loop
corpus: { generate: { events: 20, authors: 5 } }
rounds: 1
phases:
  - { name: steady, arrivals: { closed: { clients: 5, iterations: 900 } } }
clients:
  reader:
    script: [connect, { req: { as: lookup, filters: [{ ids: [$id] }] } }, { wait: 8ms }, disconnect]
`;

function metric(results: Results, relay: string, name: string, req?: string) {
  const found = results.relays.find((one) => one.name === relay);
  return found?.metrics.find(
    ({ metric: one, labels }) =>
      one === name && labels.req === req && labels.client === undefined && labels.phase === undefined,
  );
}

test('a run measures both strategies beside the floor, on a fresh process in every round', async () => {
  const out = join(scratchFolder(), 'out');
  const { code, stdout, stderr } = await reqbench(['run', scenarioFile(SMALL), '--out', out]);
  expect({ code, stderr, stdout }).toMatchObject({ code: 0 });
  const results = readResults(out);
  expect(results.complete).toBe(true);
  expect(results.relays.map(({ name }) => name)).toEqual(['streaming', 'batched', 'null']);
  // Outside of the folder in which it was run, a file is named without the folders above it.
  expect(results.scenario).toMatchObject({ file: 'scenario.yaml', overrides: [] });
  for (const name of ['streaming', 'batched']) {
    for (const figure of ['req.ttfe', 'req.eose', 'memory.rss.peak', 'cpu.time', 'event.ok']) {
      expect(metric(results, name, figure)?.p50, `${name} ${figure}`).toBeGreaterThan(0);
    }
    const conformance = results.relays.find((relay) => relay.name === name)?.conformance;
    expect(conformance?.failed).toBe(0);
    expect(conformance?.checked).toBeGreaterThan(8);
  }
  const pids = results.rounds.flatMap((round) => Object.values(round.pids));
  expect(pids).toHaveLength(6);
  expect(new Set(pids).size).toBe(6);
  expect(results.comparisons.map(({ verdict }) => verdict)).toEqual(['not-measurable', 'not-measurable']);
  for (const file of ['report.html', 'summary.md', 'junit.xml'])
    expect(existsSync(join(out, file)), file).toBe(true);
});

test('without checking a run measures, says so before all else, and neither compares nor gates', async () => {
  const out = join(scratchFolder(), 'out');
  const scenario = scenarioFile(
    SMALL.replace('[conformance.failed = 0]', '[conformance.failed = 0, req.eose.p50 < 60s]'),
  );
  const { code, stdout } = await reqbench(['run', scenario, '--rounds', '6', '--no-check', '--out', out]);
  expect({ code, stdout }).toMatchObject({ code: 4 });
  const results = readResults(out);
  expect(stdout.indexOf('not checked (--no-check)')).toBeLessThan(stdout.indexOf('EOSE p50'));
  expect(results.warnings).toContainEqual(
    expect.objectContaining({ code: 'unchecked', spoils: ['streaming', 'batched'] }),
  );
  expect(results.relays.map(({ conformance }) => conformance)).toEqual([null, null, null]);
  expect(metric(results, 'streaming', 'req.eose')?.p50).toBeGreaterThan(0);
  expect(results.comparisons.map(({ verdict }) => verdict)).toEqual(['not-measurable', 'not-measurable']);
  expect(results.gates.map(({ result }) => result)).toEqual(['not-measurable', 'not-measurable']);
}, 60_000);

test('an admin may read what is private, and the judge knows who is one', async () => {
  const out = join(scratchFolder(), 'out');
  const scenario = scenarioFile(`
name: admin
corpus: { generate: { events: 600, authors: 30 } }
rounds: 1
relay: { access: auth-required, members: { admin: [$identity(0)] } }
phases:
  - { name: steady, arrivals: { closed: { clients: 2, iterations: 2 } } }
clients:
  admin:
    identity: 0
    script:
      - connect
      - auth: { within: 500ms }
      - req: { as: private, filters: [{ kinds: [4, 1059], limit: 50 }] }
`);
  const { code, stdout } = await reqbench([
    'run',
    scenario,
    '--relay',
    'streaming',
    '--no-null',
    '--out',
    out,
  ]);
  expect({ code, stdout }).toMatchObject({ code: 0 });
  const [relay] = readResults(out).relays;
  const privacy = relay?.conformance?.checks.find(({ id }) => id === 'access/privacy');
  expect(privacy).toMatchObject({ result: 'passed', setAside: 0 });
  expect(privacy?.seen).toBeGreaterThan(10);
});

test('one seed has one plan, another seed another', async () => {
  const scenario = scenarioFile(SMALL);
  const fingerprint = async (seed: string): Promise<string> => {
    const out = join(scratchFolder(), 'out');
    await reqbench(['run', scenario, '--rounds', '1', '--seed', seed, '--out', out, '--relay', 'batched']);
    return readResults(out).scenario.planFingerprint;
  };
  const [one, again, other] = [await fingerprint('5'), await fingerprint('5'), await fingerprint('6')];
  expect(again).toBe(one);
  expect(other).not.toBe(one);
});

test('a stall of 1 s in 10 s shows in p99: the REQs that were due meanwhile count from when they were due', async () => {
  const out = join(scratchFolder(), 'out');
  await reqbench(['run', scenarioFile(OPEN_LOOP), '--relay', oddRelay('stalls'), '--no-null', '--out', out]);
  const eose = metric(readResults(out), 'stalls', 'req.eose');
  expect(eose?.count).toBeGreaterThan(1_000);
  expect(eose?.p99).toBeGreaterThan(500);
}, 60_000);

test('an answer that comes after the measured window counts like any other: none that was due in it is left out', async () => {
  const out = join(scratchFolder(), 'out');
  const cut = scenarioFile(
    OPEN_LOOP.replace('duration: 10s', 'duration: 5700ms').replace('9900ms', '5250ms'),
  );
  await reqbench(['run', cut, '--relay', oddRelay('stalls'), '--no-null', '--out', out]);
  const results = readResults(out);
  const eose = metric(results, 'stalls', 'req.eose', 'lookup');
  expect(eose?.count).toBe(metric(results, 'stalls', 'lateness', 'lookup')?.count);
  expect(eose?.count).toBe(578);
  // The stall ends after the window, so the longest waits do, too.
  expect(eose?.max).toBeGreaterThan(700);
}, 60_000);

test('a closed loop does not see that stall in p99, as nobody asks meanwhile', async () => {
  const out = join(scratchFolder(), 'out');
  await reqbench([
    'run',
    scenarioFile(CLOSED_LOOP),
    '--relay',
    oddRelay('stalls'),
    '--no-null',
    '--out',
    out,
  ]);
  const eose = metric(readResults(out), 'stalls', 'req.eose');
  expect(eose?.max).toBeGreaterThan(900);
  expect(eose?.p99).toBeLessThan(450);
}, 60_000);

test('a relay that answers wrongly fails its checks, and its speed is not compared', async () => {
  const out = join(scratchFolder(), 'out');
  const args = ['run', scenarioFile(SMALL), '--rounds', '7', '--out', out, '--strict'];
  const { code } = await reqbench([
    ...args,
    '--relay',
    oddRelay('forgetful'),
    '--relay',
    oddRelay('faithful'),
  ]);
  const results = readResults(out);
  const failed = results.relays.map(({ name, conformance }) => [
    name,
    conformance?.checks.filter(({ result }) => result === 'failed').map(({ id }) => id),
  ]);
  expect(failed).toContainEqual(['forgetful', ['nip01/req/stored-set']]);
  expect(failed).toContainEqual(['faithful', []]);
  expect(results.comparisons.every(({ verdict, reason }) => verdict === 'not-measurable' && reason)).toBe(
    true,
  );
  expect(code).toBe(1);
}, 60_000);

test('a relay that is alive and never answers is a failed check, not a hang', async () => {
  const out = join(scratchFolder(), 'out');
  const { code } = await reqbench([
    'run',
    scenarioFile(SMALL),
    '--rounds',
    '1',
    '--out',
    out,
    '--relay',
    oddRelay('silent'),
  ]);
  const checks = readResults(out).relays[0]?.conformance?.checks;
  expect(checks?.find(({ id }) => id === 'nip01/req/eose-once')?.result).toBe('failed');
  expect(code).toBe(1);
}, 60_000);

test('a relay that dies ends its own part with its last words; the other keeps its results', async () => {
  const out = join(scratchFolder(), 'out');
  const { code, stdout } = await reqbench([
    ...['run', scenarioFile(SMALL), '--out', out],
    ...['--relay', oddRelay('dies'), '--relay', 'streaming'],
  ]);
  const results = readResults(out);
  const [dies, streaming] = results.relays;
  expect(dies?.status).toBe('died');
  expect(dies?.error?.logTail.join('\n')).toContain('panic: out of REQs');
  expect(streaming?.status).toBe('ok');
  expect(streaming?.metrics.find(({ metric: name }) => name === 'req.eose')?.perRound).toHaveLength(2);
  expect(stdout).toContain('panic: out of REQs');
  expect(code).toBe(3);
}, 60_000);

test('a relay that cannot start says why, without its control characters reaching the terminal', async () => {
  const out = join(scratchFolder(), 'out');
  const { code, stdout } = await reqbench([
    ...['run', scenarioFile(SMALL), '--rounds', '1', '--out', out],
    ...['--relay', oddRelay('exits'), '--relay', 'batched'],
  ]);
  expect(code).toBe(3);
  expect(readResults(out).relays[0]?.status).toBe('failed-to-start');
  expect(stdout).toContain('disk on fire');
  expect(stdout).not.toContain('\u001b[31mdisk');
});

test('Ctrl-C keeps the rounds that are finished, ends every child and exits with 130', async () => {
  const out = join(scratchFolder(), 'out');
  const { child, finished } = start(['run', scenarioFile(SMALL), '--rounds', '50', '--out', out]);
  while (!existsSync(join(out, 'results.json'))) await new Promise((resolve) => setTimeout(resolve, 50));
  child.kill('SIGINT');
  const { code } = await finished;
  expect(code).toBe(130);
  const results = readResults(out);
  expect(results.complete).toBe(false);
  expect(results.rounds.length).toBeGreaterThan(0);
  expect(existsSync(join(out, 'report.html'))).toBe(true);
  const pids = results.rounds.flatMap((round) => Object.values(round.pids)).filter((pid) => pid !== null);
  for (const pid of pids) expect(isRunning(pid), `pid ${pid}`).toBe(false);
}, 60_000);

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

test('an attached relay is read only: nothing is published, and what it should answer is not judged', async () => {
  const url = await serving('batched');
  const out = join(scratchFolder(), 'out');
  const args = ['run', scenarioFile(SMALL), '--rounds', '1', '--out', out, '--strict'];
  const { code } = await reqbench([...args, '--relay', url, '--relay', 'streaming']);
  const results = readResults(out);
  const [attached] = results.relays;
  expect(attached?.name).toBe(new URL(url).host);
  expect(attached?.target.kind).toBe('attached');
  expect(results.warnings.map((warning) => warning.code)).toContain('attached');
  expect(metric(results, attached?.name ?? '', 'event.ok')).toBeUndefined();
  const result = (id: string) => attached?.conformance?.checks.find((check) => check.id === id)?.result;
  expect([result('nip01/req/stored-set'), result('nip01/live/delivered')]).toEqual([
    'not-tested',
    'not-tested',
  ]);
  expect(result('nip01/req/eose-once')).toBe('passed');
  expect(code).toBe(0);
}, 60_000);

test('a module is a relay: its strategy runs in the reference relay', async () => {
  const out = join(scratchFolder(), 'out');
  const cwd = scratchFolder();
  writeFileSync(
    join(cwd, 'mine.mjs'),
    `import { streaming } from ${JSON.stringify(pathToFileURL(join(PACKAGE_ROOT, 'dist/relays/index.js')).href)};\n` +
      "export default { ...streaming, name: 'mine' };\n",
  );
  const { code } = await reqbench(
    ['run', scenarioFile(SMALL), '--rounds', '1', '--out', out, '--relay', './mine.mjs'],
    cwd,
  );
  expect(readResults(out).relays[0]).toMatchObject({
    name: 'mine',
    status: 'ok',
    target: { kind: 'module' },
  });
  expect(code).toBe(0);
}, 60_000);

test.each([
  ['no such scenario', ['run', 'frist-look'], /first-look/],
  ['no such relay', ['run', 'first-look', '--relay', 'streming'], /streaming/],
  ['a relay elsewhere', ['run', 'first-look', '--relay', 'wss://relay.example'], /--allow-remote/],
  ['the same relay twice', ['run', 'first-look', '--relay', 'batched', '--relay', 'batched'], /batched/],
  ['a bad option', ['run', 'first-look', '--rounds', 'many'], /whole number/],
  ['a bad epoch', ['run', 'first-look', '--epoch', 'yesterday'], /today/],
])('%s: exit 2, and what to write instead', async (_name, args, hint) => {
  const { code, stderr } = await reqbench(args);
  expect(stderr).toMatch(hint);
  expect(code).toBe(2);
});

test('a bad scenario value names file, line and column', async () => {
  const file = scenarioFile(SMALL.replace('duration: 400ms', 'duration: 400 parsecs'));
  const { code, stderr } = await reqbench(['run', file]);
  expect(stderr).toContain(`${file}:8:31`);
  expect(code).toBe(2);
});

test('a gate that cannot be read names its place', async () => {
  const file = scenarioFile(SMALL.replace('conformance.failed = 0', 'req.eos.p50 < 10ms'));
  const { code, stderr } = await reqbench(['run', file]);
  expect(stderr).toContain(`${file}:18:9`);
  expect(stderr).toContain('req.eose');
  expect(code).toBe(2);
});

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Results, resultsSchema } from '../../harness/results.js';
import { oddRelay, readResults, reqbench, scratchFolder, serving } from '../reqbench.js';

function failedIn(results: Results): readonly string[] {
  return results.relays.flatMap(({ conformance }) =>
    (conformance?.checks ?? []).filter(({ result }) => result === 'failed').map(({ id }) => id),
  );
}

const BOTH = ['streaming', 'batched'];

/** Each access mode on each store, sources that hand over whole answers, and limits that probes reach by the way. */
const CLEAN = [
  ...['open', 'auth-required', 'follows', 'managed'].flatMap((access) =>
    ['memory', 'lmdb'].map((engine) => ({
      settings: [`access=${access}`, `store.engine=${engine}`],
      relays: BOTH,
    })),
  ),
  { settings: ['access=open', 'source.delivery=collecting'], relays: BOTH },
  {
    settings: ['limits.maxLimit=50', 'limits.maxSubscriptions=20', 'limits.maxFilters=5'],
    relays: ['batched'],
  },
];
type Clean = (typeof CLEAN)[number];

/** A run waits more than it works, so that several share a machine. */
const SETTINGS_AT_ONCE = 4;
const queue = CLEAN.values();

test('clean reference relays break nothing, SHOULD included, in every access mode, on every store, with small limits', async () => {
  const lane = async (): Promise<void> => {
    for (const clean of queue) await expectNothingBroken(clean);
  };
  await Promise.all(Array.from({ length: SETTINGS_AT_ONCE }, lane));
}, 600_000);

async function expectNothingBroken({ settings, relays }: Clean): Promise<void> {
  const { code, stdout, stderr } = await reqbench([
    'conform',
    '--json',
    '--strict',
    ...relays.flatMap((relay) => ['--relay', relay]),
    ...settings.flatMap((one) => ['--set', one]),
  ]);
  const results = resultsSchema.parse(JSON.parse(stdout));
  const failed = results.relays.flatMap(({ name, conformance }) =>
    (conformance?.checks ?? [])
      .filter(({ result }) => result === 'failed')
      .map(({ id, failures }) => `${name} ${id}: ${failures[0]?.message}`),
  );
  expect({ settings, failed }).toEqual({ settings, failed: [] });
  expect(results.relays.map(({ name, conformance }) => [name, (conformance?.checked ?? 0) > 100])).toEqual(
    relays.map((relay) => [relay, true]),
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
}

test('a relay that answers wrongly fails, in every document', async () => {
  const out = scratchFolder();
  const { code, stdout } = await reqbench([
    'conform',
    'nip01/req/limit-per-filter',
    'nip01/req/order',
    '--relay',
    oddRelay('forgetful'),
    '--strict',
    '--out',
    out,
  ]);
  expect(code).toBe(1);
  expect(failedIn(readResults(out))).toContain('nip01/req/limit-per-filter');
  expect(stdout).toContain('✗ limit-per-filter');
  expect(stdout).toMatch(/→ \["REQ",/);
  const junit = readFileSync(join(out, 'junit.xml'), 'utf8');
  expect(junit).toMatch(/nip01\/req\/limit-per-filter[^/]*/);
  const html = readFileSync(join(out, 'report.html'), 'utf8');
  expect(html).toContain('nip01/req/limit-per-filter');
  expect(html).toContain('How was it asked?');
  for (const words of ['Can the figures be believed', 'null relay', 'id="generator"']) {
    expect(html).not.toContain(words);
  }
  expect(readFileSync(join(out, 'summary.md'), 'utf8')).not.toContain('null relay');
}, 90_000);

test('TAP has a line a check', async () => {
  const { code, stdout } = await reqbench(['conform', 'nip11', '--relay', 'streaming', '--format', 'tap']);
  const points = stdout.split('\n').filter((line) => /^(not )?ok /.test(line));
  expect(stdout.split('\n')[1]).toBe(`1..${points.length}`);
  expect(points[1]).toMatch(/^ok 2 - streaming: nip11\/document /);
  expect(code).toBe(0);
});

test('an unknown clause: exit 2, with the nearest names', async () => {
  const { code, stderr } = await reqbench(['conform', 'nip01/req/limit-newst']);
  expect(code).toBe(2);
  expect(stderr).toContain('did you mean nip01/req/limit-newest');
});

test('an unknown setting: exit 2', async () => {
  const { code, stderr } = await reqbench(['conform', '--set', 'acess=open']);
  expect(code).toBe(2);
  expect(stderr).toContain('did you mean "access"');
});

test('a relay that cannot start: exit 3, with its last words', async () => {
  const { code, stdout } = await reqbench(['conform', 'nip11', '--relay', oddRelay('exits')]);
  expect(code).toBe(3);
  expect(stdout).toContain('cannot open the database');
});

test('a relay whose process ends is started anew, and what ended it is named with its last words', async () => {
  const relay = oddRelay('faithful');
  const { code, stdout } = await reqbench(['conform', 'transport', '--relay', relay]);
  expect(stdout).toContain("- not-json  not tested: the relay's process ended during it");
  expect(stdout).toContain("the relay's process ended while transport/invalid-utf8 ran (");
  expect(stdout).toContain('WS_ERR_INVALID_UTF8');
  expect(stdout).toContain('✓ many-at-once');
  expect(code).toBe(1);
}, 90_000);

test('a relay whose process ends again and again is given up: exit 3', async () => {
  const { code, stdout } = await reqbench(['conform', 'nip01', '--relay', oddRelay('dies')]);
  expect(stdout).toMatch(/the relay's process ended 5 times \(.*\), and was given up/);
  expect(stdout).toContain('panic: out of REQs');
  expect(code).toBe(3);
}, 90_000);

test('what an address leaves untested can be tested by command, and that is said', async () => {
  const url = await serving('batched');
  const hint = 'an address is read only: for all checks let reqbench start the relay, --relay';
  const clause = 'nip01/event/wrong-id';
  const attached = await reqbench(['conform', clause, '--relay', url]);
  expect(attached.stdout).toContain('wrong-id  not tested: needs a relay that may be written to');
  expect(attached.stdout).toContain(hint);
  const started = await reqbench(['conform', clause, '--relay', 'batched']);
  expect(started.stdout).not.toContain(hint);
}, 60_000);

test('an address where nobody listens: exit 3, soon, and what to look at', async () => {
  const { code, stdout } = await reqbench(['conform', 'nip11', '--relay', 'ws://127.0.0.1:9']);
  expect(stdout).toMatch(/connection refused.*is it running, and is the address right/);
  expect(code).toBe(3);
});

test('a relay that never answers is a failed check, not a hang', async () => {
  const { code } = await reqbench(['conform', 'nip01/req/eose-no-match', '--relay', oddRelay('silent')]);
  expect(code).toBe(1);
}, 60_000);

test('failures of SHOULD alone: exit 0, and it is said why and how they count', async () => {
  const args = ['conform', 'nip01/req/order', '--relay', oddRelay('forgetful')];
  const lenient = await reqbench(args);
  expect(lenient.code).toBe(0);
  expect(lenient.stdout).toContain('✗ 1 failed (1 SHOULD)');
  expect(lenient.stdout).toMatch(
    /does not count, so this is no failure \(exit code 0\); with --strict it does\n$/,
  );
  const strict = await reqbench([...args, '--strict']);
  expect(strict.code).toBe(1);
  expect(strict.stdout).not.toContain('not count');
}, 60_000);

test('a trait that was not seen does not read as if it was, and notes are not marked as traits', async () => {
  const { stdout } = await reqbench(['conform', 'nip01/req', '--relay', oddRelay('forgetful')]);
  expect(stdout).toMatch(/· nip01\/req\/duplicates .*\(not seen\)/);
  expect(stdout).toMatch(/ ms {3}connected/);
  expect(stdout).not.toMatch(/ ms ·/);
}, 60_000);

test('known failures pass, new ones fail, fixed and stale ones are named', async () => {
  const file = join(scratchFolder(), 'known.json');
  const base = [
    'conform',
    'nip01/req/limit-per-filter',
    'nip01/req/order',
    '--strict',
    '--known-failures',
    file,
  ];
  const forgetful = ['--relay', oddRelay('forgetful')];
  expect((await reqbench([...base, ...forgetful])).code).toBe(2);
  expect((await reqbench([...base, ...forgetful, '--update-known-failures'])).code).toBe(0);
  expect(existsSync(file)).toBe(true);
  expect((await reqbench([...base, ...forgetful])).code).toBe(0);

  const known = JSON.parse(readFileSync(file, 'utf8'));
  expect(known.relays.forgetful).toEqual(['nip01/req/limit-per-filter', 'nip01/req/order']);
  known.relays.forgetful = ['nip01/req/order', 'nip01/req/gone'];
  known.relays.streaming = ['nip01/req/order'];
  writeFileSync(file, JSON.stringify(known));
  const { code, stderr } = await reqbench([...base, ...forgetful, '--relay', 'streaming']);
  expect(code).toBe(1);
  expect(stderr).toContain('forgetful nip01/req/limit-per-filter: new failure');
  expect(stderr).toContain('forgetful nip01/req/order: known failure');
  expect(stderr).toContain('forgetful nip01/req/gone: in the file, but no such check was tested');
  expect(stderr).toContain('streaming nip01/req/order: fixed');
}, 90_000);

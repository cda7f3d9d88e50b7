import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { Calibration } from '../harness/calibrate/calibration.js';
import { calibrationFile, machineOf, writeCalibration } from '../harness/calibrate/store.js';
import { InputError } from '../harness/errors.js';
import { environment } from '../harness/run/environment.js';
import { listCommand } from './list.js';
import { validateCommand } from './validate.js';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  process.exitCode = undefined;
});

async function output(run: () => Promise<unknown>): Promise<string> {
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  await run();
  return text;
}

const validate = (...args: string[]) => validateCommand().parseAsync(args, { from: 'user' });
const list = (...args: string[]) => listCommand().parseAsync(args, { from: 'user' });

test('validate says what a scenario will do', async () => {
  const text = await output(() => validate('first-look', '--set', 'rounds=3'));
  expect(text).toContain('first-look: valid');
  expect(text).toContain('2000 generated events by 200 authors');
  expect(text).toContain('warm-up (until done, not measured): 4 reader, 6 times each: 96 REQs, 0 EVENTs');
  expect(text).toContain('steady (500 ms): 40 reader: 160 REQs, 0 EVENTs');
  expect(text).toContain('rounds   3;');
});

test('validate shows the problems of all files, after the ones that are fine', async () => {
  const failed = output(() => validate('first-look', 'replay-real-events', 'frist-look'));
  await expect(failed).rejects.toThrow(InputError);
  await expect(failed).rejects.toThrow(/corpus\.file=PATH[\s\S]*did you mean "first-look"/);
});

test('validate --json prints JSON alone, and exits with 2 where there are problems', async () => {
  const text = await output(() => validate('--json', 'first-look', 'nothing-like-it'));
  expect(JSON.parse(text)).toMatchObject({
    scenarios: [{ name: 'first-look', rounds: 7, phases: [{ reqs: 96 }, { clients: { reader: 40 } }] }],
    problems: [{ message: expect.stringContaining('no scenario "nothing-like-it"') }],
  });
  expect(process.exitCode).toBe(2);
});

const GATE = 'batched:req.eose.p50 <= 1.1 * streaming:req.eose.p50';

/** A cache that holds a calibration of this machine: the ratios of two equal relays, round by round. */
async function calibrated(scenario: string, ratios: readonly number[]): Promise<void> {
  const cache = mkdtempSync(join(tmpdir(), 'reqbench-cache-'));
  vi.stubEnv('REQBENCH_CACHE', cache);
  const machine = machineOf(environment());
  const figures = (p50: number) => ({ p50, p90: null, p99: null });
  const calibration: Calibration = {
    schema: 'reqbench.calibration/1',
    measuredAt: '2026-03-14T09:30:00.000Z',
    complete: true,
    machine,
    scenario: { name: scenario, seed: 1, planFingerprint: 'a'.repeat(64) },
    relay: 'streaming',
    slowdowns: [],
    rounds: ratios.map((ratio, index) => ({
      round: index + 1,
      base: figures(1),
      same: figures(ratio),
      slowed: [],
    })),
    warnings: [],
  };
  await writeCalibration(calibrationFile(cache, machine), calibration);
}

const rounds = (scatter: number) =>
  Array.from({ length: 40 }, (_, index) => Math.exp(index % 2 ? scatter : -scatter));

test('validate goes by the calibration of this machine where it is of the scenario, and says so', async () => {
  const gates = ['--set', 'rounds=12', '--set', `gates=["${GATE}"]`];
  const said = () => output(() => validate('first-look', ...gates));
  await calibrated('first-look', rounds(0.12));
  expect(await said()).toMatch(
    /note +"batched:req\.eose.*takes about \d+ rounds .*in this machine's calibration of 2026-03-14 \(40 rounds of streaming\); this run has 12/,
  );
  // As typical, so that twelve rounds would do.
  await calibrated('first-look', rounds(0.04));
  expect(await said()).toMatch(/power +"batched.*calibration of 2026-03-14/);
  await calibrated('home-timeline', rounds(0.12));
  expect(await said()).not.toContain('note');
  await calibrated('first-look', rounds(0.12).slice(0, 6));
  expect(await said()).not.toContain('note');
  const tight = ['--set', 'rounds=6', '--set', `gates=["${GATE.replace('1.1', '1.02')}"]`];
  expect(await output(() => validate('first-look', ...tight))).toContain('not calibrated on this machine');
});

test('validate --sweep says what the run at each value will do', async () => {
  const sweep = ['--sweep', 'phases.steady.arrivals.poisson=80/s,200/s'];
  const set = ['--set', 'rounds=2'];
  const text = await output(() => validate('first-look', ...set, ...sweep));
  expect(text).toMatch(/sweep +phases\.steady\.arrivals\.poisson: .* each of 2 values/);
  expect(text).toMatch(/\n +80\/s +160 REQs, 0 EVENTs measured a round, about [\d.]+ s\n +200\/s +400 REQs/);
  const [scenario] = JSON.parse(await output(() => validate('first-look', '--json', ...sweep))).scenarios;
  expect(scenario.sweep).toMatchObject({
    set: 'phases.steady.arrivals.poisson',
    values: ['80/s', '200/s'],
    points: [{ value: '80/s', phases: [{}, { reqs: 160 }] }, { phases: [{}, { reqs: 400 }] }],
  });
  // A file's own is said in the same way.
  expect(await output(() => validate('result-size-sweep'))).toMatch(/sweep +clients\./);
});

test.each([
  ['clients.raeder.weight=1,2', 'did you mean "reader"?'],
  ['phases.steady.arrivals.poisson=80/s,many', 'many'],
  ['rounds=3', 'a sweep takes 2 to 20 values, not 1'],
  ['rounds', 'no key.path=v1,v2'],
  ['gates.0=conformance.failed = 0,req.eoze < 5ms', 'the nearest is'],
])('validate --sweep %s is refused', async (swept, message) => {
  await expect(output(() => validate('first-look', '--sweep', swept))).rejects.toThrow(message);
});

test.each([
  [
    'compare=["req.eose{req=profil}.p50"]',
    /^--set compare=.*: this run has no req "profil".*nearest is profile/s,
  ],
  ['gates=["req.eose{req=profil}.p99 < 250ms"]', /no req "profil" for req\.eose\n.*nearest is profile/],
])('validate refuses --set %s, of which nothing would be measured', async (set, message) => {
  await expect(output(() => validate('home-timeline', '--set', set))).rejects.toThrow(message);
});

test('list shows relays and scenarios, and says what else there is to list', async () => {
  const first = await output(() => list());
  expect(first).toMatch(/^relays\n[\s\S]*streaming +reference relay/);
  expect(first).toMatch(/\nscenarios\n[\s\S]*first-look +A reader opens/);
  expect(first).toContain('reqbench list checks');
  expect(await output(() => list('deviations'))).toMatch(/D8 +A reached limit/);
  expect(await output(() => list('checks'))).toMatch(/nip01\/req\/eose-once +MUST/);
  expect(await output(() => list('metrics'))).toMatch(/req\.ttfe +Time to first event/);
});

test('list --json is for machines', async () => {
  const { scenarios } = JSON.parse(await output(() => list('scenarios', '--json')));
  expect(scenarios).toContainEqual({ name: 'first-look', text: expect.any(String) });
});

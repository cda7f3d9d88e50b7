import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Calibration, calibrationSchema } from '../harness/calibrate/calibration.js';
import { readResults, reqbench, scenarioFile, scratchFolder, start } from './reqbench.js';

const SCENARIO = `
name: small-loop
corpus: { generate: { events: 100, authors: 10 } }
rounds: 6
phases: [{ name: steady, arrivals: { closed: { clients: 1, iterations: 1 } } }]
clients:
  reader: { script: [connect, { repeat: { times: 30, do: [{ req: { as: r, filters: [{ kinds: [1], limit: 5 }] } }] } }] }
`;

let cacheBefore: string | undefined;
beforeEach(() => {
  cacheBefore = process.env.REQBENCH_CACHE;
  process.env.REQBENCH_CACHE = scratchFolder();
});
afterEach(() => {
  process.env.REQBENCH_CACHE = cacheBefore;
  if (cacheBefore === undefined) delete process.env.REQBENCH_CACHE;
});

const read = (file: string): Calibration => calibrationSchema.parse(JSON.parse(readFileSync(file, 'utf8')));

test('a calibration is recorded, shown, and said by later runs', { timeout: 240_000 }, async () => {
  const scenario = scenarioFile(SCENARIO);
  const out = scratchFolder();
  const play = ['run', scenario, '--relay', 'streaming', '--no-null', '--out', out];
  const before = await reqbench([...play, '--rounds', '1']);
  expect(before.stdout.replaceAll(/\s+/g, ' ')).toContain('this machine is not calibrated');
  expect(readResults(out).calibration).toBeNull();

  const file = join(scratchFolder(), 'calibration.json');
  const { code, stdout, stderr } = await reqbench(['calibrate', scenario, '--rounds', '6', '--output', file]);
  expect(stderr).toContain('pilot: what spinning adds');
  expect(code).toBe(0);
  const calibration = read(file);
  expect(calibration).toMatchObject({ complete: true, relay: 'streaming', scenario: { name: 'small-loop' } });
  expect(calibration.rounds.map(({ round }) => round)).toEqual([1, 2, 3, 4, 5, 6]);
  const [five, ten] = calibration.slowdowns;
  expect((ten?.spinUs ?? 0) / (five?.spinUs ?? 1)).toBeCloseTo(2, 0);
  expect(stdout).toContain('6 rounds of small-loop with streaming');
  expect(stdout).toContain('head <= 1.02 * base');

  const again = await reqbench(['calibrate', '--from', file]);
  expect(again).toMatchObject({ code: 0, stdout });
  const json = JSON.parse((await reqbench(['calibrate', '--from', file, '--json'])).stdout);
  expect(json.table.rates[0]).toMatchObject({ statistic: 'p50', rounds: 6, factor: 1 });

  const after = await reqbench([...play, '--rounds', '6']);
  expect(after.stdout.replaceAll(/\s+/g, ' ')).toMatch(
    /this machine, calibrated on \d{4}-\d\d-\d\d with 6 rounds of small-loop/,
  );
  const { calibration: said } = readResults(out);
  expect(said).toMatchObject({ recorded: 6, rounds: 6, relay: 'streaming' });
  // 180 REQs in all: enough for a p90, too few for a p99.
  expect(said?.rates.map(({ statistic }) => statistic)).toEqual(['p50', 'p90']);
});

test('Ctrl-C keeps the rounds that are whole, and says how many', { timeout: 120_000 }, async () => {
  const file = join(scratchFolder(), 'calibration.json');
  const { child, finished } = start(['calibrate', scenarioFile(SCENARIO), '--output', file]);
  child.stderr?.on('data', (chunk) => {
    if (String(chunk).includes('round 3/200')) child.kill('SIGINT');
  });
  const { code, stderr, stdout } = await finished;
  expect(code).toBe(130);
  const { complete, rounds } = read(file);
  expect(complete).toBe(false);
  expect(rounds.length).toBeGreaterThanOrEqual(2);
  expect(stderr).toContain(`interrupted after ${rounds.length} whole rounds`);
  expect(stdout).toContain('it was interrupted');
});

describe('bad input is exit code 2', () => {
  test.each([
    [['--rounds', '5'], '--rounds 5 is out of range'],
    [['--relay', 'ws://127.0.0.1:7777'], "can't be slowed"],
    [['--relay', 'null'], "can't be slowed"],
    [['--relay', 'streamin'], 'did you mean "streaming"?'],
    [['no-such-scenario'], 'no-such-scenario'],
    [['--from', '/no/such/file.json'], 'no such file'],
    [['--output', '/proc/calibration.json'], "can't be written"],
  ])('%j', async (words, message) => {
    const { code, stderr } = await reqbench(['calibrate', ...words]);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  test('a file that is cut short, or something else', async () => {
    const file = join(scratchFolder(), 'calibration.json');
    writeFileSync(file, '{"schema": "reqbench.calib');
    expect(await reqbench(['calibrate', '--from', file])).toMatchObject({ code: 2 });
    writeFileSync(file, '{"schema": "reqbench.results/1"}');
    const { code, stderr } = await reqbench(['calibrate', '--from', file]);
    expect(code).toBe(2);
    expect(stderr).toContain('not a calibration: schema');
  });

  test('a scenario without a REQ', { timeout: 60_000 }, async () => {
    const idle = SCENARIO.replace(/script:.*/, 'script: [connect, { wait: 10ms }] }');
    const file = join(scratchFolder(), 'calibration.json');
    const { code, stderr } = await reqbench(['calibrate', scenarioFile(idle), '--output', file]);
    expect(stderr).toContain('nothing to calibrate');
    expect(code).toBe(2);
    expect(existsSync(file)).toBe(false);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../harness/package.js';
import { oddRelay, readResults, reqbench, scratchFolder } from './reqbench.js';

/** One REQ after the other on each connection, answered by events and EOSE, with Nagle's algorithm on at the path. */
const TRAP = join(PACKAGE_ROOT, 'docs/examples/delayed-ack.yaml');
const WITHOUT_NAGLE = ['--set', 'network.nagle=false'];
const MANY_AT_ONCE = [
  ...['--set', 'phases.steady.arrivals.closed.clients=8'],
  ...['--set', 'clients.reader.script.1.repeat.times=20'],
];

async function runWith(relay: string, ...more: string[]) {
  const out = join(scratchFolder(), 'out');
  const args = ['run', TRAP, '--relay', relay, '--out', out, ...more];
  const finished = await reqbench(args);
  return { ...finished, out, results: readResults(out) };
}

test('the delayed-ACK trap: Nagle on the path and an answer in two writes are named before the figures', async () => {
  const { code, stdout, out, results } = await runWith(oddRelay('two-writes'));
  const warning = results.warnings.find(({ code: one }) => one === 'delayed-ack');
  expect(warning?.spoils).toContain('two-writes:req.eose');
  expect(results.gates.map(({ result }) => result)).toEqual(['not-measurable']);
  expect(results.gates[0]?.actual).toContain('40 ms timer');
  expect(code).toBe(4);
  expect(stdout.indexOf('delayed ACK')).toBeGreaterThanOrEqual(0);
  expect(stdout.indexOf('delayed ACK')).toBeLessThan(stdout.indexOf('p50'));
  const line = stdout.split('\n').find((one) => one.startsWith('EOSE p50'));
  // That of the relay is marked, that of the floor is not.
  expect(line).toMatch(/^EOSE p50\s+[\d.]+\sms\s!\s+[\d.]+\s(ms|µs)$/);
  const html = readFileSync(join(out, 'report.html'), 'utf8');
  expect(html.indexOf('delayed ACK')).toBeLessThan(html.indexOf('id="latency"'));
}, 60_000);

test.each([
  ['an answer in two writes without Nagle', oddRelay('two-writes'), WITHOUT_NAGLE],
  ['an answer in one write with Nagle', 'streaming', []],
])(
  'is not seen in %s',
  async (_, relay, more) => {
    const { results } = await runWith(relay, ...more);
    expect(results.warnings.filter(({ code }) => code === 'delayed-ack')).toEqual([]);
  },
  60_000,
);

test('a relay that answers on a tick of 100 ms is named, and its latency is not gated', async () => {
  const { results } = await runWith(oddRelay('ticks'), ...WITHOUT_NAGLE, ...MANY_AT_ONCE);
  const warning = results.warnings.find(({ code }) => code === 'timer-quantum');
  expect(warning?.text).toContain('steps of 100 ms');
  expect(warning?.spoils).toContain('ticks:req.eose');
  expect(results.gates.map(({ result }) => result)).toEqual(['not-measurable']);
}, 60_000);

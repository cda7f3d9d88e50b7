import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CheckResult, Results } from '../harness/results.js';
import { readResults, reqbench, scratchFolder } from './reqbench.js';

const REAL_EVENTS = process.env.REQBENCH_REAL_EVENTS;
const REAL_EVENT_COUNT = 1_256;

function checksOf(results: Results, relay: string): readonly CheckResult[] {
  return results.relays.find(({ name }) => name === relay)?.conformance?.checks ?? [];
}

function check(results: Results, relay: string, id: string): CheckResult | undefined {
  return checksOf(results, relay).find((one) => one.id === id);
}

describe('first-look', () => {
  test('measures both reference relays beside the floor, finds their answers right and gives two verdicts', async () => {
    const out = join(scratchFolder(), 'out');
    // A shared machine may be too slow for a verdict; that is the gates' affair, not the test's.
    const { code, stdout } = await reqbench(['run', 'first-look', '--out', out, '--not-measurable', 'pass']);
    expect(stdout).toContain(join(out, 'report.html'));
    expect(code).toBe(0);
    const results = readResults(out);
    expect(results.relays.map(({ name, status }) => [name, status])).toEqual([
      ['streaming', 'ok'],
      ['batched', 'ok'],
      ['null', 'ok'],
    ]);
    for (const relay of results.relays.slice(0, 2)) {
      const named = relay.metrics.map(({ metric }) => metric);
      expect(named).toEqual(expect.arrayContaining(['req.ttfe', 'req.eose', 'memory.rss.peak']));
      expect(relay.conformance?.failed).toBe(0);
    }
    expect(results.comparisons.map(({ metric, pairs }) => [metric, pairs])).toEqual([
      ['req.ttfe', 7],
      ['req.eose', 7],
    ]);
  }, 120_000);

  test('sets at most 1 % aside', async () => {
    const out = join(scratchFolder(), 'out');
    await reqbench(['run', 'first-look', '--rounds', '1', '--out', out, '--not-measurable', 'pass']);
    const results = readResults(out);
    const checks = ['streaming', 'batched'].flatMap((relay) => checksOf(results, relay));
    const seen = checks.reduce((sum, one) => sum + one.seen, 0);
    const setAside = checks.reduce((sum, one) => sum + one.setAside, 0);
    expect(seen).toBeGreaterThan(10_000);
    expect(setAside / (seen + setAside)).toBeLessThanOrEqual(0.01);
  }, 60_000);
});

describe.skipIf(REAL_EVENTS === undefined)(
  `replay-real-events${REAL_EVENTS === undefined ? ' (not run: set REQBENCH_REAL_EVENTS)' : ''}`,
  () => {
    test('both relays accept every real event, verified, and answer every REQ as the oracle does', async () => {
      const out = join(scratchFolder(), 'out');
      const { code } = await reqbench([
        ...['run', 'replay-real-events', '--rounds', '1', '--out', out, '--strict'],
        ...['--set', `corpus.file=${REAL_EVENTS}`, '--not-measurable', 'pass'],
      ]);
      expect(code).toBe(0);
      const results = readResults(out);
      expect(results.corpus.events).toBe(REAL_EVENT_COUNT);
      for (const relay of ['streaming', 'batched']) {
        expect(check(results, relay, 'scenario/corpus/accepted')).toMatchObject({
          result: 'passed',
          seen: REAL_EVENT_COUNT,
        });
        const answers = check(results, relay, 'nip01/req/stored-set');
        expect(answers).toMatchObject({ result: 'passed', setAside: 0 });
        expect(answers?.seen).toBeGreaterThan(600);
      }
    }, 60_000);
  },
);

describe.each(['auth-flow', 'live-fanout'])('%s', (scenario) => {
  test('passes on both strategies', async () => {
    const out = join(scratchFolder(), 'out');
    const { code, stdout } = await reqbench([
      ...['run', scenario, '--rounds', '1', '--no-null', '--out', out, '--not-measurable', 'pass'],
    ]);
    expect({ code, stdout }).toMatchObject({ code: 0 });
    const results = readResults(out);
    for (const relay of ['streaming', 'batched']) {
      const judged = check(
        results,
        relay,
        scenario === 'auth-flow' ? 'nip42/challenge-known' : 'nip01/live/delivered',
      );
      expect(judged?.result).toBe('passed');
      expect(judged?.seen).toBeGreaterThan(5);
    }
  }, 90_000);
});

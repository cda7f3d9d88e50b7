import { describe, expect, it } from 'vitest';
import { event, Trace } from '../../tests/support/trace.js';
import { createScenarioChecks } from './expectations.js';
import { conformanceOf, mergeConformance } from './merge.js';

const note = event({});
const lacking = () =>
  new Trace({ loaded: [note] }).req('a', {}).gets('EOSE', 'a').finish().report.conformance;
const right = () =>
  new Trace({ loaded: [note] }).req('a', {}).getsEvents('a', note).gets('EOSE', 'a').finish().report
    .conformance;
const id = 'nip01/req/stored-set';

describe('several rounds', () => {
  it('add up, and their failures name the round', () => {
    const merged = mergeConformance([
      { round: 1, conformance: right() },
      { round: 2, conformance: lacking() },
    ]);
    const check = merged.checks.find((each) => each.id === id);
    expect(check).toMatchObject({ result: 'failed', seen: 2, failedCases: 1, failures: [{ round: 2 }] });
    expect(merged.checks.map((each) => each.id)).toEqual(right().checks.map((each) => each.id));
  });
  it('count SHOULD only when strict', () => {
    const rounds = [{ round: 1, conformance: lacking() }];
    expect(mergeConformance(rounds).failed).toBe(0);
    expect(mergeConformance(rounds, { strict: true }).failed).toBe(1);
  });
  it('keep twenty failures and count the others', () => {
    const rounds = Array.from({ length: 30 }, (_, i) => ({ round: i + 1, conformance: lacking() }));
    const check = mergeConformance(rounds).checks.find((each) => each.id === id);
    expect([check?.failedCases, check?.failures.length]).toEqual([30, 20]);
  });
  it('test what any of them tested, and support what any of them supported', () => {
    const silent = new Trace().finish().report.conformance;
    const challenged = new Trace().gets('AUTH', 'x').finish().report.conformance;
    const result = (...rounds: (typeof silent)[]) =>
      mergeConformance(rounds.map((conformance, i) => ({ round: i + 1, conformance })));
    expect(result(silent, right()).checks.find((each) => each.id === id)?.result).toBe('passed');
    const ofAuth = (merged: typeof silent) =>
      merged.checks.find((each) => each.id === 'nip42/challenge-known')?.result;
    expect([ofAuth(result(silent)), ofAuth(result(silent, challenged))]).toEqual([
      'not-supported',
      'not-tested',
    ]);
  });
});

describe('checks of the scenario', () => {
  it('are POLICY, one for each label, and not tested when no step ran', () => {
    const checks = createScenarioChecks(['timeline', 'profile']);
    checks.passed('timeline');
    checks.failed('timeline', '3 events instead of 100', { connection: 4, excerpt: () => [] });
    expect(checks.results()).toMatchObject([
      { id: 'scenario/expect/timeline', level: 'POLICY', result: 'failed', seen: 2, failedCases: 1 },
      { id: 'scenario/expect/profile', result: 'not-tested' },
    ]);
    expect(conformanceOf(checks.results())).toMatchObject({ checked: 1, failed: 1 });
  });
});

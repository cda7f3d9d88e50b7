import { describe, expect, it } from 'vitest';
import type { CheckResult, Results } from '../harness/results.js';
import { sampleResults } from '../tests/sample-results.js';
import { emptyResults, hostileResults } from '../tests/troubled-results.js';
import { renderTap } from './tap.js';

function withChecks(checks: readonly Partial<CheckResult>[], failed = 0): Results {
  const results = sampleResults();
  const [relay] = results.relays;
  const base: CheckResult = {
    id: 'nip01/req/order',
    level: 'MUST',
    title: 'Order',
    requirement: 'In order.',
    reference: 'NIP-01',
    result: 'passed',
    seen: 1,
    setAside: 0,
    failedCases: 0,
    failures: [],
  };
  const conformance = {
    checked: checks.length,
    failed,
    checks: checks.map((check) => ({ ...base, ...check })),
  };
  return { ...results, relays: relay ? [{ ...relay, name: 'mine', status: 'ok', conformance }] : [] };
}

const points = (results: Results) =>
  renderTap(results)
    .split('\n')
    .filter((line) => /^(not )?ok/.test(line));

describe('TAP', () => {
  it('announces as many points as it has', () => {
    for (const results of [sampleResults(), hostileResults(), emptyResults()]) {
      const count = points(results).length;
      expect(renderTap(results).startsWith(`TAP version 14\n1..${count}\n`)).toBe(true);
    }
  });

  it('tells passed, failed and skipped apart, and says why something was skipped', () => {
    const results = withChecks(
      [
        { result: 'passed' },
        { result: 'failed', failures: [{ message: 'wrong', excerpt: [] }] },
        { result: 'failed', level: 'SHOULD' },
        { result: 'not-tested', note: 'needs a key' },
        { result: 'not-supported' },
        { result: 'observed', level: 'INFO', note: 'as it was' },
      ],
      1,
    );
    expect(points(results)).toEqual([
      'ok 1 - mine: relay runs',
      'ok 2 - mine: nip01/req/order Order (MUST)',
      'not ok 3 - mine: nip01/req/order Order (MUST)',
      'not ok 4 - mine: nip01/req/order Order (SHOULD) # TODO SHOULD',
      'ok 5 - mine: nip01/req/order Order (MUST) # SKIP not tested: needs a key',
      'ok 6 - mine: nip01/req/order Order (MUST) # SKIP not supported',
      'ok 7 - mine: nip01/req/order Order (INFO)',
    ]);
  });

  it('shows the wire of a failure, and text of a relay begins no line, block or directive', () => {
    const text = '["NOTICE","# SKIP\nok 9 - \u001b[31m"]';
    const failures = [
      { message: 'wrong\n  ...\nok 8', excerpt: [{ atMs: 1.5, direction: 'got' as const, text }] },
    ];
    const tap = renderTap(withChecks([{ result: 'failed', title: 'a # TODO b', failures }], 1));
    expect(tap).toContain('    - "1.500 ms got [');
    expect(tap).toContain('a \\# TODO b');
    expect(tap.match(/^(not )?ok /gm)).toHaveLength(2);
    expect(tap.match(/^ {2}\.\.\.$/gm)).toHaveLength(1);
    expect(tap).not.toContain('\u001b');
  });
});

import { describe, expect, test } from 'vitest';
import { sampleResults } from '../tests/sample-results.js';
import { brokenResults, emptyResults, hostileResults } from '../tests/troubled-results.js';
import { renderGithub } from './github.js';

describe('renderGithub', () => {
  test('is one workflow command a line, errors first', () => {
    const lines = renderGithub(brokenResults()).trimEnd().split('\n');
    expect(lines.every((line) => /^::(error|warning|notice) title=[^:,]+::.+$/.test(line))).toBe(true);
    const severities = lines.map((line) => /^::(\w+)/.exec(line)?.[1] ?? '');
    expect(severities.toSorted()).toEqual(severities);
  });

  test('names every verdict', () => {
    const notices = renderGithub(sampleResults()).match(/^::notice /gm) ?? [];
    expect(notices).toHaveLength(sampleResults().comparisons.length);
  });

  test('a run that compared nothing says what it found', () => {
    expect(renderGithub(emptyResults())).toMatch(/^::notice title=reqbench [^:]+::\S/m);
  });

  test('a failed gate is an error, one that could not be measured a warning, a passed one nothing', () => {
    const gates = (['failed', 'not-measurable', 'passed'] as const).map((result) => ({
      rule: `lost = 0 (${result})`,
      result,
      actual: '50% of it: 2, 3',
    }));
    const text = renderGithub({ ...sampleResults(), gates });
    expect(text).toContain('::error title=gate failed%3A lost = 0 (failed)::50%25 of it: 2, 3\n');
    expect(text).toContain('::warning title=gate not measurable%3A');
    expect(text).not.toContain('(passed)');
  });

  test('text of a relay can begin no command of its own', () => {
    const sample = sampleResults();
    const text = renderGithub({
      ...sample,
      warnings: [{ code: 'odd', text: 'line\n::error::forged\r::stop-commands::x', spoils: [] }],
    });
    expect(text).not.toMatch(/^::(error::forged|stop-commands)/m);
    expect(renderGithub(hostileResults()).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
  });

  test('says how many there are beyond what GitHub shows', () => {
    const sample = sampleResults();
    const warnings = Array.from({ length: 14 }, (_, index) => ({
      code: 'odd',
      text: `${index}`,
      spoils: [],
    }));
    const shown =
      renderGithub({ ...sample, warnings, gates: [], relays: [] }).match(/^::warning .*$/gm) ?? [];
    expect(shown).toHaveLength(10);
    expect(shown.at(-1)).toContain('5 more of this kind');
  });
});

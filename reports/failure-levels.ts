/** What failed, by level, and which of it decides the exit code. */
import type { CheckResult, Conformance } from '../harness/results.js';
import { countsAsFailed } from './findings.js';
import { plural } from './format.js';

const LEVELS = ['MUST', 'POLICY', 'SHOULD'] as const;

/** `no check failed`, `2 failed (2 SHOULD)`. */
export function failedByLevel(checks: readonly CheckResult[]): string {
  const failed = checks.filter(({ result }) => result === 'failed');
  if (failed.length === 0) return 'no check failed';
  const levels = LEVELS.flatMap((level) => {
    const count = failed.filter((check) => check.level === level).length;
    return count === 0 ? [] : [`${count} ${level}`];
  });
  return `${failed.length} failed (${levels.join(', ')})`;
}

/** Why failed checks leave the exit code alone, and how to make them count; undefined where all of them count. */
export function uncountedFailures(all: readonly Conformance[]): string | undefined {
  const count = (counts: boolean) =>
    all.reduce((sum, conformance) => {
      const failed = conformance.checks.filter(({ result }) => result === 'failed');
      return sum + failed.filter((check) => countsAsFailed(check, conformance) === counts).length;
    }, 0);
  const uncounted = count(false);
  if (uncounted === 0) return undefined;
  const what = `${plural(uncounted, 'SHOULD failure')} ${uncounted === 1 ? 'does' : 'do'} not count`;
  return `${what}${count(true) === 0 ? ', so this is no failure (exit code 0)' : ' towards the exit code'}; with --strict ${uncounted === 1 ? 'it does' : 'they do'}`;
}

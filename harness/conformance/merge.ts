import type { CheckResult, Conformance } from '../results.js';
import { MAX_FAILURES, resultFor } from './verdicts.js';

export interface Strictness {
  /** Count failed SHOULD checks as failed (`--strict`). */
  readonly strict?: boolean | undefined;
}

/** Sums checks up: `checked` passed or failed, `failed` by level. */
export function conformanceOf(
  checks: readonly CheckResult[],
  { strict = false }: Strictness = {},
): Conformance {
  const failing = (level: CheckResult['level']) =>
    level === 'MUST' || level === 'POLICY' || (strict && level === 'SHOULD');
  return {
    checked: checks.filter(({ result }) => result === 'passed' || result === 'failed').length,
    failed: checks.filter(({ result, level }) => result === 'failed' && failing(level)).length,
    checks: [...checks],
  };
}

/** One relay's conformance over several rounds: counts added, the first failures with the round they are of. */
export function mergeConformance(
  rounds: readonly { readonly round: number; readonly conformance: Conformance }[],
  strictness: Strictness = {},
): Conformance {
  const byId = new Map<string, CheckResult[]>();
  for (const { round, conformance } of rounds) {
    for (const check of conformance.checks) {
      const failures = check.failures.map((failure) => ({ ...failure, round: failure.round ?? round }));
      byId.set(check.id, [...(byId.get(check.id) ?? []), { ...check, failures }]);
    }
  }
  return conformanceOf([...byId.values()].flatMap(mergeCheck), strictness);
}

function mergeCheck(ofRounds: readonly CheckResult[]): CheckResult[] {
  const [first] = ofRounds;
  if (!first) return [];
  const sum = (field: 'seen' | 'setAside' | 'failedCases') =>
    ofRounds.reduce((total, check) => total + check[field], 0);
  const merged = {
    ...first,
    seen: sum('seen'),
    setAside: sum('setAside'),
    failedCases: sum('failedCases'),
    failures: ofRounds.flatMap(({ failures }) => failures).slice(0, MAX_FAILURES),
  };
  const unclaimed = ofRounds.every(({ result }) => result === 'not-supported');
  return [{ ...merged, result: unclaimed ? 'not-supported' : resultFor(merged) }];
}

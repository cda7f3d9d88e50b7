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
  const ofRounds = rounds.map(({ round, conformance }) =>
    conformance.checks.map((check) => ({
      ...check,
      failures: check.failures.map((failure) => ({ ...failure, round: failure.round ?? round })),
    })),
  );
  return conformanceOf(mergeChecks(ofRounds), strictness);
}

/** Results of several judges that shared the connections of one round, as one judge of all of them has them. */
export function mergeChecks(parts: readonly (readonly CheckResult[])[]): CheckResult[] {
  const byId = new Map<string, CheckResult[]>();
  for (const check of parts.flat()) byId.set(check.id, [...(byId.get(check.id) ?? []), check]);
  return [...byId.values()].flatMap(mergeCheck);
}

function mergeCheck(parts: readonly CheckResult[]): CheckResult[] {
  const [first] = parts;
  if (!first) return [];
  const sum = (field: 'seen' | 'setAside' | 'failedCases') =>
    parts.reduce((total, check) => total + check[field], 0);
  const merged = {
    ...first,
    seen: sum('seen'),
    setAside: sum('setAside'),
    failedCases: sum('failedCases'),
    failures: parts.flatMap(({ failures }) => failures).slice(0, MAX_FAILURES),
  };
  const unclaimed = parts.every(({ result }) => result === 'not-supported');
  return [{ ...merged, result: unclaimed ? 'not-supported' : resultFor(merged) }];
}

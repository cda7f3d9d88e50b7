import type { CheckFailure, CheckResult, ExcerptLine } from '../results.js';
import type { Check, CheckDefinition } from './checks/check.js';

/** Failures that are kept with their evidence; the others are counted. */
export const MAX_FAILURES = 20;

/** Where a case was seen; the excerpt is made only when the case is kept as a failure. */
export interface Evidence {
  readonly connection: number;
  readonly excerpt: () => readonly ExcerptLine[];
}

interface Tally {
  seen: number;
  setAside: number;
  failedCases: number;
  readonly failures: CheckFailure[];
}

/** Counts what each check has judged. */
export class Verdicts {
  readonly #tallies = new Map<string, Tally>();

  /** Applies the rule of a check to a case. */
  apply<Case>(check: Check<Case>, facts: Case, evidence: Evidence): void {
    const ruling = check.rule(facts);
    if (ruling === 'passed') this.passed(check);
    else if (ruling === 'set-aside') this.setAside(check);
    else this.failed(check, ruling.broken, evidence);
  }

  /** Counts cases that are known to pass without asking the rule: the hot path. */
  passed(check: CheckDefinition, cases = 1): void {
    this.#tally(check).seen += cases;
  }

  setAside(check: CheckDefinition, cases = 1): void {
    this.#tally(check).setAside += cases;
  }

  failed(check: CheckDefinition, message: string, evidence?: Evidence): void {
    const tally = this.#tally(check);
    tally.seen += 1;
    tally.failedCases += 1;
    if (tally.failures.length >= MAX_FAILURES) return;
    tally.failures.push({
      message,
      ...(evidence && { connection: evidence.connection }),
      excerpt: [...(evidence?.excerpt() ?? [])],
    });
  }

  /** @param applies false: the relay doesn't claim what the check is about. */
  resultOf(check: CheckDefinition, applies = true): CheckResult {
    const { id, level, title, requirement, reference } = check;
    const { seen, setAside, failedCases, failures } = this.#tally(check);
    const described = { id, level, title, requirement, reference };
    if (!applies) {
      return {
        ...described,
        result: 'not-supported',
        seen: 0,
        setAside: 0,
        failedCases: 0,
        failures: [],
      };
    }
    const result = resultFor({ level, seen, failedCases });
    return { ...described, result, seen, setAside, failedCases, failures };
  }

  #tally({ id }: CheckDefinition): Tally {
    const found = this.#tallies.get(id);
    if (found) return found;
    const tally: Tally = { seen: 0, setAside: 0, failedCases: 0, failures: [] };
    this.#tallies.set(id, tally);
    return tally;
  }
}

/** A check that judged nothing has not passed; a trait is observed, shown or not. */
export function resultFor({
  level,
  seen,
  failedCases,
}: Pick<CheckResult, 'level' | 'seen' | 'failedCases'>): CheckResult['result'] {
  if (seen === 0) return 'not-tested';
  if (level === 'INFO') return 'observed';
  return failedCases > 0 ? 'failed' : 'passed';
}

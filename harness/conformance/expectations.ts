import type { CheckResult } from '../results.js';
import type { CheckDefinition } from './checks/check.js';
import { type Evidence, Verdicts } from './verdicts.js';

/** Counts the outcomes of a scenario's own `expect` steps, one check for each label. */
export interface ScenarioChecks {
  /** The expectation of a step held. */
  passed(label: string): void;
  /** It didn't; `message` says what came instead. */
  failed(label: string, message: string, evidence: Evidence): void;
  /** It could not be judged, for instance because the connection had ended. */
  setAside(label: string): void;
  /** One result for each label, in the order in which they were first named. */
  results(): readonly CheckResult[];
}

/** @param labels those of all `expect` steps of the scenario: one that never ran is *not-tested*. */
export function createScenarioChecks(labels: readonly string[]): ScenarioChecks {
  const verdicts = new Verdicts();
  const named = new Set(labels);
  const check = (label: string): CheckDefinition => {
    named.add(label);
    return {
      id: `scenario/expect/${label}`,
      level: 'POLICY',
      title: `The scenario's expectation of ${label}`,
      requirement: `What the scenario's expect steps of ${label} say.`,
      reference: 'scenario, expect',
    };
  };
  return {
    passed: (label) => verdicts.passed(check(label)),
    failed: (label, message, evidence) => verdicts.failed(check(label), message, evidence),
    setAside: (label) => verdicts.setAside(check(label)),
    results: () => [...named].map((label) => verdicts.resultOf(check(label))),
  };
}

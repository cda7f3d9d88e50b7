import type { BenchResults, CaseResult } from './summary.js';

/**
 * Saved results in which the cases of `later` take the place of those of the same name, or come last. Each says
 * that it was measured apart.
 */
export function mergedInto(saved: BenchResults, later: BenchResults): BenchResults {
  const { cases, ...machine } = later;
  const apart = new Map(cases.map((each): [string, CaseResult] => [each.name, { ...each, apart: machine }]));
  const replaced = saved.cases.map((each) => apart.get(each.name) ?? each);
  const known = new Set(saved.cases.map(({ name }) => name));
  return { ...saved, cases: [...replaced, ...[...apart.values()].filter(({ name }) => !known.has(name))] };
}

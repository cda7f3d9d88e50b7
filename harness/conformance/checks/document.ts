import type { CheckDefinition } from './check.js';

/** The table of `docs/invariants.md`: one line for each check. */
export function invariantsTable(checks: readonly CheckDefinition[]): string {
  const rows = checks.map(
    ({ id, level, requirement, reference }) => `| ${id} | ${level} | ${requirement} | ${reference} |`,
  );
  return ['| check | level | requirement | reference |', '|---|---|---|---|', ...rows].join('\n');
}

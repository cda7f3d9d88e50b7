import type { Mutant } from './mutant.js';

/** The table of `docs/mutants.md`: one line for each mutant. */
export function mutantsTable(mutants: readonly Mutant[]): string {
  const rows = mutants.map(({ id, breaks, relay, caughtBy, observed }) => {
    const checks = caughtBy.map((check) => `\`${check}\``).join('<br>');
    return `| \`${id}\` | ${breaks} | ${relay} | ${checks || 'a probe'} | ${observed ? 'observe' : 'fail'} |`;
  });
  return ['| mutant | breaks | relay | caught by | must |', '|---|---|---|---|---|', ...rows].join('\n');
}

import { checksThatCatch } from './catalogue.js';
import type { Mutant } from './mutant.js';

/** The table of `docs/mutants.md`: one line for each mutant. */
export function mutantsTable(mutants: readonly Mutant[]): string {
  const rows = mutants.map((mutant) => {
    const { id, breaks, relay, stage, observed } = mutant;
    const checks = checksThatCatch(mutant).map((check) => `\`${check}\``);
    return `| \`${id}\` | ${breaks} | ${relay}, ${stage} | ${checks.join('<br>')} | ${observed ? 'observe' : 'fail'} |`;
  });
  return ['| mutant | breaks | relay | caught by | must |', '|---|---|---|---|---|', ...rows].join('\n');
}

// Writes the generated tables of docs/ anew: those that a test holds against the code.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { probeTables } from '../dist/harness/conformance/conform-table.js';
import { MUTANTS } from '../dist/harness/conformance/mutants/catalogue.js';
import { mutantsTable } from '../dist/harness/conformance/mutants/document.js';

function rewrite(name, change) {
  const file = join(import.meta.dirname, '..', 'docs', name);
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}

rewrite('mutants.md', (text) => {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.startsWith('|'));
  const last = lines.findLastIndex((line) => line.startsWith('|'));
  lines.splice(first, last - first + 1, ...mutantsTable(MUTANTS).split('\n'));
  return lines.join('\n');
});

rewrite('conformance.md', (text) =>
  text.replace(/(<!-- probes: .*-->)[\s\S]*?(<!-- \/probes -->)/, (_, begin, end) =>
    [begin, probeTables(), end].join('\n\n'),
  ),
);

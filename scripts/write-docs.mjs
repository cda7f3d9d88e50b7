// Writes the generated tables of docs/ anew: those that a test holds against the code.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { INVARIANTS } from '../dist/harness/conformance/checks/catalogue.js';
import { invariantsTable } from '../dist/harness/conformance/checks/document.js';
import { MUTANTS } from '../dist/harness/conformance/mutants/catalogue.js';
import { mutantsTable } from '../dist/harness/conformance/mutants/document.js';

writeTable('mutants.md', mutantsTable(MUTANTS));
writeTable('invariants.md', invariantsTable(INVARIANTS));

/** The table is the document's only one. */
function writeTable(name, table) {
  const file = join(import.meta.dirname, '..', 'docs', name);
  const lines = readFileSync(file, 'utf8').split('\n');
  const first = lines.findIndex((line) => line.startsWith('|'));
  const last = lines.findLastIndex((line) => line.startsWith('|'));
  lines.splice(first, last - first + 1, ...table.split('\n'));
  writeFileSync(file, lines.join('\n'));
}

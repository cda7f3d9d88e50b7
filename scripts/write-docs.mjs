// Writes the generated tables of docs/ anew: those that a test holds against the code.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MUTANTS } from '../dist/harness/conformance/mutants/catalogue.js';
import { mutantsTable } from '../dist/harness/conformance/mutants/document.js';

const file = join(import.meta.dirname, '..', 'docs', 'mutants.md');
const lines = readFileSync(file, 'utf8').split('\n');
const first = lines.findIndex((line) => line.startsWith('|'));
const last = lines.findLastIndex((line) => line.startsWith('|'));
lines.splice(first, last - first + 1, ...mutantsTable(MUTANTS).split('\n'));
writeFileSync(file, lines.join('\n'));

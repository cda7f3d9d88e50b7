// Writes the generated tables of docs/ anew: those that a test holds against the code. Needs the compiled output.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { INVARIANTS } from '../dist/harness/conformance/checks/catalogue.js';
import { invariantsTable } from '../dist/harness/conformance/checks/document.js';
import { probeTables } from '../dist/harness/conformance/conform-table.js';
import { MUTANTS } from '../dist/harness/conformance/mutants/catalogue.js';
import { mutantsTable } from '../dist/harness/conformance/mutants/document.js';
import { metricsTable } from '../dist/harness/measure/catalogue-table.js';

/** Puts `table` in the place of the lines of a document from the first that `isFirst` to the last that `isLast`. */
function replaceTable(document, table, isFirst, isLast) {
  const file = join(import.meta.dirname, '..', 'docs', document);
  const lines = readFileSync(file, 'utf8').split('\n');
  const first = lines.findIndex(isFirst);
  const last = lines.findLastIndex(isLast);
  lines.splice(first, last - first + 1, ...table.split('\n'));
  writeFileSync(file, lines.join('\n'));
}

/** Columns of one width, as an editor's formatter leaves them. */
function aligned(table) {
  const rows = table.split('\n').map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row, index) =>
    row
      .map((cell, column) => (index === 1 ? '-'.repeat(widths[column]) : cell.padEnd(widths[column])))
      .join(' | ');
  return rows.map((row, index) => `| ${line(row, index)} |`).join('\n');
}

const isRow = (line) => line.startsWith('|');
replaceTable('mutants.md', mutantsTable(MUTANTS), isRow, isRow);
replaceTable('invariants.md', aligned(invariantsTable(INVARIANTS)), isRow, isRow);

const MARK =
  '<!-- metrics: made of the catalogue, and held to it by harness/measure/catalogue-table.test.ts -->';
const isMark = (line) => line.startsWith('<!-- metrics:');
const end = (line) => line === '<!-- /metrics -->';
replaceTable('method.md', `${MARK}\n${aligned(metricsTable())}\n<!-- /metrics -->`, isMark, end);

const PROBES_MARK = '<!-- probes: made from harness/conformance/probes; a test compares -->';
const isProbesMark = (line) => line === PROBES_MARK;
const probesEnd = (line) => line === '<!-- /probes -->';
const tables = `${PROBES_MARK}\n\n${probeTables()}\n\n<!-- /probes -->`;
replaceTable('conformance.md', tables, isProbesMark, probesEnd);

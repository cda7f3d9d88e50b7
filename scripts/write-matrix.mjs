// Writes docs/mutants-matrix.md from what `reqbench conform --self-test full --json` printed: the whole of it, or several
// files of a part each (`--mutant`). Needs the compiled output. Usage: node scripts/write-matrix.mjs MATRIX.json …
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECK_IDS } from '../dist/harness/conformance/conform-selection.js';
import { MUTANTS } from '../dist/harness/conformance/mutants/catalogue.js';
import { matrixOf, matrixPage, parseSelfTestRecord } from '../dist/harness/conformance/mutants/matrix.js';
import { EXIT } from '../dist/harness/exit-codes.js';

const files = process.argv.slice(2);
try {
  if (files.length === 0)
    throw new Error('name what reqbench conform --self-test full --json printed, one file or several');
  const records = files.map((file) => parseSelfTestRecord(readFileSync(file, 'utf8'), file));
  const page = join(import.meta.dirname, '..', 'docs', 'mutants-matrix.md');
  writeFileSync(page, matrixPage(matrixOf(records, MUTANTS), CHECK_IDS));
  process.stdout.write(`${page} written\n`);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = EXIT.badInput;
}

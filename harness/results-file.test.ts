import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { sampleResults } from '../tests/sample-results.js';
import { InputError } from './errors.js';
import { readResultsFile } from './results-file.js';

const folder = mkdtempSync(join(tmpdir(), 'reqbench-results-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function saved(text: string): string {
  const file = join(folder, 'results.json');
  writeFileSync(file, text);
  return file;
}

const whole = JSON.stringify(sampleResults());

test('what a run wrote comes back as it was', () => {
  expect(readResultsFile(saved(whole))).toEqual(JSON.parse(whole));
});

test.each([
  ['', 'cut short'],
  [whole.slice(0, whole.length / 2), 'cut short'],
  ['{"schema": reqbench}', 'not JSON'],
  ['[]', 'it says no schema'],
  [whole.replace('reqbench.results/1', 'reqbench.results/9'), 'reads reqbench.results/1'],
  [JSON.stringify({ ...sampleResults(), rounds: 'many', gates: 3 }), 'rounds: '],
])('%.30j is refused', (text, message) => {
  const file = saved(text);
  expect(() => readResultsFile(file)).toThrow(InputError);
  expect(() => readResultsFile(file)).toThrow(message);
  expect(() => readResultsFile(file)).toThrow(file);
});

test('a file that is not there is named', () => {
  expect(() => readResultsFile(join(folder, 'none.json'))).toThrow('none.json: no such file');
});

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renderHtml, renderJunit } from '../reports/index.js';
import { reqbench, scratchFolder } from './reqbench.js';
import { sampleResults } from './sample-results.js';

function saved(folder: string): string {
  const file = join(folder, 'results.json');
  writeFileSync(file, JSON.stringify(sampleResults()));
  return file;
}

test('report makes the documents of a run again, beside its results', async () => {
  const folder = scratchFolder();
  const { code, stdout } = await reqbench(['report', saved(folder)]);
  expect([code, stdout]).toEqual([0, '']);
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toBe(renderHtml(sampleResults()));
  expect(readFileSync(join(folder, 'junit.xml'), 'utf8')).toBe(renderJunit(sampleResults()));
  expect(existsSync(join(folder, 'summary.md'))).toBe(true);
});

test('report prints what belongs on stdout, and writes nothing then', async () => {
  const folder = scratchFolder();
  const { code, stdout } = await reqbench(['report', saved(folder), '--format', 'summary,github,tap']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^#[\s\S]*^::notice title=[\s\S]*^TAP version 14$/m);
  expect(existsSync(join(folder, 'report.html'))).toBe(false);
});

test.each([
  [['--format', 'pdf'], 'there is no format "pdf"'],
  [['none.json'], 'none.json: no such file'],
  [['--out', 'x', 'results.json'], '--out names one folder'],
])('report %j is bad usage, and writes nothing', async (words, message) => {
  const folder = scratchFolder();
  const { code, stderr } = await reqbench(['report', saved(folder), ...words], folder);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
  expect(existsSync(join(folder, 'report.html'))).toBe(false);
});

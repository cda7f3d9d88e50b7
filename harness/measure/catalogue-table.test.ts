import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { METRICS } from './catalogue.js';
import { metricsTable } from './catalogue-table.js';

/** The cells of a Markdown table, whatever the formatter does to its columns. */
function cells(table: string): string[][] {
  return table
    .trim()
    .split('\n')
    .filter((_, row) => row !== 1)
    .map((row) => row.split('|').map((cell) => cell.trim()));
}

describe('docs/method.md', () => {
  it('has the metrics of the catalogue: else replace its table by the expected one', () => {
    const text = readFileSync(new URL('../../docs/method.md', import.meta.url), 'utf8');
    const documented = /<!-- metrics: .*-->([\s\S]*?)<!-- \/metrics -->/.exec(text)?.[1];
    expect(cells(documented ?? '')).toEqual(cells(metricsTable()));
  });
});

describe('metricsTable', () => {
  it('has a row for every metric', () => {
    expect(metricsTable().split('\n')).toHaveLength(Object.keys(METRICS).length + 2);
    expect(metricsTable()).toContain('| `req.eose` | ms | many samples a round | ');
  });
});

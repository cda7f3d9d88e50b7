import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { sampleResults } from '../tests/sample-results.js';
import { brokenResults, emptyResults, hostileResults } from '../tests/troubled-results.js';
import { resultsJsonSchema } from './results-schema.js';

const published = readFileSync(new URL('../docs/results.schema.json', import.meta.url), 'utf8');

test('docs/results.schema.json is what the code says; vitest -u writes it anew', async () => {
  await expect(resultsJsonSchema()).toMatchFileSnapshot('../docs/results.schema.json');
});

describe('the published schema', () => {
  const validate = new Ajv2020({ strict: true, strictTuples: false }).compile(JSON.parse(published));

  test.each([sampleResults, hostileResults, brokenResults, emptyResults])('accepts what %o makes', (run) => {
    expect(validate(JSON.parse(JSON.stringify(run()))) || validate.errors).toBe(true);
  });

  test('refuses a result that lacks a part or has a word of its own', () => {
    const { gates: _gates, ...rest } = sampleResults();
    expect(validate(rest)).toBe(false);
    expect(validate({ ...sampleResults(), schema: 'reqbench.results/2' })).toBe(false);
  });
});

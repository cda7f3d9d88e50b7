import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { INVARIANTS } from './catalogue.js';
import { invariantsTable } from './document.js';

const document = new URL('../../../docs/invariants.md', import.meta.url);

it('docs/invariants.md has the table of the catalogue', () => {
  // The formatter pads the columns of tables.
  const unpadded = (text: string) => text.replaceAll(/ +/g, ' ').replaceAll(/ ?-{3,} ?/g, '---');
  expect(unpadded(readFileSync(document, 'utf8'))).toContain(`\n${unpadded(invariantsTable(INVARIANTS))}\n`);
});
it('no two checks have one id, and none breaks the table', () => {
  expect(new Set(INVARIANTS.map(({ id }) => id)).size).toBe(INVARIANTS.length);
  expect(INVARIANTS.filter(({ requirement }) => requirement.includes('|'))).toEqual([]);
});

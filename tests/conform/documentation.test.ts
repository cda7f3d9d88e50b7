import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { INVARIANTS } from '../../harness/conformance/checks/catalogue.js';
import { select } from '../../harness/conformance/conform-selection.js';
import { probeTables } from '../../harness/conformance/conform-table.js';
import { PROBES } from '../../harness/conformance/probes/catalogue.js';

/** Lines of Markdown, whatever the formatter does to the columns of tables. */
function lines(markdown: string): string[] {
  return markdown
    .split('\n')
    .map((line) =>
      line
        .replaceAll(/\s+/g, ' ')
        .replaceAll(/ ?\| ?/g, '|')
        .trim(),
    )
    .filter((line) => line !== '' && !/^[|\s:-]+$/.test(line));
}

describe('docs/conformance.md', () => {
  it('has the probes of the catalogue: else replace its tables by the expected ones', () => {
    const text = readFileSync(new URL('../../docs/conformance.md', import.meta.url), 'utf8');
    const documented = /<!-- probes: .*-->([\s\S]*?)<!-- \/probes -->/.exec(text)?.[1];
    expect(lines(documented ?? '')).toEqual(lines(probeTables()));
  });
});

describe('the catalogue of checks', () => {
  it('gives every check an id of its own that reads like a path', () => {
    const ids = [...PROBES, ...INVARIANTS].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z0-9]+(\/[a-z0-9-]+)+$/);
  });

  it('says of every probe what the relay has to do and where that is written', () => {
    for (const { title, requirement, reference } of PROBES) {
      expect(requirement).toMatch(/\.$/);
      expect(title).not.toMatch(/\.$/);
      expect(reference).not.toBe('');
    }
  });
});

describe('a clause', () => {
  const idsOf = (...clauses: string[]) => select(clauses).probes.map(({ id }) => id);

  it('is an id or the beginning of one, and no part of a word', () => {
    expect(idsOf('nip01/req/order')).toEqual(['nip01/req/order']);
    expect(idsOf('nip09')).toEqual(PROBES.map(({ id }) => id).filter((id) => id.startsWith('nip09/')));
    expect(idsOf('nip40', 'nip67/').length).toBe(4);
    expect(() => idsOf('nip0')).toThrow(/no check or section "nip0"/);
  });

  it('that names an invariant alone plays all probes, and reports that invariant', () => {
    const selection = select(['nip01/req/eose-once']);
    expect(selection.probes).toHaveLength(PROBES.length);
    expect(PROBES.some(({ id }) => selection.has(id))).toBe(false);
    expect(selection.has('nip01/req/eose-once')).toBe(true);
  });

  it('that is unknown is answered by the nearest', () => {
    expect(() => idsOf('limit-newst')).toThrow(/did you mean nip01\/req\/limit-newest/);
  });
});

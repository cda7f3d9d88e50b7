import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DEVIATIONS, type Deviation, isDeviationId } from '../../relays/relay.js';

const ROOT = join(import.meta.dirname, '..', '..');
const LAST_DEVIATION = 32;

interface Row {
  readonly ids: readonly string[];
  /** What the document says of each relay. */
  readonly cells: { readonly streaming: string; readonly batched: string };
}

/** The rows of the table of deviations in docs/strategies.md. */
const rows: readonly Row[] = readFileSync(join(ROOT, 'docs', 'strategies.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| D\d/.test(line))
  .map((line) => {
    const [ids = '', , streaming = '', batched = ''] = line
      .split('|')
      .slice(1)
      .map((cell) => cell.trim());
    return { ids: ids.split(', '), cells: { streaming, batched } };
  });

/** The files that a cell names, beneath `relays/`, in the folder of its strategy unless it names one. */
function filesIn(cell: string, strategy: string): readonly string[] {
  return [...cell.matchAll(/`([\w/-]+\.ts)`/g)].map(([, name = '']) => {
    const path = name.includes('/') ? name : join(strategy, name);
    return join(ROOT, 'relays', path);
  });
}

test('every deviation has one row', () => {
  const all = Array.from({ length: LAST_DEVIATION }, (_, i) => `D${i + 1}`);
  expect(rows.flatMap(({ ids }) => ids)).toEqual(all);
});

describe.each(rows.flatMap(({ ids, cells }) => ids.map((id) => ({ id, cells }))))('$id', ({ id, cells }) => {
  test.each(['streaming', 'batched'] as const)(
    'names files of %s that are there and know of it',
    (strategy) => {
      const deviation: Deviation | undefined = isDeviationId(id) ? DEVIATIONS[id] : undefined;
      const cell = cells[strategy];
      const files = filesIn(cell, strategy);
      expect(files.filter((file) => !existsSync(file))).toEqual([]);
      const canBeOn = deviation?.of.includes(strategy) ?? false;
      expect(cell.includes('on: ')).toBe(canBeOn);
      const mustKnow = canBeOn || cell.startsWith('**yes**');
      const knowing = files.filter((file) => new RegExp(`\\b${id}\\b`).test(readFileSync(file, 'utf8')));
      expect(knowing.length > 0).toBe(mustKnow);
    },
  );
});

import { describe, expect, it } from 'vitest';
import { CHECK_IDS } from '../conform-selection.js';
import { checksThatCatch, MUTANTS } from './catalogue.js';
import { matrixOf, matrixPage, parseSelfTestRecord, type SelfTestRecord } from './matrix.js';

const [first, second] = MUTANTS;
if (!first || !second) throw new Error('no mutants');
const two = [first, second];

function record(mutants: typeof two, more: Partial<SelfTestRecord> = {}): SelfTestRecord {
  return {
    version: '1.2.3',
    startedAt: '2026-01-31T12:00:00.000Z',
    full: true,
    checks: [...CHECK_IDS],
    passed: true,
    notRun: [],
    mutants: mutants.map((mutant) => ({
      id: mutant.id,
      fired: [...checksThatCatch(mutant), 'race/hand-over'],
      silent: [],
    })),
    clean: [{ kind: 'clean', relay: 'batched', under: 'load open', accused: [] }],
    ...more,
  };
}

describe('a matrix', () => {
  it('is one of several parts, and tells who is named from who fired beside', () => {
    const later = record([first], { startedAt: '2026-02-01T00:00:00.000Z' });
    const matrix = matrixOf([later, record([second])], two);
    expect(matrix).toMatchObject({ version: '1.2.3', date: '2026-02-01', cleanRuns: 2 });
    expect(matrix.rows).toEqual(two.map((mutant) => ({ mutant, others: ['race/hand-over'] })));
  });

  it('needs every mutant, all of them caught, held against everything, by one version', () => {
    const refuses = (...records: readonly SelfTestRecord[]) => expect(() => matrixOf(records, two));
    refuses(record([first])).toThrow(`the mutant ${second.id} was not run`);
    const silent = [{ id: first.id, fired: [], silent: ['race/hand-over'] }];
    const missed = record([first], { passed: false, mutants: silent });
    refuses(record(two), missed).toThrow(`the mutant ${first.id} was not caught by race/hand-over`);
    expect(matrixOf([missed, record(two)], two).rows).toHaveLength(2);
    const clean = [
      { kind: 'clean' as const, relay: 'batched' as const, under: 'load open', accused: ['nip01/event/ok'] },
    ];
    refuses(record(two, { clean })).toThrow('clean batched was accused by nip01/event/ok (load open)');
    refuses(record(two, { full: false })).toThrow('not of --self-test full');
    refuses(record([first]), record([second], { version: '1.2.4' })).toThrow(
      'several versions: 1.2.3, 1.2.4',
    );
  });

  it('names the checks that only a part of the mutants was held against', () => {
    const older = record([first], { checks: CHECK_IDS.filter((id) => id !== 'race/hand-over') });
    const page = matrixPage(matrixOf([older, record([second])], two), CHECK_IDS);
    expect(page).toMatch(/^- checks younger than the run, .*: `race\/hand-over`$/m);
    expect(matrixPage(matrixOf([record(two)], two), CHECK_IDS)).not.toContain('younger');
  });

  it('names the checks that were never seen to fail', () => {
    const page = matrixPage(matrixOf([record(two)], two), [
      ...checksThatCatch(first),
      'nip01/x',
      'race/hand-over',
    ]);
    expect(page).toContain('checks never seen to fail: `nip01/x`\n');
    expect(page).toContain('| `race/hand-over` | 0 | 2 |');
  });

  it('folds a long list of checks', () => {
    const fired = [...checksThatCatch(first), ...CHECK_IDS.slice(0, 20)];
    const mutants = [{ id: first.id, fired, silent: [] }];
    const page = matrixPage(matrixOf([record([first], { mutants })], [first]), CHECK_IDS);
    expect(page).toContain('<summary>20 checks</summary>`nip01/event`: valid-accepted, ');
  });
});

describe('what --json printed', () => {
  it('is read back', () => {
    const one = record(two);
    expect(parseSelfTestRecord(JSON.stringify(one), 'm.json')).toEqual(one);
  });
  it.each(['', '{"passed":true}', '[]'])('is told from anything else: %j', (text) => {
    expect(() => parseSelfTestRecord(text, 'm.json')).toThrow(/m\.json.*\n.*--self-test full --json/);
  });
});

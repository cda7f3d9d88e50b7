/** A relay that others write to: what it owes of the run's own events, whatever else it holds. */
import { describe, expect, it } from 'vitest';
import { ALICE, BOB, event, Trace } from '../../tests/support/trace.js';

const STORED_SET = 'nip01/req/stored-set';
const CAPPED = 'nip01/req/capped';
const OFF = 'nip45/off';

/** Ours, newest first: e4 is the newest. */
const e4 = event({ at: 40 });
const e3 = event({ at: 30 });
const e2 = event({ at: 20 });
const e1 = event({ at: 10 });
const others = [45, 35, 25, 5].map((at) => event({ at, author: BOB, content: 'of others' }));
const [newest, second, third, oldest] = others as [typeof e1, typeof e1, typeof e1, typeof e1];
const NOTES = { kinds: [1] };
const world = () => new Trace({ loaded: [e1, e2, e3, e4], shared: true, claims: [45] });

function answered(filters: Parameters<Trace['req']>[1][], events: readonly (typeof e1)[]) {
  return world()
    .req('a', ...filters)
    .getsEvents('a', ...events)
    .gets('EOSE', 'a')
    .finish();
}

describe('events of others in an answer', () => {
  it('may take places within a limit', () => {
    const { failed, shown, report } = answered([{ ...NOTES, limit: 3 }], [newest, e4, second]);
    expect([failed, shown]).toEqual([[], ['nip01/event/foreign']]);
    expect(report.answers).toEqual({ judged: 1, equal: 0, foreign: 1 });
  });
  it('excuse nothing that is newer than the oldest of them and had a place', () => {
    const { failed, report } = answered([{ ...NOTES, limit: 4 }], [newest, e4, second, e2]);
    expect(failed).toEqual([STORED_SET]);
    expect(report.answers).toEqual({ judged: 1, equal: 0, foreign: 0 });
  });
  it('excuse nothing where there was place left', () => {
    expect(answered([{ ...NOTES, limit: 10 }], [newest, e4, e3, e1]).failed).toEqual([STORED_SET]);
  });
  it('count once, however often they come', () => {
    const outcome = answered([{ ...NOTES, limit: 3 }], [newest, newest, newest]);
    expect(outcome.shown).toContain('nip01/req/duplicates');
    // One place is taken: e4 and e3 are owed, and with newer ones of others alone it looks like a cap.
    expect(outcome.shown).toContain(CAPPED);
    expect(answered([{ ...NOTES, limit: 3 }], [newest, newest, e2]).failed).toEqual([STORED_SET]);
  });
  it('take a place in the limits of the filters that they match', () => {
    const filters = [
      { ...NOTES, limit: 2 },
      { authors: [ALICE], limit: 2 },
    ];
    expect(answered(filters, [newest, e4, e3]).failed).toEqual([]);
    expect(answered(filters, [newest, e4, second]).shown).toContain(CAPPED);
    expect(answered(filters, [newest, e4, second, e2]).failed).toEqual([STORED_SET]);
  });
  it('may fill a cap: an answer with newer ones of theirs alone is no hole', () => {
    const { failed, shown } = answered([NOTES], [newest, event({ at: 42, author: BOB })]);
    expect([failed, shown]).toEqual([[], [CAPPED, 'nip01/event/foreign']]);
  });
  it('show a hole where all of them are older', () => {
    expect(answered([NOTES], [oldest]).failed).toEqual([STORED_SET]);
  });
  it('are no reason to leave out what is asked for by author', () => {
    expect(answered([{ authors: [ALICE] }], []).failed).toEqual([STORED_SET]);
  });
});

describe('COUNT on a relay that others write to', () => {
  const count = (filter: Parameters<Trace['count']>[1], number: number) =>
    world().count('q', filter).gets('COUNT', 'q', { count: number }).finish().check(OFF);

  it('is judged where the filter names authors or ids of the run', () => {
    expect(count({ authors: [ALICE] }, 9)).toMatchObject({ result: 'observed', failedCases: 1 });
    expect(count({ ids: [e1.id, e2.id] }, 2)).toMatchObject({ seen: 1, failedCases: 0 });
  });
  it('is not judged where theirs may be counted', () => {
    expect(count(NOTES, 9)).toMatchObject({ seen: 0, setAside: 1 });
    expect(count({ authors: [ALICE, BOB] }, 9)).toMatchObject({ seen: 0, setAside: 1 });
    expect(count({ ids: [third.id] }, 1)).toMatchObject({ seen: 0, setAside: 1 });
  });
});

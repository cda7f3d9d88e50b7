import type { Filter } from 'nostr-tools/filter';
import { describe, expect, it } from 'vitest';
import { ALICE, BOB, event, Trace } from '../../tests/support/trace.js';

/** Notes of one author, newest first: e5 is the newest. */
const e5 = event({ at: 50 });
const e4 = event({ at: 40 });
const e3 = event({ at: 30 });
const e2 = event({ at: 20 });
const e1 = event({ at: 10 });
const notes = [e1, e2, e3, e4, e5];
const ALL = { kinds: [1] };
const loaded = () => new Trace({ loaded: notes });

describe('nip01/req/stored-set', () => {
  const id = 'nip01/req/stored-set';

  it('passes the whole answer and counts it as equal', () => {
    const outcome = loaded().req('a', ALL).getsEvents('a', e5, e4, e3, e2, e1).gets('EOSE', 'a').finish();
    expect(outcome.failed).toEqual([]);
    expect(outcome.check(id)).toMatchObject({ result: 'passed', seen: 1, setAside: 0 });
    expect(outcome.report.answers).toEqual({ judged: 1, equal: 1, foreign: 0 });
  });
  it('fails a hole', () => {
    const outcome = loaded().req('a', ALL).getsEvents('a', e5, e4, e2, e1).gets('EOSE', 'a').finish();
    expect(outcome.failed).toEqual([id]);
    expect(outcome.check(id).failures[0]?.message).toContain(e3.id.slice(0, 12));
    expect(outcome.report.answers).toEqual({ judged: 1, equal: 0, foreign: 0 });
  });
  it('fails an empty answer: that is a hole, not a cap', () => {
    expect(loaded().req('a', ALL).gets('EOSE', 'a').finish().failed).toEqual([id]);
  });
  it('only notes an answer that lacks its old end', () => {
    const outcome = loaded().req('a', ALL).getsEvents('a', e5, e4, e3).gets('EOSE', 'a').finish();
    expect(outcome.failed).toEqual([]);
    expect(outcome.shown).toEqual(['nip01/req/capped']);
    expect(outcome.report.answers).toEqual({ judged: 1, equal: 0, foreign: 0 });
  });
  it('tells a hole from a cap filter by filter', () => {
    const other = event({ author: BOB, at: 15 });
    const world = () => new Trace({ loaded: [...notes, other] });
    const filters = [{ authors: [ALICE] }, { authors: [BOB] }];
    const capped = world()
      .req('a', ...filters)
      .getsEvents('a', e5, e4, other)
      .gets('EOSE', 'a')
      .finish();
    expect([capped.failed, capped.shown]).toEqual([[], ['nip01/req/capped']]);
    const holed = world()
      .req('a', ...filters)
      .getsEvents('a', e5, e3, e2, e1, other)
      .gets('EOSE', 'a')
      .finish();
    expect(holed.failed).toEqual([id]);
  });
  it('fails an event older than the limit asks for', () => {
    const trace = loaded()
      .req('a', { ...ALL, limit: 2 })
      .getsEvents('a', e5, e4, e3)
      .gets('EOSE', 'a');
    expect(trace.finish().failed).toEqual([id, 'nip01/req/limit']);
  });
  it('accepts either event of a tie with the last of a limit', () => {
    const tied = [event({ at: 7, content: 'x' }), event({ at: 7, content: 'y' })];
    for (const one of tied) {
      const trace = new Trace({ loaded: [...tied, e5] }).req('a', { limit: 2 }).getsEvents('a', e5, one);
      expect(trace.gets('EOSE', 'a').finish()).toMatchObject({ failed: [], shown: [] });
    }
  });
  it('does not judge an answer that the client cut off', () => {
    expect(loaded().req('a', ALL).getsEvents('a', e5).close('a').gets('EOSE', 'a').finish().failed).toEqual(
      [],
    );
  });
  it('does not judge an answer that a CLOSED cut off', () => {
    const trace = loaded().req('a', ALL).getsEvents('a', e1).gets('CLOSED', 'a', 'error: too slow');
    expect(trace.finish().failed).toEqual([]);
  });
  it('fails a stored event that comes after EOSE', () => {
    const trace = loaded()
      .req('a', ALL)
      .getsEvents('a', e5, e4, e3, e2)
      .gets('EOSE', 'a')
      .getsEvents('a', e1);
    expect(trace.finish().failed).toEqual([id]);
  });
  it('accepts one after the EOSE of a REQ that replaced a larger one', () => {
    const trace = loaded()
      .req('a', ALL)
      .req('a', { ids: [e5.id] });
    trace.getsEvents('a', e5, e4).gets('EOSE', 'a').getsEvents('a', e5).gets('EOSE', 'a').getsEvents('a', e3);
    expect(trace.finish().failed).toEqual([]);
  });

  describe('while events are published', () => {
    const fresh = event({ at: 60 });
    const rest = [e5, e4, e3, e2, e1];

    it('wants one whose OK came before the REQ', () => {
      const trace = loaded().store(fresh).req('a', ALL);
      expect(
        trace
          .getsEvents('a', ...rest)
          .gets('EOSE', 'a')
          .finish().failed,
      ).toEqual([id]);
    });
    it.each([true, false])('takes one in flight either way: %s', (served) => {
      const trace = loaded().on(1).publish(fresh).backOn(0).req('a', ALL);
      trace.getsEvents('a', ...(served ? [fresh] : []), ...rest).gets('EOSE', 'a');
      expect(trace.finish().failed).toEqual([]);
    });
    it('lets one in flight push the oldest out of a limit', () => {
      const limited = { ...ALL, limit: 2 };
      const trace = () => loaded().on(1).publish(fresh).backOn(0).req('a', limited);
      expect(trace().getsEvents('a', fresh, e5).gets('EOSE', 'a').finish().failed).toEqual([]);
      expect(trace().getsEvents('a', e5, e4).gets('EOSE', 'a').finish().failed).toEqual([]);
    });
    it('takes one that was accepted just before for a late live event, however old', () => {
      const old = event({ at: 5 });
      const trace = loaded()
        .on(1)
        .store(old)
        .backOn(0)
        .req('a', { ...ALL, limit: 2 });
      expect(trace.getsEvents('a', e5, old, e4).gets('EOSE', 'a').finish().failed).toEqual([]);
      const settled = loaded()
        .on(1)
        .store(old)
        .after(2000)
        .backOn(0)
        .req('a', { ...ALL, limit: 2 });
      expect(settled.getsEvents('a', e5, e4, old).gets('EOSE', 'a').finish().failed).toContain(id);
    });
    it('takes one that was refused either way', () => {
      const trace = loaded().publish(fresh).gets('OK', fresh.id, false, 'error: disk').req('a', ALL);
      expect(
        trace
          .getsEvents('a', ...rest)
          .gets('EOSE', 'a')
          .finish().failed,
      ).toEqual([]);
    });
  });

  it('says nothing about events that the relay did not accept when it was loaded', () => {
    const trace = new Trace({ loaded: notes, refusedAtLoad: [e3] }).req('a', ALL);
    expect(trace.getsEvents('a', e5, e4, e2, e1).gets('EOSE', 'a').finish().failed).toEqual([]);
  });
  it('says nothing about events that expire, or that NIP-09 may have deleted', () => {
    const expiring = event({ at: 60, tags: [['expiration', '1700000000']] });
    const deletion = event({ kind: 5, at: 70, tags: [['e', e3.id]] });
    const world = { loaded: [...notes, expiring, deletion], claims: [9] };
    const trace = new Trace(world).req('a', ALL).getsEvents('a', e5, e4, e2, e1).gets('EOSE', 'a');
    expect(trace.finish().failed).toEqual([]);
    const unclaimed = new Trace({ ...world, claims: [] }).req('a', ALL).getsEvents('a', e5, e4, e2, e1);
    expect(unclaimed.gets('EOSE', 'a').finish().failed).toEqual([]);
  });
});

describe('nip01/req/stored-order', () => {
  const id = 'nip01/req/stored-order';
  const FIVE = { ...ALL, limit: 5 };
  const theirs = event({ author: BOB, at: 45 });
  const both = (...filters: Filter[]) => new Trace({ loaded: [...notes, theirs] }).req('a', ...filters);

  it('fails an older event before a newer one', () => {
    const trace = loaded().req('a', FIVE).getsEvents('a', e5, e3, e4, e2, e1).gets('EOSE', 'a');
    expect(trace.finish().failed).toEqual([id]);
  });
  it('accepts any order without a limit, of which NIP-01 says nothing, and notes it', () => {
    const outcome = loaded().req('a', ALL).getsEvents('a', e1, e3, e5, e2, e4).gets('EOSE', 'a').finish();
    expect([outcome.failed, outcome.shown]).toEqual([[], ['nip01/req/unlimited-order']]);
    expect(outcome.check(id)).toMatchObject({ result: 'not-tested', seen: 0 });
  });
  it('is not judged by an answer without a limit that is in order either', () => {
    const outcome = loaded().req('a', ALL).getsEvents('a', e5, e4, e3, e2, e1).gets('EOSE', 'a').finish();
    expect(outcome.check(id)).toMatchObject({ result: 'not-tested', seen: 0 });
    expect(outcome.check('nip01/req/unlimited-order')).toMatchObject({ seen: 1, failedCases: 0 });
  });
  it('accepts filters that interleave, each in its order', () => {
    const trace = both({ authors: [ALICE], limit: 5 }, { authors: [BOB], limit: 5 });
    expect(trace.getsEvents('a', e5, e4, e3, theirs, e2, e1).gets('EOSE', 'a').finish().failed).toEqual([]);
  });
  it('fails the order within one filter of several', () => {
    const trace = both({ authors: [ALICE], limit: 5 }, { authors: [BOB] });
    expect(trace.getsEvents('a', e4, e5, e3, theirs, e2, e1).gets('EOSE', 'a').finish().failed).toEqual([id]);
  });
  it('leaves the filter without a limit alone where another has one', () => {
    const trace = both({ authors: [ALICE] }, { authors: [BOB], limit: 5 });
    const outcome = trace.getsEvents('a', e4, e5, e3, theirs, e2, e1).gets('EOSE', 'a').finish();
    expect([outcome.failed, outcome.shown]).toEqual([[], ['nip01/req/unlimited-order']]);
  });
  it('leaves out events that match several filters', () => {
    const trace = loaded()
      .req('a', FIVE, { ids: [e1.id] })
      .getsEvents('a', e1, e5, e4, e3, e2);
    expect(trace.gets('EOSE', 'a').finish().failed).toEqual([]);
  });
  it('accepts a live event among the stored ones', () => {
    const old = event({ at: 35 });
    const trace = loaded()
      .req('a', { ...ALL, limit: 6 })
      .getsEvents('a', e5)
      .on(1)
      .publish(old)
      .backOn(0);
    expect(trace.getsEvents('a', old, e4, e3, e2, e1).gets('EOSE', 'a').finish().failed).toEqual([]);
  });
  it('accepts a late live delivery of an event that was accepted just before', () => {
    const old = event({ at: 35 });
    const trace = loaded()
      .on(1)
      .store(old)
      .backOn(0)
      .req('a', { ...ALL, limit: 6 });
    trace.getsEvents('a', old, e5, e4, e3, e2, e1).gets('EOSE', 'a');
    expect(trace.finish().failed).toEqual([]);
  });
  it('only notes ties that are not in the order of ids', () => {
    const tied = [event({ at: 7, content: 'x' }), event({ at: 7, content: 'y' })].sort((a, b) =>
      a.id < b.id ? 1 : -1,
    );
    const told = (filter: Filter) => {
      const trace = new Trace({ loaded: tied }).req('a', filter).getsEvents('a', ...tied);
      return trace.gets('EOSE', 'a').finish();
    };
    expect(told({ limit: 5 })).toMatchObject({ failed: [], shown: ['nip01/req/tie-order'] });
    expect(told({})).toMatchObject({ failed: [], shown: [] });
  });
});

describe('nip01/req/limit', () => {
  const id = 'nip01/req/limit';

  it('fails one event too many', () => {
    const trace = loaded()
      .req('a', { ...ALL, limit: 2 })
      .getsEvents('a', e5, e4, e3)
      .gets('EOSE', 'a');
    expect(trace.finish().failed).toContain(id);
  });
  it('accepts one more that is live', () => {
    const live = event({ at: 60 });
    const trace = loaded()
      .req('a', { ...ALL, limit: 2 })
      .getsEvents('a', e5)
      .on(1)
      .publish(live)
      .backOn(0);
    expect(trace.getsEvents('a', live, e4).gets('EOSE', 'a').finish().failed).toEqual([]);
  });
  it('fails more than the sum of all limits, whichever filter they belong to', () => {
    const filters = [
      { kinds: [1], limit: 1 },
      { authors: [ALICE], limit: 1 },
    ];
    const trace = loaded()
      .req('a', ...filters)
      .getsEvents('a', e5, e4, e3)
      .gets('EOSE', 'a');
    expect(trace.finish().failed).toContain(id);
  });
  it('accepts limit: 0 with nothing stored, and the live event after it', () => {
    const live = event({ at: 60 });
    const trace = loaded().req('a', { limit: 0 }).gets('EOSE', 'a').store(live).getsEvents('a', live);
    expect(trace.after(6000).finish().failed).toEqual([]);
  });
});

describe('nip01/req/duplicates', () => {
  const id = 'nip01/req/duplicates';

  it('notes an event that comes twice before EOSE', () => {
    const trace = loaded().req('a', ALL).getsEvents('a', e5, e5, e4, e3, e2, e1).gets('EOSE', 'a');
    expect(trace.finish()).toMatchObject({ failed: [], shown: [id] });
  });
  it('notes one that comes stored and live', () => {
    const fresh = event({ at: 60 });
    const trace = loaded().on(1).publish(fresh).backOn(0).req('a', ALL);
    trace.getsEvents('a', fresh, e5, e4, e3, e2, e1).gets('EOSE', 'a').getsEvents('a', fresh);
    expect(trace.finish()).toMatchObject({ failed: [], shown: [id] });
  });
  it('does not note one event on two subscriptions', () => {
    const trace = loaded()
      .req('a', { ids: [e5.id] })
      .getsEvents('a', e5)
      .gets('EOSE', 'a');
    trace
      .req('b', { ids: [e5.id] })
      .getsEvents('b', e5)
      .gets('EOSE', 'b');
    expect(trace.finish().shown).toEqual([]);
  });
});

describe('nip01/event/superseded', () => {
  const id = 'nip01/event/superseded';
  const v1 = event({ kind: 0, at: 1 });
  const v2 = event({ kind: 0, at: 2 });
  const v3 = event({ kind: 0, at: 3 });
  const PROFILE = { kinds: [0] };

  it('fails an old version that was loaded with its successor', () => {
    const trace = new Trace({ loaded: [v1, v2] }).req('a', PROFILE).getsEvents('a', v2, v1).gets('EOSE', 'a');
    expect(trace.finish().failed).toEqual([id]);
  });
  it('passes when only the newest comes', () => {
    const outcome = new Trace({ loaded: [v1, v2] })
      .req('a', PROFILE)
      .getsEvents('a', v2)
      .gets('EOSE', 'a')
      .finish();
    expect(outcome.check(id)).toMatchObject({ result: 'passed', seen: 1 });
  });
  it('fails a version that was replaced before the REQ', () => {
    const trace = new Trace({ loaded: [v2] }).store(v3).after(2000).req('a', PROFILE).getsEvents('a', v3, v2);
    expect(trace.gets('EOSE', 'a').finish().failed).toEqual([id]);
  });
  it.each([[[v2]], [[v3]], [[v3, v2]]])('takes versions in flight either way', (served) => {
    const trace = new Trace({ loaded: [v2] }).on(1).publish(v3).backOn(0).req('a', PROFILE);
    expect(
      trace
        .getsEvents('a', ...served)
        .gets('EOSE', 'a')
        .finish().failed,
    ).toEqual([]);
  });
  it('wants no version that an older one, published later, would have replaced', () => {
    const trace = new Trace({ loaded: [v2] }).store(v1).after(2000).req('a', PROFILE).getsEvents('a', v2);
    expect(trace.gets('EOSE', 'a').finish().failed).toEqual([]);
  });
  it.each([
    ['by its time', { until: v2.created_at }],
    ['by its id', { ids: [v2.id] }],
  ])('accepts a replaced version that is asked for %s: relays may keep it', (_, filter) => {
    const trace = new Trace({ loaded: [v2] }).store(v3).after(2000).req('a', filter);
    expect(trace.getsEvents('a', v2).gets('EOSE', 'a').finish().failed).toEqual([]);
  });
  it('fails a deleted event whatever it is asked for by', () => {
    const deletion = event({ kind: 5, at: 70, tags: [['e', v2.id]] });
    const trace = new Trace({ loaded: [v2], claims: [9] }).store(deletion).after(2000);
    trace.req('a', { ids: [v2.id] }).getsEvents('a', v2);
    expect(trace.gets('EOSE', 'a').finish().failed).toEqual([id]);
  });
  it('keeps the lowest id of two with one timestamp', () => {
    const [low, high] = [event({ kind: 0, content: 'x' }), event({ kind: 0, content: 'y' })].sort((a, b) =>
      a.id < b.id ? -1 : 1,
    ) as [typeof v1, typeof v1];
    const world = () => new Trace({ loaded: [high, low] }).req('a', PROFILE);
    expect(world().getsEvents('a', low).gets('EOSE', 'a').finish().failed).toEqual([]);
    expect(world().getsEvents('a', high).gets('EOSE', 'a').finish().failed).toContain(id);
  });
  it('tells addressable events apart by d', () => {
    const x = event({ kind: 30000, at: 1, tags: [['d', 'x']] });
    const y = event({ kind: 30000, at: 2, tags: [['d', 'y']] });
    const trace = new Trace({ loaded: [x, y] }).req('a', {}).getsEvents('a', y, x).gets('EOSE', 'a');
    expect(trace.finish().failed).toEqual([]);
  });
  it('wants nothing that superseded versions may have pushed out of a limit', () => {
    const note = event({ at: 0, content: 'oldest' });
    const trace = new Trace({ loaded: [v1, v2, v3, note] }).req('a', { limit: 2 }).getsEvents('a', v3);
    expect(trace.gets('EOSE', 'a').finish()).toMatchObject({ failed: [], shown: [] });
  });
});

describe('nip01/event/ephemeral', () => {
  const id = 'nip01/event/ephemeral';
  const typing = event({ kind: 20001, at: 60 });
  const world = () => loaded().on(1).store(typing).backOn(0);
  const answer = (trace: Trace) =>
    trace.req('a', {}).getsEvents('a', typing, e5, e4, e3, e2, e1).gets('EOSE', 'a');

  it('notes one that is served as stored', () => {
    expect(answer(world().after(3000)).finish()).toMatchObject({ failed: [], shown: [id] });
  });
  it('does not note one that may be live', () => {
    expect(answer(world()).finish()).toMatchObject({ failed: [], shown: [] });
  });
  it('wants none', () => {
    const trace = world().after(3000).req('a', {}).getsEvents('a', e5, e4, e3, e2, e1).gets('EOSE', 'a');
    expect(trace.finish()).toMatchObject({ failed: [], shown: [] });
  });
});

import type { Filter } from 'nostr-tools/filter';
import { describe, expect, it } from 'vitest';
import { event, Trace } from '../../tests/support/trace.js';

const id = 'nip01/live/delivered';
const e1 = event({ at: 10 });
const e2 = event({ at: 20 });
const live = event({ at: 60 });
const ALL = { kinds: [1] };
/** A subscription that is past EOSE, on connection 0, and a publisher on connection 1. */
const subscribed = (filter = ALL) =>
  new Trace({ loaded: [e1] }).req('a', filter).getsEvents('a', e1).gets('EOSE', 'a').on(1);

describe('nip01/live/delivered', () => {
  it('passes an event that arrives, whether before or after its OK', () => {
    const before = subscribed().publish(live).backOn(0).getsEvents('a', live).backOn(1);
    const outcome = before.gets('OK', live.id, true, '').backOn(0).thenFreshReq(true).finish();
    expect(outcome.check(id)).toMatchObject({ result: 'passed', seen: 1, setAside: 0 });
    const after = subscribed().store(live).backOn(0).getsEvents('a', live).thenFreshReq(true).finish();
    expect(after.check(id)).toMatchObject({ result: 'passed', seen: 1 });
  });
  it('fails an event that never arrives', () => {
    const trace = subscribed().store(live).backOn(0);
    expect(trace.judge.openQuestions()).toMatchObject([{ connection: 0 }]);
    const outcome = trace.thenFreshReq(true).finish();
    expect(outcome.failed).toEqual([id]);
    expect(outcome.report.lost).toBe(1);
  });
  it.each([
    ['a value of its only tag', [['t', 'x']], true],
    [
      'a value of one of many tags',
      [
        ['e', 'x'],
        ['t', 'y'],
        ['t', 'x', 'z'],
      ],
      true,
    ],
    ['another value', [['t', 'z']], false],
    ['that value of another tag', [['e', 'x']], false],
  ])('owes it where the filter names %s: %j', (_, tags, isOwed) => {
    const tagged = event({ at: 60, tags });
    const trace = new Trace({ loaded: [] }).req('a', { kinds: [1], '#t': ['v', 'x'] }).gets('EOSE', 'a');
    const outcome = trace.on(1).store(tagged).backOn(0).thenFreshReq(true).finish();
    expect(outcome.failed).toEqual(isOwed ? [id] : []);
  });
  it('owes it to the publisher itself too', () => {
    const trace = new Trace({ loaded: [e1] }).req('a', ALL).getsEvents('a', e1).gets('EOSE', 'a').store(live);
    expect(trace.thenFreshReq(true).finish().failed).toEqual([id]);
  });
  it('owes nothing again when an event that came was published once more before its OK', () => {
    const trace = subscribed().publish(live).backOn(0).getsEvents('a', live).backOn(1).publish(live);
    trace.gets('OK', live.id, true, '').gets('OK', live.id, true, 'duplicate: have it').backOn(0);
    expect(trace.thenFreshReq(true).finish().failed).toEqual([]);
  });
  it('stays owed when only one of two publications of it was refused', () => {
    const trace = subscribed()
      .publish(live)
      .publish(live)
      .gets('OK', live.id, false, 'rate-limited: slow down');
    const outcome = trace.gets('OK', live.id, true, '').backOn(0).thenFreshReq(true).finish();
    expect(outcome.failed).toEqual([id]);
  });
  it('does not judge before a fresh REQ was answered', () => {
    expect(subscribed().store(live).after(60_000).finish().failed).toEqual([]);
    expect(subscribed().store(live).backOn(0).thenFreshReq(false).finish().failed).toEqual([]);
  });
  it('counts one that comes after the deadline as late', () => {
    const trace = subscribed().store(live).after(6000).backOn(0).getsEvents('a', live);
    expect(trace.thenFreshReq(true).finish()).toMatchObject({ failed: [], report: { late: 1, lost: 0 } });
  });
  it.each([
    ['was refused', (trace: Trace) => trace.publish(live).gets('OK', live.id, false, 'blocked: no')],
    [
      'was a duplicate',
      (trace: Trace) => trace.publish(live).gets('OK', live.id, true, 'duplicate: have it'),
    ],
    ['has no OK', (trace: Trace) => trace.publish(live)],
    ['matches nothing', (trace: Trace) => trace.store(event({ kind: 7 }))],
    ['was loaded before', (trace: Trace) => trace.store(e1)],
  ])('owes nothing that %s', (_, publish) => {
    expect(publish(subscribed()).backOn(0).thenFreshReq(true).finish().failed).toEqual([]);
  });
  it.each([
    ['the client closed', (trace: Trace) => trace.close('a')],
    ['the relay closed', (trace: Trace) => trace.gets('CLOSED', 'a', 'error: idle')],
    ['another REQ replaced', (trace: Trace) => trace.req('a', { kinds: [7] }).gets('EOSE', 'a')],
    ['went with its connection', (trace: Trace) => trace.ends('relay')],
  ])('owes nothing to a subscription that %s before the deadline', (_, end) => {
    const trace = end(subscribed().store(live).after(1000).backOn(0));
    expect(trace.thenFreshReq(true).finish().failed).toEqual([]);
  });
  it('still owes what was due before the client closed', () => {
    const trace = subscribed().store(live).after(6000).backOn(0).close('a');
    expect(trace.thenFreshReq(true).finish().failed).toEqual([id]);
  });
  it('owes nothing after a CLOSED, which may have been long on its way', () => {
    const trace = subscribed().store(live).after(6000).backOn(0).gets('CLOSED', 'a', 'error: idle');
    expect(trace.thenFreshReq(true).finish().failed).toEqual([]);
  });
  it('owes nothing after a CLOSED that may have been meant for the REQ before', () => {
    const trace = subscribed()
      .store(live)
      .after(6000)
      .backOn(0)
      .req('a', { kinds: [7] });
    trace.gets('CLOSED', 'a', 'error: idle').gets('EOSE', 'a');
    expect(trace.thenFreshReq(true).finish().failed).toEqual([]);
  });
  it('owes it once, also when the event is sent again and called a duplicate', () => {
    const trace = subscribed().store(live).publish(live).gets('OK', live.id, true, 'duplicate: have it');
    expect(trace.backOn(0).thenFreshReq(true).finish().failed).toEqual([id]);
  });
  it('takes what crosses that CLOSE for late', () => {
    const trace = subscribed().store(live).after(6000).backOn(0).close('a').getsEvents('a', live);
    expect(trace.thenFreshReq(true).finish().failed).toEqual([]);
  });
  it('owes nothing on a connection that ended, even what was due', () => {
    const outcome = subscribed().store(live).after(6000).backOn(0).ends().finish();
    expect(outcome.check(id)).toMatchObject({ failedCases: 0, setAside: 1 });
  });
  it('owes no version that was replaced meanwhile', () => {
    const [v1, v2] = [event({ kind: 0, at: 1 }), event({ kind: 0, at: 2 })];
    const profiles = () =>
      new Trace()
        .req('a', { kinds: [0] })
        .gets('EOSE', 'a')
        .on(1);
    const replaced = profiles().store(v1).store(v2).backOn(0).getsEvents('a', v2);
    expect(replaced.thenFreshReq(true).finish().failed).toEqual([]);
    const older = profiles().store(v2).store(v1).backOn(0).getsEvents('a', v2);
    expect(older.thenFreshReq(true).finish().failed).toEqual([]);
    expect(profiles().store(v1).backOn(0).thenFreshReq(true).finish().failed).toEqual([id]);
  });

  describe('an event in flight around the REQ', () => {
    const inFlight = (filter: Filter = ALL) =>
      new Trace({ loaded: [e1, e2] }).on(1).publish(live).backOn(0).req('a', filter);
    const accepted = (trace: Trace) => trace.backOn(1).gets('OK', live.id, true, '').backOn(0);

    it('is owed once: stored', () => {
      const trace = accepted(inFlight().getsEvents('a', live, e2, e1).gets('EOSE', 'a'));
      expect(trace.thenFreshReq(true).finish().failed).toEqual([]);
    });
    it('is owed once: live', () => {
      const trace = accepted(inFlight().getsEvents('a', e2, e1).gets('EOSE', 'a')).getsEvents('a', live);
      expect(trace.thenFreshReq(true).finish().failed).toEqual([]);
    });
    it('fails when it is lost in the hand-over', () => {
      const trace = accepted(inFlight().getsEvents('a', e2, e1).gets('EOSE', 'a'));
      expect(trace.thenFreshReq(true).finish().failed).toEqual([id]);
    });
    it('is not owed when a limit could exclude it', () => {
      const old = event({ at: 5 });
      const trace = new Trace({ loaded: [e1, e2] })
        .on(1)
        .publish(old)
        .backOn(0)
        .req('a', { ...ALL, limit: 1 });
      trace.getsEvents('a', e2).gets('EOSE', 'a').backOn(1).gets('OK', old.id, true, '').backOn(0);
      expect(trace.thenFreshReq(true).finish().failed).toEqual([]);
    });
    it('is owed when it is among the newest that the limit asks for', () => {
      const trace = accepted(
        inFlight({ ...ALL, limit: 2 })
          .getsEvents('a', e2, e1)
          .gets('EOSE', 'a'),
      );
      expect(trace.thenFreshReq(true).finish().failed).toEqual([id]);
    });
    it('is not owed when a cap could exclude it', () => {
      const trace = accepted(inFlight().getsEvents('a', e2).gets('EOSE', 'a'));
      expect(trace.thenFreshReq(true).finish().failed).toEqual([]);
    });
    it('is not owed when it is ephemeral', () => {
      const typing = event({ kind: 20001 });
      const trace = new Trace()
        .on(1)
        .publish(typing)
        .backOn(0)
        .req('a', { kinds: [20001] })
        .gets('EOSE', 'a');
      trace.backOn(1).gets('OK', typing.id, true, '').backOn(0);
      expect(trace.thenFreshReq(true).finish().failed).toEqual([]);
    });
  });

  it('owes ephemeral events to subscriptions that are past EOSE', () => {
    const typing = event({ kind: 20001 });
    const trace = new Trace().req('a', {}).gets('EOSE', 'a').on(1).store(typing).backOn(0);
    expect(trace.thenFreshReq(true).finish().failed).toEqual([id]);
  });
  it('owes a resent event that was refused at first', () => {
    const trace = subscribed().publish(live).gets('OK', live.id, false, 'error: busy').store(live).backOn(0);
    expect(trace.thenFreshReq(true).finish().failed).toEqual([id]);
  });
  it('owes nothing until every REQ of the id is answered', () => {
    const trace = new Trace({ loaded: [e1] })
      .req('a', ALL)
      .req('a', ALL)
      .getsEvents('a', e1)
      .gets('EOSE', 'a');
    expect(trace.on(1).store(live).backOn(0).thenFreshReq(true).finish().failed).toEqual([]);
  });
});

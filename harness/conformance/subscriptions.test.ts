import { describe, expect, it } from 'vitest';
import { ALICE, BOB, event, Trace } from '../../tests/support/trace.js';

const notes = [event({ at: 1 }), event({ at: 2 }), event({ at: 3 })];
const [first, second, third] = notes as [(typeof notes)[0], (typeof notes)[0], (typeof notes)[0]];
const ALL = { kinds: [1] };
const loaded = () => new Trace({ loaded: notes });
const answered = () => loaded().req('a', ALL).getsEvents('a', third, second, first).gets('EOSE', 'a');

describe('nip01/req/eose-once', () => {
  const id = 'nip01/req/eose-once';

  it('accepts one EOSE, and a CLOSED after it', () => {
    expect(answered().gets('CLOSED', 'a', 'error: shutting down').finish().failed).toEqual([]);
  });
  it('fails a second EOSE for an id used once', () => {
    expect(answered().gets('EOSE', 'a').finish().failed).toEqual([id]);
  });
  it('fails EOSE after CLOSED', () => {
    const trace = loaded().req('a', ALL).gets('CLOSED', 'a', 'error: no').gets('EOSE', 'a');
    expect(trace.finish().failed).toEqual([id]);
  });
  it('fails a second CLOSED', () => {
    const trace = loaded().req('a', ALL).gets('CLOSED', 'a', 'error: no').gets('CLOSED', 'a', 'error: no');
    expect(trace.finish().failed).toEqual([id]);
  });
  it('accepts an EOSE and a CLOSED that cross a CLOSE', () => {
    const trace = loaded().req('a', ALL).close('a').gets('EOSE', 'a').gets('CLOSED', 'a', '');
    expect(trace.finish().failed).toEqual([]);
  });
  it('fails two EOSE after CLOSE', () => {
    expect(loaded().req('a', ALL).close('a').gets('EOSE', 'a').gets('EOSE', 'a').finish().failed).toEqual([
      id,
    ]);
  });
  it('accepts two EOSE for an id used twice, both after the second REQ', () => {
    const trace = loaded().req('a', ALL).req('a', ALL).getsEvents('a', third, second, first);
    expect(trace.gets('EOSE', 'a').gets('EOSE', 'a').finish().failed).toEqual([]);
  });
  it('fails a third EOSE for an id used twice', () => {
    const trace = loaded().req('a', ALL).req('a', ALL).gets('EOSE', 'a').gets('EOSE', 'a').gets('EOSE', 'a');
    expect(trace.finish().failed).toEqual([id]);
  });
  it('accepts that a replaced REQ is never answered', () => {
    const trace = loaded()
      .req('a', ALL)
      .req('a', ALL)
      .getsEvents('a', third, second, first)
      .gets('EOSE', 'a');
    expect(trace.thenFreshReq(true).finish().failed).toEqual([]);
  });
  it('fails a REQ that is not answered though a fresh one is', () => {
    const outcome = loaded().req('a', ALL).thenFreshReq(true).finish();
    expect(outcome.failed).toEqual([id]);
    expect(outcome.report.lost).toBe(1);
  });
  it('fails a REQ on a connection that has gone silent for good', () => {
    expect(loaded().req('a', ALL).thenFreshReq(false).finish().failed).toEqual([id]);
  });
  it('sets a missing answer aside when the connection ended, or nobody tried a fresh REQ', () => {
    expect(loaded().req('a', ALL).ends('relay').finish().check(id)).toMatchObject({
      failedCases: 0,
      setAside: 1,
    });
    expect(loaded().req('a', ALL).finish().check(id)).toMatchObject({ failedCases: 0, setAside: 1 });
  });
  it('does not miss an answer to a REQ that the client closed', () => {
    expect(loaded().req('a', ALL).close('a').thenFreshReq(true).finish().failed).toEqual([]);
  });
  it('counts an answer after the deadline as late', () => {
    const trace = loaded().req('a', ALL).getsEvents('a', third, second, first).after(6000).gets('EOSE', 'a');
    expect(trace.finish().report).toMatchObject({ late: 1, lost: 0 });
  });
});

describe('nip01/closed/nothing-after', () => {
  const id = 'nip01/closed/nothing-after';

  it('fails an EVENT after CLOSED', () => {
    const trace = loaded().req('a', ALL).gets('CLOSED', 'a', 'error: no').getsEvents('a', third);
    expect(trace.finish().failed).toEqual([id]);
  });
  it('accepts it when another REQ with that id is in flight', () => {
    const trace = loaded().req('a', ALL).gets('CLOSED', 'a', 'error: no').req('a', ALL);
    expect(trace.getsEvents('a', third, second, first).gets('EOSE', 'a').finish().failed).toEqual([]);
  });
  it('accepts it when the CLOSED may have been meant for the REQ before', () => {
    const trace = answered().req('a', ALL).gets('CLOSED', 'a', 'error: idle').getsEvents('a', third);
    expect(trace.finish().failed).toEqual([]);
  });
});

describe('nip01/req/known-subscription', () => {
  const id = 'nip01/req/known-subscription';

  it.each([
    ['EVENT', ['EVENT', 'b', third]],
    ['EOSE', ['EOSE', 'b']],
    ['CLOSED', ['CLOSED', 'b', 'error: no']],
  ])('fails %s for an id that was never used', (_, message) => {
    expect(
      answered()
        .gets(...message)
        .finish().failed,
    ).toEqual([id]);
  });
  it('fails an id that only another connection used', () => {
    expect(answered().on(1).getsEvents('a', third).finish().failed).toEqual([id]);
  });
  it('accepts what still comes for an id that was closed', () => {
    expect(answered().close('a').getsEvents('a', third).finish().failed).toEqual([]);
  });
});

describe('nip01/req/matches-filter', () => {
  const id = 'nip01/req/matches-filter';
  const profile = event({ kind: 0, at: 5 });
  const both = () => new Trace({ loaded: [...notes, profile] });

  it('fails an event that matches no filter, and the answer is not a right one', () => {
    const trace = both().req('a', ALL).getsEvents('a', profile, third, second, first).gets('EOSE', 'a');
    const { failed, report } = trace.finish();
    expect(failed).toEqual([id]);
    expect(report.answers).toEqual({ judged: 1, equal: 0, foreign: 0 });
  });
  it('fails a live event that matches no filter', () => {
    const published = event({ at: 9, kind: 7 });
    expect(answered().store(published).getsEvents('a', published).finish().failed).toEqual([id]);
  });
  it('accepts an event that matches the REQ which was just replaced', () => {
    const trace = both()
      .req('a', ALL)
      .getsEvents('a', third, second)
      .req('a', { kinds: [0] });
    expect(trace.getsEvents('a', first, profile).gets('EOSE', 'a').gets('EOSE', 'a').finish().failed).toEqual(
      [],
    );
  });
  it('accepts it as long as the only answer may be that to the replaced REQ', () => {
    const trace = both()
      .req('a', ALL)
      .req('a', { kinds: [0] })
      .getsEvents('a', third, second, first);
    trace.gets('EOSE', 'a').after(1500).getsEvents('a', first);
    expect(trace.finish().failed).toEqual([]);
  });
  it('fails it once the new REQ was answered more than a grace ago', () => {
    const trace = both().req('a', ALL).getsEvents('a', third, second, first).gets('EOSE', 'a');
    trace
      .req('a', { kinds: [0] })
      .getsEvents('a', profile)
      .gets('EOSE', 'a')
      .after(1500);
    expect(trace.getsEvents('a', first).finish().failed).toEqual([id]);
  });
  it('takes since: 0 and until: 0 for bounds', () => {
    const trace = both().req('a', { until: 0 }).getsEvents('a', first).gets('EOSE', 'a');
    expect(trace.finish().failed).toEqual([id]);
  });
});

describe('nip01/closed/prefix', () => {
  const id = 'nip01/closed/prefix';

  it.each(['go away', '', 'no prefix: here'])('fails CLOSED with %j', (reason) => {
    expect(loaded().req('a', ALL).gets('CLOSED', 'a', reason).finish().failed).toEqual([id]);
  });
  it('accepts a prefix', () => {
    expect(loaded().req('a', ALL).gets('CLOSED', 'a', 'rate-limited: slow down').finish().failed).toEqual([]);
  });
  it('sets an empty CLOSED aside that may confirm a CLOSE', () => {
    const outcome = loaded().req('a', ALL).close('a').gets('CLOSED', 'a', '').finish();
    expect(outcome.check(id)).toMatchObject({ result: 'not-tested', setAside: 1 });
  });
});

describe('two authors', () => {
  it('are told apart', () => {
    const trace = new Trace({ loaded: [event({ author: ALICE }), event({ author: BOB, at: 1 })] });
    const ofBob = event({ author: BOB, at: 1 });
    expect(
      trace
        .req('a', { authors: [ALICE] })
        .getsEvents('a', ofBob)
        .finish().failed,
    ).toEqual(['nip01/req/matches-filter']);
  });
});

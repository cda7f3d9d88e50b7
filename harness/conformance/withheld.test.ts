import { npubEncode } from 'nostr-tools/nip19';
import { describe, expect, it } from 'vitest';
import { ALICE, BOB, event, NOON, Trace, type TraceOptions } from '../../tests/support/trace.js';

const CAROL = 'c'.repeat(64);
const ALL = { kinds: [1, 4] };
const note = event({ at: 5, author: BOB });
const authOf = (author: string) => event({ kind: 22242, author });

describe('nip40/expired', () => {
  const id = 'nip40/expired';
  const expiring = event({ at: 10, tags: [['expiration', String(NOON + 100)]] });
  /** A trace that begins so many seconds after the event expired. */
  const begun = (afterS: number, options: TraceOptions = {}) =>
    new Trace({ loaded: [note, expiring], claims: [40], beginsAtS: NOON + 100 + afterS, ...options });
  const served = (trace: Trace) => trace.req('a', ALL).getsEvents('a', expiring, note).gets('EOSE', 'a');

  it('fails a stored event that expired 6 s before the REQ', () => {
    expect(served(begun(6)).finish().failed).toEqual([id]);
  });
  it('passes one that has not expired, and counts the others with it', () => {
    expect(served(begun(-10)).finish().check(id)).toMatchObject({ result: 'passed', seen: 2, setAside: 0 });
  });
  it('sets aside one that expired 4 s ago: clocks differ', () => {
    expect(served(begun(4)).finish().check(id)).toMatchObject({ failedCases: 0, setAside: 1 });
  });
  it('sets aside one that expired while it may have been on its way, however long that took', () => {
    const trace = begun(-1).req('a', ALL).after(60_000).getsEvents('a', expiring, note).gets('EOSE', 'a');
    expect(trace.finish()).toMatchObject({ failed: [] });
  });
  it('sets aside one that an earlier REQ of the same id may have been answered with', () => {
    const trace = begun(-1).req('a', ALL).after(20_000).req('a', ALL);
    expect(trace.getsEvents('a', expiring, note).finish().failed).toEqual([]);
  });
  it('fails one that was published 6 s after its end and still sent to a subscription from before', () => {
    const trace = begun(-1, { loaded: [note] })
      .req('a', ALL)
      .getsEvents('a', note)
      .gets('EOSE', 'a');
    expect(trace.after(10_000).store(expiring).getsEvents('a', expiring).finish().failed).toEqual([id]);
  });
  it('accepts one that was published before its end and is delivered late', () => {
    const trace = begun(-1, { loaded: [note] })
      .req('a', ALL)
      .getsEvents('a', note)
      .gets('EOSE', 'a');
    expect(trace.store(expiring).after(10_000).getsEvents('a', expiring).finish().failed).toEqual([]);
  });
  it('fails one that the harness did not give', () => {
    const trace = begun(6, { loaded: [note] })
      .req('a', ALL)
      .getsEvents('a', expiring, note);
    expect(trace.finish().failed).toEqual([id]);
  });
  it('says nothing of ephemeral events, whose storage an expiration does not touch', () => {
    const ephemeral = event({ kind: 20001, tags: [['expiration', String(NOON + 100)]] });
    const trace = begun(6)
      .req('a', { kinds: [20001] })
      .gets('EOSE', 'a')
      .store(ephemeral);
    expect(trace.getsEvents('a', ephemeral).finish().check(id)).toMatchObject({
      failedCases: 0,
      setAside: 1,
    });
  });
  it('reads a value that is no time as none', () => {
    const odd = event({ at: 10, tags: [['expiration', 'soon']] });
    const trace = begun(6, { loaded: [odd] })
      .req('a', ALL)
      .getsEvents('a', odd)
      .gets('EOSE', 'a');
    expect(trace.finish().check(id)).toMatchObject({ result: 'not-tested' });
  });
  it('sets aside what a replayed trace says, for its times of day are unknown', () => {
    const { beginsAtS: _, ...world } = { loaded: [note, expiring], claims: [40], beginsAtS: 0 };
    expect(served(new Trace(world)).finish().check(id)).toMatchObject({ failedCases: 0, setAside: 1 });
  });
  it('is not asked of a relay that does not claim NIP-40', () => {
    expect(
      served(begun(6, { claims: [] }))
        .finish()
        .check(id).result,
    ).toBe('not-supported');
  });
});

describe('access/privacy', () => {
  const id = 'access/privacy';
  const message = event({ at: 10, kind: 4, author: ALICE, tags: [['p', BOB]] });
  const tagged = event({ at: 20, author: ALICE, tags: [['private', npubEncode(BOB)]] });
  const world = (options: TraceOptions = {}) =>
    new Trace({ loaded: [note, message, tagged], access: 'follows', ...options });
  const authed = (trace: Trace, author: string) => {
    const signed = authOf(author);
    return trace.gets('AUTH', 'challenge').auth(signed).gets('OK', signed.id, true, '');
  };
  const admins = new Set<string>();

  it.each([
    ['a privileged kind', message],
    ['a private tag', tagged],
  ])('fails a stored event of %s that a client gets who never authenticated', (_, leaked) => {
    const trace = world().req('a', ALL).getsEvents('a', leaked, note).gets('EOSE', 'a');
    expect(trace.finish().failed).toEqual([id]);
  });
  it('fails a live one', () => {
    const trace = world({ loaded: [note] })
      .req('a', ALL)
      .getsEvents('a', note)
      .gets('EOSE', 'a');
    trace.on(1).store(message).backOn(0);
    expect(trace.getsEvents('a', message).finish().failed).toEqual([id]);
  });
  it('fails one that the harness did not give', () => {
    const trace = world({ loaded: [note] })
      .req('a', ALL)
      .getsEvents('a', message, note);
    expect(trace.finish().failed).toEqual([id]);
  });
  it('passes when only the others come, stored and live, and does not miss any', () => {
    const trace = world().req('a', ALL).getsEvents('a', note).gets('EOSE', 'a');
    trace
      .on(1)
      .store(event({ at: 70, kind: 4 }))
      .backOn(0);
    const outcome = trace.thenFreshReq(true).finish();
    expect(outcome).toMatchObject({ failed: [], shown: [] });
    expect(outcome.check(id)).toMatchObject({ result: 'passed', seen: 1, setAside: 0 });
    expect(outcome.report.lost).toBe(0);
  });
  it.each([ALICE, BOB])('passes what comes to %s, whom it concerns', (pubkey) => {
    const trace = authed(world(), pubkey)
      .req('a', { kinds: [4] })
      .getsEvents('a', message)
      .gets('EOSE', 'a');
    expect(trace.finish().check(id)).toMatchObject({ result: 'passed', setAside: 0 });
  });
  it('sets aside what comes while the AUTH of somebody concerned is under way', () => {
    const trace = world().gets('AUTH', 'challenge').req('a', ALL).auth(authOf(BOB));
    const outcome = trace.getsEvents('a', tagged, message, note).gets('EOSE', 'a').finish();
    expect(outcome.check(id)).toMatchObject({ failedCases: 0, setAside: 2 });
  });
  it('fails what came just before that AUTH was sent', () => {
    const trace = world().gets('AUTH', 'challenge').req('a', ALL).getsEvents('a', message).auth(authOf(BOB));
    expect(trace.finish().failed).toEqual([id]);
  });
  it('fails what comes to a third party who authenticated, where it is known who is an admin', () => {
    const trace = authed(world({ admins }), CAROL).req('a', ALL).getsEvents('a', message, note);
    expect(trace.gets('EOSE', 'a').finish().failed).toEqual([id]);
  });
  it('sets it aside where that is not known, and passes it for an admin', () => {
    const told = (options: TraceOptions) =>
      authed(world(options), CAROL).req('a', ALL).getsEvents('a', message, note).gets('EOSE', 'a').finish();
    expect(told({}).check(id)).toMatchObject({ failedCases: 0, setAside: 1 });
    expect(told({ admins: new Set([CAROL]) }).check(id)).toMatchObject({ result: 'passed', setAside: 0 });
  });
  it('does not take authentication from one connection to another', () => {
    const trace = authed(world({ admins }), BOB).on(1).req('a', ALL).getsEvents('a', message, note);
    expect(trace.gets('EOSE', 'a').finish().failed).toEqual([id]);
  });
  it('sets aside whether the author of a private tag who does not name themselves may read it', () => {
    const trace = authed(world({ admins }), ALICE)
      .req('a', { kinds: [1] })
      .getsEvents('a', tagged, note);
    expect(trace.finish().check(id)).toMatchObject({ failedCases: 0, setAside: 1 });
  });
  it('is not asked of an open relay, and not tested where nothing is private', () => {
    const told = (options: TraceOptions) => world(options).req('a', ALL).getsEvents('a', note).finish();
    expect(told({ access: 'open' }).check(id).result).toBe('not-supported');
    expect(told({ loaded: [note] }).check(id).result).toBe('not-tested');
  });
});

describe('what is owed under an access mode', () => {
  const message = event({ at: 10, kind: 4 });
  const other = event({ at: 1 });
  const world = (access: TraceOptions['access'] = 'follows') =>
    new Trace({ loaded: [note, message, other], ...(access && { access }) });
  const id = 'nip01/req/stored-set';

  it('misses an event that is not private in an answer that private ones are part of', () => {
    const outcome = world().req('a', ALL).getsEvents('a', other).gets('EOSE', 'a').finish();
    expect(outcome.check(id)).toMatchObject({ failedCases: 1, setAside: 0 });
  });
  it('accepts an answer with a limit that is cut before or after private events are left out', () => {
    const newestTwo = { kinds: [1, 4], limit: 2 };
    for (const answer of [[note], [note, other]]) {
      const outcome = world()
        .req('a', newestTwo)
        .getsEvents('a', ...answer)
        .gets('EOSE', 'a')
        .finish();
      expect(outcome).toMatchObject({ failed: [], shown: [] });
      expect(outcome.check(id)).toMatchObject({ failedCases: 0, setAside: 0 });
    }
  });
  it.each(['auth-required', 'managed'] as const)('%s: owes nothing before an AUTH was accepted', (access) => {
    const outcome = world(access).req('a', ALL).gets('EOSE', 'a').finish();
    expect(outcome.check(id)).toMatchObject({ seen: 0, setAside: 1 });
  });
  it.each(['auth-required', 'managed'] as const)('%s: owes a member everything else', (access) => {
    const signed = authOf(CAROL);
    const member = () => world(access).gets('AUTH', 'x').auth(signed).gets('OK', signed.id, true, '');
    const lacking = member().req('a', ALL).getsEvents('a', other).gets('EOSE', 'a').finish();
    expect(lacking.check(id)).toMatchObject({ failedCases: 1 });
    const refused = member().req('a', ALL).gets('CLOSED', 'a', 'restricted: not for you').finish();
    expect(refused).toMatchObject({ failed: [], shown: [] });
    expect(refused.check(id)).toMatchObject({ seen: 0 });
  });
  it('does not owe a private ephemeral event', () => {
    const typing = event({ at: 60, kind: 20001, tags: [['private', 'npub1']] });
    const trace = world()
      .req('a', { kinds: [20001] })
      .gets('EOSE', 'a')
      .on(1)
      .store(typing)
      .backOn(0);
    expect(trace.thenFreshReq(true).finish().report.lost).toBe(0);
  });
});

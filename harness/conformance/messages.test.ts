import { describe, expect, it } from 'vitest';
import { event, Trace } from '../../tests/support/trace.js';

const e1 = event({ at: 10 });
const e2 = event({ at: 20 });
const fresh = event({ at: 60 });
const ALL = { kinds: [1] };
const loaded = (options = {}) => new Trace({ loaded: [e1, e2], ...options });

describe('nip01/event/ok', () => {
  const id = 'nip01/event/ok';

  it('accepts one OK for each EVENT, of an event that is sent twice too', () => {
    const trace = loaded().publish(fresh).publish(fresh).gets('OK', fresh.id, true, '');
    expect(trace.gets('OK', fresh.id, true, 'duplicate: have it').finish().failed).toEqual([]);
  });
  it('fails a second OK', () => {
    expect(loaded().store(fresh).gets('OK', fresh.id, true, '').finish().failed).toEqual([id]);
  });
  it('fails an OK for an event that was never sent', () => {
    expect(loaded().gets('OK', fresh.id, true, '').finish().failed).toEqual([id]);
  });
  it('fails an OK on another connection than the one that sent the EVENT', () => {
    const trace = loaded().publish(fresh).on(1).gets('OK', fresh.id, true, '');
    expect(trace.finish().failed).toEqual([id]);
  });
  it('fails OK false without a prefix, and accepts OK true without one', () => {
    expect(loaded().publish(fresh).gets('OK', fresh.id, false, 'no').finish().failed).toEqual([id]);
    expect(loaded().publish(fresh).gets('OK', fresh.id, false, 'pow: 20 < 30').finish().failed).toEqual([]);
    expect(loaded().publish(fresh).gets('OK', fresh.id, true, 'thanks').finish().failed).toEqual([]);
  });
  it('fails an OK of three elements, and does not miss it as well', () => {
    const outcome = loaded().publish(fresh).gets('OK', fresh.id, true).thenFreshReq(true).finish();
    expect(outcome.failed).toEqual([id, 'nip01/message/well-formed']);
    expect(outcome.report.lost).toBe(0);
  });
  it('fails a missing OK once a fresh REQ was answered', () => {
    const outcome = loaded().publish(fresh).thenFreshReq(true).finish();
    expect(outcome.failed).toEqual([id]);
    expect(outcome.report.lost).toBe(1);
  });
  it('keeps a connection from ending while an OK is overdue', () => {
    const trace = loaded().publish(fresh);
    const isOwed = () => trace.judge.isOwed(0, trace.nowNs);
    expect(isOwed()).toBe(false);
    trace.after(60_000);
    expect(isOwed()).toBe(true);
    trace.gets('OK', fresh.id, true, '');
    expect(isOwed()).toBe(false);
  });
  it('sets a missing OK aside when the connection ended', () => {
    expect(loaded().publish(fresh).ends('relay').finish().check(id)).toMatchObject({
      setAside: 1,
      failedCases: 0,
    });
  });
  it('wants an OK for AUTH too', () => {
    const signed = event({ kind: 22242 });
    expect(loaded().auth(signed).thenFreshReq(true).finish().failed).toEqual([id]);
    expect(loaded().auth(signed).gets('OK', signed.id, true, '').finish().failed).toEqual([]);
  });
});

describe('nip01/event/nothing-invented', () => {
  const id = 'nip01/event/nothing-invented';
  const serve = (trace: Trace, served: object) =>
    trace.req('a', ALL).gets('EVENT', 'a', served).gets('EVENT', 'a', e1).gets('EOSE', 'a').finish();

  it('fails an event that was altered, and does not miss it as well', () => {
    const { failed, report } = serve(loaded(), { ...e2, content: 'altered' });
    expect(failed).toEqual([id]);
    expect(report.answers).toEqual({ judged: 1, equal: 0, foreign: 0 });
  });
  it('fails an event with a wrong signature', () => {
    expect(serve(loaded(), { ...e2, sig: '0'.repeat(128) }).failed).toEqual([id]);
  });
  it('accepts an event that is spelled in another way', () => {
    const { sig, ...rest } = e2;
    const outcome = serve(loaded(), { sig, ...rest, extra: 'field' });
    expect(outcome).toMatchObject({ failed: [], shown: [] });
    expect(outcome.report.answers).toEqual({ judged: 1, equal: 1, foreign: 0 });
  });
  it('only notes a genuine event that the harness did not give', () => {
    const foreign = event({ at: 5, content: 'from elsewhere' });
    const outcome = loaded().req('a', ALL).getsEvents('a', e2, e1, foreign).gets('EOSE', 'a').finish();
    expect(outcome).toMatchObject({ failed: [], shown: ['nip01/event/foreign'] });
  });
  it('sets events aside when too many would have to be verified', () => {
    const foreign = event({ at: 5, content: 'from elsewhere' });
    const trace = loaded({ verifications: 1 }).req('a', ALL).getsEvents('a', e2, e1, foreign, foreign);
    expect(trace.finish().check(id)).toMatchObject({ seen: 3, setAside: 1 });
  });
});

describe('nip01/message/well-formed', () => {
  const id = 'nip01/message/well-formed';
  const answered = () => loaded().req('a', ALL).getsEvents('a', e2, e1);

  it.each([
    ['not JSON', 'hello'],
    ['no array', '{"EOSE":"a"}'],
    ['no label', '[1,2]'],
    ['a NOTICE without text', '["NOTICE"]'],
    ['an AUTH whose challenge is no string', '["AUTH",1]'],
    ['a CLOSED without a message', '["CLOSED","b"]'],
  ])('fails %s', (_, text) => {
    expect(answered().gets('EOSE', 'a').getsRaw(text).finish().failed).toEqual([id]);
  });
  it('fails bytes that are not UTF-8', () => {
    const broken = Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]);
    expect(answered().gets('EOSE', 'a').getsRaw(broken).finish().failed).toEqual([id]);
  });
  it('fails a binary frame, and does not miss the EOSE in it as well', () => {
    const trace = answered().getsRaw('["EOSE","a"]', true).thenFreshReq(true);
    expect(trace.finish().failed).toEqual([id]);
  });
  it('fails an event of the wrong form, and does not call it a hole as well, nor a right answer', () => {
    const trace = loaded()
      .req('a', ALL)
      .gets('EVENT', 'a', { ...e2, kind: '1' })
      .getsEvents('a', e1);
    const { failed, report } = trace
      .gets('EOSE', 'a')
      .req('b', ALL)
      .getsEvents('b', e2, e1)
      .gets('EOSE', 'b')
      .finish();
    expect(failed).toEqual([id]);
    expect(report.answers).toEqual({ judged: 2, equal: 1, foreign: 0 });
  });
  it('does not count an answer as right whose EOSE is malformed', () => {
    const { failed, report } = answered().getsRaw('["EOSE","a"]', true).finish();
    expect(failed).toEqual([id]);
    expect(report.answers).toEqual({ judged: 1, equal: 0, foreign: 0 });
  });
  it('accepts NOTICE, COUNT and an EOSE with a third element', () => {
    const trace = answered()
      .gets('NOTICE', 'hello')
      .gets('COUNT', 'a', { count: 2 })
      .gets('EOSE', 'a', ['finish']);
    expect(trace.finish()).toMatchObject({ failed: [], shown: [] });
  });
  it('only notes labels that it does not know', () => {
    const trace = answered().gets('EOSE', 'a').gets('NEG-MSG', 'a', '00');
    expect(trace.finish()).toMatchObject({ failed: [], shown: ['nip01/message/unknown-label'] });
  });
  it('only notes messages that are too large to be read', () => {
    const trace = answered()
      .getsRaw(`["NOTICE","${'x'.repeat(17 * 2 ** 20)}"]`)
      .gets('EOSE', 'a');
    expect(trace.finish()).toMatchObject({ failed: [], shown: ['nip01/message/oversized'] });
  });
});

describe('nip01/connection/ended', () => {
  it('notes what the relay ended, not what the client ended', () => {
    expect(loaded().ends('relay').finish().shown).toEqual(['nip01/connection/ended']);
    expect(loaded().ends('client').finish().shown).toEqual([]);
  });
});

describe('nip42/challenge-known', () => {
  const id = 'nip42/challenge-known';
  const refusal = 'auth-required: members only';

  it('fails auth-required without a challenge, in CLOSED and in OK', () => {
    const world = () => loaded({ claims: [42] });
    expect(world().req('a', ALL).gets('CLOSED', 'a', refusal).finish().failed).toEqual([id]);
    expect(world().publish(fresh).gets('OK', fresh.id, false, refusal).finish().failed).toEqual([id]);
  });
  it('accepts it right after the challenge', () => {
    const trace = loaded({ claims: [42] })
      .req('a', ALL)
      .gets('AUTH', 'xyz')
      .gets('CLOSED', 'a', refusal);
    expect(trace.finish().check(id)).toMatchObject({ result: 'passed', seen: 1 });
  });
  it('fails it when only another connection got the challenge', () => {
    const trace = loaded().gets('AUTH', 'xyz').on(1).req('a', ALL).gets('CLOSED', 'a', refusal);
    expect(trace.finish().failed).toEqual([id]);
  });
  it('does not apply to relays that do not claim NIP-42', () => {
    const outcome = loaded().req('a', ALL).gets('CLOSED', 'a', refusal).finish();
    expect(outcome.check(id).result).toBe('not-supported');
  });
});

describe('nip42/no-22242', () => {
  const id = 'nip42/no-22242';
  const signed = event({ kind: 22242, at: 1 });

  it('fails one that reaches a client, published or from an AUTH', () => {
    const published = loaded({ claims: [42] })
      .req('a', {})
      .getsEvents('a', e2, e1)
      .gets('EOSE', 'a');
    expect(published.store(signed).getsEvents('a', signed).finish().failed).toEqual([id]);
    const leaked = loaded({ claims: [42] })
      .req('a', {})
      .getsEvents('a', e2, e1)
      .gets('EOSE', 'a');
    leaked.on(1).auth(signed).gets('OK', signed.id, true, '').backOn(0).getsEvents('a', signed);
    expect(leaked.finish().failed).toEqual([id]);
  });
  it('accepts other ephemeral kinds', () => {
    const typing = event({ kind: 20001 });
    const trace = loaded({ claims: [42] })
      .req('a', {})
      .getsEvents('a', e2, e1)
      .gets('EOSE', 'a');
    expect(trace.store(typing).getsEvents('a', typing).finish().check(id)).toMatchObject({
      result: 'passed',
      seen: 3,
    });
  });
});

describe('a relay that wants AUTH', () => {
  const world = () => loaded({ access: 'auth-required' }).gets('AUTH', 'xyz');
  const signed = event({ kind: 22242 });
  const holed = (trace: Trace) => trace.req('a', ALL).getsEvents('a', e2).gets('EOSE', 'a').finish();
  const empty = (trace: Trace) => trace.req('a', ALL).gets('EOSE', 'a').finish();

  it('may refuse the unauthenticated', () => {
    const trace = world().req('a', ALL).gets('CLOSED', 'a', 'auth-required: who are you?');
    expect(trace.finish().failed).toEqual([]);
  });
  it('may leave out whatever it wants before the AUTH is certain', () => {
    expect(empty(world()).check('nip01/req/stored-set')).toMatchObject({ failedCases: 0, setAside: 1 });
    expect(empty(world().auth(signed)).failed).toEqual([]);
    expect(empty(world().auth(signed).gets('OK', signed.id, false, 'invalid: old')).failed).toEqual([]);
  });
  it('owes the whole answer after OK true of AUTH', () => {
    expect(empty(world().auth(signed).gets('OK', signed.id, true, '')).failed).toEqual([
      'nip01/req/stored-set',
    ]);
    expect(holed(world().auth(signed).gets('OK', signed.id, true, '')).failed).toEqual([]);
  });
  it('may or may not widen a subscription that is older than the AUTH', () => {
    const trace = world().req('a', ALL).gets('EOSE', 'a').auth(signed).gets('OK', signed.id, true, '');
    expect(trace.on(1).store(fresh).backOn(0).thenFreshReq(true).finish().failed).toEqual([]);
  });
});

describe('evidence', () => {
  it('shows what was sent and what came, with times since the connection opened', () => {
    const outcome = loaded().after(2).req('a', ALL).gets('EOSE', 'a').finish();
    const [failure] = outcome.check('nip01/req/stored-set').failures;
    expect(failure?.connection).toBe(0);
    expect(failure?.excerpt).toMatchObject([
      { direction: 'sent', text: '["REQ","a",{"kinds":[1]}]' },
      { direction: 'got', text: '["EOSE","a"]' },
    ]);
    expect(failure?.excerpt[0]?.atMs).toBeCloseTo(2, 1);
  });
  it('leaves out other subscriptions, and keeps the REQ of a long answer', () => {
    const many = Array.from({ length: 200 }, (_, at) => event({ at })).reverse();
    const trace = new Trace({ loaded: many }).req('other', {}).close('other').req('a', ALL);
    const outcome = trace
      .getsEvents('a', ...many)
      .gets('EOSE', 'a')
      .gets('EOSE', 'a')
      .finish();
    const lines = outcome.check('nip01/req/eose-once').failures[0]?.excerpt ?? [];
    expect(lines[0]?.text).toContain('"REQ","a"');
    expect(lines.length).toBeLessThan(20);
    expect(lines.some(({ text }) => text.includes('other'))).toBe(false);
    expect(lines.some(({ direction, text }) => direction === 'note' && text.includes('left out'))).toBe(true);
  });
  it('cuts long texts', () => {
    const outcome = loaded().gets('NOTICE', 'x'.repeat(10_000)).gets('EOSE', 'a').finish();
    const [failure] = outcome.check('nip01/req/known-subscription').failures;
    expect(failure?.excerpt[0]?.text.length).toBeLessThan(310);
  });
  it('keeps twenty failures and counts the others', () => {
    const trace = loaded();
    for (let i = 0; i < 50; i++) trace.gets('EOSE', `unused-${i}`);
    const check = trace.finish().check('nip01/req/known-subscription');
    expect([check.failedCases, check.failures.length]).toEqual([50, 20]);
  });
});

describe('what fails a run', () => {
  const holed = (strict: boolean) =>
    loaded({ strict }).req('a', ALL).gets('EOSE', 'a').finish().report.conformance;

  it('is a MUST always, a SHOULD only when strict', () => {
    expect(loaded().gets('EOSE', 'a').finish().report.conformance.failed).toBe(1);
    expect([holed(false).failed, holed(true).failed]).toEqual([0, 1]);
  });
  it('is not a check that judged nothing', () => {
    const { checks, checked } = loaded().finish().report.conformance;
    expect(checked).toBe(0);
    expect(new Set(checks.map(({ result }) => result))).toEqual(new Set(['not-tested', 'not-supported']));
  });
});

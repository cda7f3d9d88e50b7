import type { NostrEvent } from 'nostr-tools/pure';
import { describe, expect, it } from 'vitest';
import { ALICE, BOB, event, NOON, Trace } from '../../tests/support/trace.js';

const SUPERSEDED = 'nip01/event/superseded';
const STORED_SET = 'nip01/req/stored-set';
const LIST = 30_000;

const note = event({ at: 10 });
const others = event({ at: 20, author: BOB });
const NOTES = { kinds: [1] };
const LISTS = { kinds: [LIST] };
const list = (at: number, tags: string[][] = []) => event({ kind: LIST, at, tags: [['d', 'x'], ...tags] });
const deletes = (at: number, ...tags: string[][]) => event({ kind: 5, at, tags });
const ADDRESS = ['a', `${LIST}:${ALICE}:x`];

const began = (claims = [9]) => new Trace({ loaded: [note, others], claims });

describe('a deleted event (NIP-09)', () => {
  const deletion = deletes(30, ['e', note.id]);

  it('is not to be served once its deletion was accepted', () => {
    const trace = () => began().store(deletion).req('a', NOTES);
    const served = trace().getsEvents('a', others, note).gets('EOSE', 'a').finish();
    expect(served.failed).toEqual([SUPERSEDED]);
    expect(served.check(SUPERSEDED).failures[0]?.message).toContain(note.id.slice(0, 12));
    expect(trace().getsEvents('a', others).gets('EOSE', 'a').finish().failed).toEqual([]);
  });
  it('is judged where the deletion was loaded after it', () => {
    const trace = new Trace({ loaded: [note, others, deletion], claims: [9] }).req('a', NOTES);
    expect(trace.getsEvents('a', others, note).gets('EOSE', 'a').finish().failed).toEqual([SUPERSEDED]);
    const before = new Trace({ loaded: [deletion, note, others], claims: [9] }).req('a', NOTES);
    expect(before.getsEvents('a', others, note).gets('EOSE', 'a').finish().failed).toEqual([]);
  });
  it.each([true, false])('may be served while its deletion is in flight: %s', (served) => {
    const trace = began().on(1).publish(deletion).backOn(0).req('a', NOTES);
    trace
      .getsEvents('a', others, ...(served ? [note] : []))
      .gets('EOSE', 'a')
      .backOn(1)
      .gets('OK', deletion.id, true, '');
    expect(trace.finish().failed).toEqual([]);
  });
  it.each([true, false])('may be served by a relay that does not claim NIP-09: %s', (served) => {
    const trace = began([]).store(deletion).req('a', NOTES);
    trace.getsEvents('a', others, ...(served ? [note] : [])).gets('EOSE', 'a');
    expect(trace.finish().failed).toEqual([]);
  });
  it.each([true, false])('may be served when it was published again: %s', (served) => {
    const trace = began().store(deletion).publish(note).gets('OK', note.id, true, '').req('a', NOTES);
    trace.getsEvents('a', others, ...(served ? [note] : [])).gets('EOSE', 'a');
    expect(trace.finish().failed).toEqual([]);
  });
  it('stays owed when somebody else asks for its deletion', () => {
    const trace = () =>
      began()
        .store(deletes(30, ['e', others.id]))
        .req('a', NOTES);
    expect(trace().getsEvents('a', note).gets('EOSE', 'a').finish().failed).toEqual([STORED_SET]);
    expect(trace().getsEvents('a', others, note).gets('EOSE', 'a').finish().failed).toEqual([]);
  });
});

describe('versions of a deleted address', () => {
  it('are gone up to the time of the deletion, and owed after it', () => {
    const [older, newer] = [list(10), list(40)];
    const trace = (version: typeof older) =>
      new Trace({ claims: [9] }).store(version).store(deletes(30, ADDRESS)).after(2_000).req('a', LISTS);
    expect(trace(older).getsEvents('a', older).gets('EOSE', 'a').finish().failed).toEqual([SUPERSEDED]);
    expect(trace(older).gets('EOSE', 'a').finish().failed).toEqual([]);
    expect(trace(newer).gets('EOSE', 'a').finish().failed).toEqual([STORED_SET]);
    expect(trace(newer).getsEvents('a', newer).gets('EOSE', 'a').finish().failed).toEqual([]);
  });
  it('may be named without the colon before an empty d', () => {
    const profile = event({ kind: 0, at: 10 });
    const trace = new Trace({ claims: [9], loaded: [profile] }).store(deletes(30, ['a', `0:${ALICE}`]));
    const served = trace
      .req('a', { kinds: [0] })
      .getsEvents('a', profile)
      .gets('EOSE', 'a');
    expect(served.finish().failed).toEqual([SUPERSEDED]);
  });
});

describe('an older version', () => {
  const [older, newer] = [list(10), list(20)];
  const deletion = deletes(15, ['e', newer.id]);
  const expiring = (at: number) => list(at, [['expiration', String(NOON + at + 10)]]);
  const relay = (...claims: number[]) => new Trace({ claims });
  /** What fails where a REQ for lists gets these, when all that was sent before is settled. */
  const failedWith = (trace: Trace, ...served: NostrEvent[]) =>
    trace
      .after(2_000)
      .req('a', LISTS)
      .getsEvents('a', ...served)
      .gets('EOSE', 'a')
      .finish().failed;

  it.each([
    ['the newer one was deleted later', () => relay(9).store(older).store(newer).store(deletion)],
    ['it came after the newer one was deleted', () => relay(9).store(newer).store(deletion).store(older)],
    [
      'it came while the newer one was being deleted',
      () =>
        relay(9)
          .store(newer)
          .publish(older)
          .publish(deletion)
          .gets('OK', older.id, true, '')
          .gets('OK', deletion.id, true, ''),
    ],
    ['the newer one may have expired before it came', () => relay(9, 40).store(expiring(20)).store(older)],
    [
      'a newer one may have been kept out by an even newer one that expired',
      () => relay(9, 40).store(expiring(30)).store(newer).store(older),
    ],
  ])('may be served, or not, when %s', (_, conversation) => {
    expect(failedWith(conversation(), older)).toEqual([]);
    expect(failedWith(conversation())).toEqual([]);
  });
  it('is superseded while one that is newer and not deleted is there', () => {
    const newest = list(30);
    const trace = relay(9).store(older).store(newer).store(newest).store(deletion);
    expect(failedWith(trace, newest, older)).toEqual([SUPERSEDED]);
  });
  it('is superseded by a newer one that was stored before the one that expires was sent', () => {
    const trace = relay(9, 40).store(older).store(newer).store(expiring(30));
    expect(failedWith(trace, older)).toEqual([SUPERSEDED]);
  });
});

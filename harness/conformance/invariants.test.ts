/**
 * Two traces for each invariant of the catalogue: one that it must flag, broken by one message, and the nearest one that it must
 * not. A rule that is added to the catalogue without them fails here.
 */
import { npubEncode } from 'nostr-tools/nip19';
import { describe, expect, it } from 'vitest';
import { ALICE, BOB, event, NOON, Trace, type TraceOptions } from '../../tests/support/trace.js';
import { INVARIANTS } from './checks/catalogue.js';

const [e1, e2, e3] = [event({ at: 10 }), event({ at: 20 }), event({ at: 30 })];
const fresh = event({ at: 60 });
const note = event({ at: 5, author: BOB });
const ALL = { kinds: [1] };
const LIMITED = { kinds: [1], limit: 3 };
const REFUSAL = 'auth-required: members only';

const loaded = (options: TraceOptions = {}) => new Trace({ loaded: [e1, e2, e3], ...options });
/** A REQ that was answered, and is live. */
const live = (options: TraceOptions = {}) =>
  loaded(options).req('a', ALL).getsEvents('a', e3, e2, e1).gets('EOSE', 'a');

const tied = [event({ at: 7, content: 'x' }), event({ at: 7, content: 'y' })].sort((a, b) =>
  a.id < b.id ? -1 : 1,
);
const [low, high] = tied as [typeof e1, typeof e1];
const [v1, v2] = [event({ kind: 0, at: 1 }), event({ kind: 0, at: 2 })];
const typing = event({ kind: 20001, at: 60 });
const expiring = event({ at: 10, tags: [['expiration', String(NOON + 100)]] });
const letter = event({ at: 10, kind: 4, author: ALICE, tags: [['p', BOB]] });
const secret = event({ at: 20, author: ALICE, tags: [['private', npubEncode(BOB)]] });
const auth = event({ kind: 22242, author: BOB });

const answered = (trace: Trace, ...events: Parameters<Trace['getsEvents']>[1][]) =>
  trace.getsEvents('a', ...events).gets('EOSE', 'a');
const expiresBy = (afterS: number) =>
  new Trace({ loaded: [note, expiring], claims: [40], beginsAtS: NOON + 100 + afterS });
const members = (options: TraceOptions = {}) =>
  new Trace({ loaded: [note, letter, secret], access: 'follows', admins: new Set(), ...options });

/** A relay whose counts are exact where no private event is in question. */
const countingMembers = () =>
  members({ claims: [45] })
    .count('exact', { authors: [BOB] })
    .gets('COUNT', 'exact', { count: 1 });

interface Cases {
  /** What has to be flagged. */
  readonly flagged: () => Trace;
  /** What differs from it least, and breaks nothing. */
  readonly clean: () => Trace;
}

const CASES: Readonly<Record<string, Cases>> = {
  'nip01/req/eose-once': {
    flagged: () => live().gets('EOSE', 'a'),
    clean: () => live().req('a', ALL).gets('EOSE', 'a'),
  },
  'nip01/closed/nothing-after': {
    flagged: () => loaded().req('a', ALL).gets('CLOSED', 'a', 'error: no').getsEvents('a', e3),
    clean: () => loaded().req('a', ALL).gets('CLOSED', 'a', 'error: no').req('a', ALL).getsEvents('a', e3),
  },
  'nip01/req/known-subscription': {
    flagged: () => live().getsEvents('b', e3),
    clean: () => live().close('a').getsEvents('a', e3),
  },
  'nip01/req/matches-filter': {
    flagged: () =>
      loaded()
        .req('a', { ids: [e1.id] })
        .getsEvents('a', e2),
    clean: () =>
      loaded()
        .req('a', ALL)
        .req('a', { ids: [e1.id] })
        .getsEvents('a', e2),
  },
  'nip01/req/stored-set': {
    flagged: () => answered(loaded().req('a', ALL), e3, e1),
    clean: () => answered(loaded().req('a', ALL), e3, e2),
  },
  'nip01/req/capped': {
    flagged: () => answered(loaded().req('a', LIMITED), e3, e2),
    clean: () => answered(loaded().req('a', { ...ALL, limit: 2 }), e3, e2),
  },
  'nip01/req/stored-order': {
    flagged: () => answered(loaded().req('a', LIMITED), e2, e3, e1),
    clean: () => answered(loaded().req('a', LIMITED, { ids: [e2.id] }), e2, e3, e1),
  },
  'nip01/req/tie-order': {
    flagged: () => answered(new Trace({ loaded: tied }).req('a', LIMITED), high, low),
    clean: () => answered(new Trace({ loaded: tied }).req('a', LIMITED), low, high),
  },
  'nip01/req/unlimited-order': {
    flagged: () => answered(loaded().req('a', ALL), e2, e3, e1),
    clean: () => answered(loaded().req('a', ALL, { ids: [e2.id] }), e2, e3, e1),
  },
  'nip01/req/limit': {
    flagged: () => answered(loaded().req('a', { ...ALL, limit: 2 }), e3, e2, e1),
    clean: () => answered(loaded().on(1).publish(fresh).backOn(0).req('a', LIMITED), fresh, e3, e2, e1),
  },
  'nip01/req/duplicates': {
    flagged: () => answered(loaded().req('a', ALL), e3, e3, e2, e1),
    clean: () => live().req('b', ALL).getsEvents('b', e3, e2, e1).gets('EOSE', 'b'),
  },
  'nip01/live/delivered': {
    flagged: () => live().on(1).store(fresh).backOn(0).after(6000).thenFreshReq(true),
    clean: () => live().on(1).store(fresh).backOn(0).after(4000).close('a').after(6000).thenFreshReq(true),
  },
  'nip01/event/ok': {
    flagged: () => loaded().store(fresh).gets('OK', fresh.id, true, ''),
    clean: () => loaded().store(fresh).publish(fresh).gets('OK', fresh.id, true, ''),
  },
  'nip01/event/nothing-invented': {
    flagged: () =>
      loaded()
        .req('a', ALL)
        .gets('EVENT', 'a', { ...e3, content: 'altered' }),
    clean: () =>
      loaded()
        .req('a', ALL)
        .gets('EVENT', 'a', { extra: 1, ...e3 }),
  },
  'nip01/event/foreign': {
    flagged: () => loaded().req('a', ALL).getsEvents('a', fresh),
    clean: () => loaded().on(1).publish(fresh).backOn(0).req('a', ALL).getsEvents('a', fresh),
  },
  'nip01/event/ephemeral': {
    flagged: () =>
      answered(loaded().on(1).store(typing).backOn(0).after(3000).req('a', {}), typing, e3, e2, e1),
    clean: () =>
      answered(loaded().on(1).store(typing).backOn(0).after(1000).req('a', {}), typing, e3, e2, e1),
  },
  'nip01/event/superseded': {
    flagged: () =>
      answered(
        new Trace({ loaded: [v1] })
          .store(v2)
          .after(2000)
          .req('a', { kinds: [0] }),
        v2,
        v1,
      ),
    clean: () =>
      answered(
        new Trace({ loaded: [v1] })
          .store(v2)
          .after(2000)
          .req('a', { ids: [v1.id] }),
        v1,
      ),
  },
  'nip01/closed/prefix': {
    flagged: () => loaded().req('a', ALL).gets('CLOSED', 'a', 'go away'),
    clean: () => loaded().req('a', ALL).gets('CLOSED', 'a', 'blocked: go away'),
  },
  'nip01/message/well-formed': {
    flagged: () => live().gets('NOTICE', 42),
    clean: () => live().gets('NOTICE', '42'),
  },
  'nip01/message/unknown-label': {
    flagged: () => live().gets('NEG-MSG', 'a', '00'),
    clean: () => live().gets('COUNT', 'a', { count: 3 }),
  },
  'nip01/message/oversized': {
    flagged: () => live().gets('NOTICE', 'x'.repeat(17 * 2 ** 20)),
    clean: () => live().gets('NOTICE', 'x'.repeat(15 * 2 ** 20)),
  },
  'nip01/connection/ended': {
    flagged: () => live().ends('relay'),
    clean: () => live().ends('client'),
  },
  'nip42/challenge-known': {
    flagged: () =>
      loaded({ claims: [42] })
        .req('a', ALL)
        .gets('CLOSED', 'a', REFUSAL),
    clean: () =>
      loaded({ claims: [42] })
        .req('a', ALL)
        .gets('AUTH', 'xyz')
        .gets('CLOSED', 'a', REFUSAL),
  },
  'nip42/no-22242': {
    flagged: () =>
      loaded({ claims: [42] })
        .req('a', {})
        .getsEvents('a', auth),
    clean: () =>
      loaded({ claims: [42] })
        .req('a', {})
        .getsEvents('a', event({ kind: 22243, author: BOB })),
  },
  'nip45/answered': {
    flagged: () =>
      loaded({ claims: [45] })
        .count('q', ALL)
        .gets('COUNT', 'q', { count: 3 })
        .gets('COUNT', 'q', { count: 3 }),
    clean: () =>
      loaded({ claims: [45] })
        .count('q', ALL)
        .count('q', ALL)
        .gets('COUNT', 'q', { count: 3 }),
  },
  'nip45/off': {
    flagged: () =>
      loaded({ claims: [45] })
        .count('q', ALL)
        .gets('COUNT', 'q', { count: 4 }),
    clean: () =>
      loaded({ claims: [45] })
        .publish(fresh)
        .count('q', ALL)
        .gets('COUNT', 'q', { count: 4 }),
  },
  'nip40/expired': {
    flagged: () => answered(expiresBy(6).req('a', ALL), expiring, note),
    clean: () => answered(expiresBy(-1).req('a', ALL).after(10_000), expiring, note),
  },
  'access/privacy': {
    flagged: () => members().req('a', {}).getsEvents('a', letter),
    clean: () =>
      members()
        .gets('AUTH', 'xyz')
        .auth(auth)
        .gets('OK', auth.id, true, '')
        .req('a', {})
        .getsEvents('a', letter),
  },
  'access/privacy-counted': {
    flagged: () =>
      countingMembers()
        .count('q', { kinds: [1, 4] })
        .gets('COUNT', 'q', { count: 3 }),
    clean: () =>
      countingMembers()
        .count('q', { kinds: [1, 4] })
        .gets('COUNT', 'q', { count: 3, approximate: true }),
  },
};

/** Where one message breaks, or shows, two rules at once. */
const SHARED: Readonly<Record<string, readonly string[]>> = {
  // One event over a limit is also one older than the newest that it asks for.
  'nip01/req/limit': ['nip01/req/stored-set'],
  // Nobody publishes an AUTH event, so it is none of the harness's.
  'nip42/no-22242': ['nip01/event/foreign'],
};

describe('the invariants', () => {
  it('have two traces each', () => {
    expect(Object.keys(CASES).sort()).toEqual(INVARIANTS.map(({ id }) => id).sort());
  });
  it.each(Object.entries(CASES))('%s flags the one, and not what is nearest to it', (id, cases) => {
    const flagged = cases.flagged().finish().check(id);
    expect(flagged.failedCases).toBeGreaterThan(0);
    expect(flagged.failures[0]?.excerpt.length).toBeGreaterThan(0);
    const clean = cases.clean().finish().check(id);
    expect(clean.failedCases).toBe(0);
    // It was judged, or set aside knowingly: a rule that saw nothing proves nothing.
    expect(clean.seen + clean.setAside).toBeGreaterThan(0);
  });
  it.each(Object.entries(CASES))('%s alone flags it, but for what has the same ground', (id, cases) => {
    const outcome = cases.flagged().finish();
    const others = [...outcome.failed, ...outcome.shown].filter((other) => other !== id);
    expect(others).toEqual(SHARED[id] ?? []);
  });
});

import fc from 'fast-check';
import type { Filter } from 'nostr-tools/filter';
import type { NostrEvent } from 'nostr-tools/pure';
import { describe, expect, it } from 'vitest';
import { ALICE, BOB, event, NOON } from '../../tests/support/trace.js';
import { createOracle } from './oracle.js';

const n1 = event({ at: 1 });
const n2 = event({
  at: 2,
  tags: [
    ['t', 'x'],
    ['p', BOB, 'relay'],
  ],
});
const n3 = event({ at: 3, author: BOB });
const oldProfile = event({ kind: 0, at: 4 });
const profile = event({ kind: 0, at: 5 });
const list = event({ kind: 30000, at: 6, tags: [['d', 'x']] });
const otherList = event({ kind: 30000, at: 7 });
const typing = event({ kind: 20001, at: 8 });
const all = [n1, n2, n3, oldProfile, profile, list, otherList, typing];

const answer = (filter: Filter, events: readonly NostrEvent[] = all) =>
  createOracle(events)
    .answer(filter)
    .newest.map((position) => events[position]);

describe('the oracle', () => {
  it.each<[string, Filter, NostrEvent[]]>([
    ['everything that is stored, newest first', {}, [otherList, list, profile, n3, n2, n1]],
    ['ids', { ids: [n1.id, n3.id, 'f'.repeat(64)] }, [n3, n1]],
    ['authors', { authors: [BOB] }, [n3]],
    ['kinds', { kinds: [0, 30000] }, [otherList, list, profile]],
    ['fields together', { authors: [ALICE], kinds: [1] }, [n2, n1]],
    ['a tag', { '#t': ['y', 'x'] }, [n2]],
    ['two tags together', { '#t': ['x'], '#p': [ALICE] }, []],
    ['only the first value of a tag', { '#p': ['relay'] }, []],
    ['since, inclusive', { kinds: [1], since: NOON + 2 }, [n3, n2]],
    ['until, inclusive', { kinds: [1], until: NOON + 2 }, [n2, n1]],
    ['since equal to until', { since: NOON + 3, until: NOON + 3 }, [n3]],
    ['since after until', { since: NOON + 3, until: NOON + 2 }, []],
    ['until: 0', { until: 0 }, []],
    ['since: 0', { kinds: [1], since: 0 }, [n3, n2, n1]],
    ['an id twice', { ids: [n1.id, n1.id] }, [n1]],
    ['an empty list', { ids: [] }, []],
  ])('answers %s', (_, filter, expected) => {
    expect(answer(filter)).toEqual(expected);
  });

  it('has until: 0 and since: 0 as bounds where events have such times', () => {
    const epoch = [-NOON - 1, -NOON, -NOON + 1].map((at) => event({ at }));
    expect(answer({ since: 0 }, epoch)).toEqual([epoch[2], epoch[1]]);
    expect(answer({ until: 0 }, epoch)).toEqual([epoch[1], epoch[0]]);
  });
  it('puts the lowest id first in a tie, and keeps it of two versions', () => {
    const ties = ['a', 'b', 'c', 'd'].map((content) => event({ content }));
    const byId = [...ties].sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(answer({}, ties)).toEqual(byId);
    const versions = ['a', 'b', 'c'].map((content) => event({ kind: 0, content }));
    const [lowest] = [...versions].sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(answer({}, versions)).toEqual([lowest]);
  });
  it('takes a missing d for an empty one', () => {
    const empty = event({ kind: 30000, at: 9, tags: [['d', '']] });
    expect(answer({ kinds: [30000] }, [otherList, empty])).toEqual([empty]);
  });
  it('keeps some more than the limit asks for, and says when that is not all', () => {
    const many = Array.from({ length: 10 }, (_, at) => event({ at }));
    const oracle = createOracle(many);
    expect(oracle.answer({ limit: 3 }, 2)).toEqual({ newest: [9, 8, 7, 6, 5], complete: false });
    expect(oracle.answer({ limit: 8 }, 2)).toEqual({
      newest: [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
      complete: true,
    });
    expect(oracle.answer({})).toMatchObject({ complete: true });
    expect(oracle.answer({ limit: 0 }, 1)).toEqual({ newest: [9], complete: false });
  });
  it('gives the union of all filters, each with its limit, once and newest first', () => {
    const expected = createOracle(all).expected([
      { kinds: [1], limit: 2 },
      { authors: [BOB] },
      { kinds: [0, 1], limit: 2 },
    ]);
    expect(expected.map((position) => all[position])).toEqual([profile, n3, n2]);
  });
  it('knows which versions are stored', () => {
    const oracle = createOracle(all);
    expect(all.filter((_, position) => !oracle.isStored(position))).toEqual([oldProfile, typing]);
  });
});

/** NIP-01 again, as slowly and plainly as it can be said. */
function bruteForce(events: readonly NostrEvent[], filter: Filter): readonly NostrEvent[] {
  const beats = (a: NostrEvent, b: NostrEvent) =>
    a.created_at > b.created_at || (a.created_at === b.created_at && a.id < b.id);
  const isReplaceable = ({ kind }: NostrEvent) =>
    kind === 0 || kind === 3 || (kind >= 10_000 && kind < 20_000);
  const isAddressable = ({ kind }: NostrEvent) => kind >= 30_000 && kind < 40_000;
  const d = ({ tags }: NostrEvent) => tags.find((tag) => tag[0] === 'd')?.[1] ?? '';
  const isVersionOf = (a: NostrEvent, b: NostrEvent) =>
    a.kind === b.kind && a.pubkey === b.pubkey && (isReplaceable(a) || (isAddressable(a) && d(a) === d(b)));
  const stored = events.filter(
    (a) =>
      !(a.kind >= 20_000 && a.kind < 30_000) &&
      !events.some((b) => a !== b && isVersionOf(a, b) && beats(b, a)),
  );
  const matching = stored.filter(
    (each) =>
      (filter.ids?.includes(each.id) ?? true) &&
      (filter.authors?.includes(each.pubkey) ?? true) &&
      (filter.kinds?.includes(each.kind) ?? true) &&
      (filter['#t'] === undefined ||
        each.tags.some(([t, v]) => t === 't' && filter['#t']?.includes(v ?? ''))) &&
      each.created_at >= (filter.since ?? Number.NEGATIVE_INFINITY) &&
      each.created_at <= (filter.until ?? Number.POSITIVE_INFINITY),
  );
  return matching.sort((a, b) => (beats(a, b) ? -1 : 1)).slice(0, filter.limit ?? matching.length);
}

it('the oracle agrees with brute force', () => {
  const events = fc.uniqueArray(
    fc
      .record({
        at: fc.integer({ min: -NOON - 2, max: -NOON + 12 }),
        kind: fc.constantFrom(0, 1, 3, 10002, 20001, 30000),
        author: fc.constantFrom(ALICE, BOB),
        tags: fc.constantFrom<string[][]>([], [['d', 'x']], [['t', 'y'], ['d']], [['t', 'z']]),
        content: fc.string({ maxLength: 1 }),
      })
      .map(event),
    { selector: ({ id }) => id, maxLength: 60 },
  );
  const filter = (loaded: readonly NostrEvent[]): fc.Arbitrary<Filter> =>
    fc.record(
      {
        ids: fc.subarray(loaded.map(({ id }) => id)),
        authors: fc.subarray([ALICE, BOB]),
        kinds: fc.subarray([0, 1, 3, 10002, 20001, 30000]),
        '#t': fc.subarray(['y', 'z']),
        since: fc.integer({ min: -1, max: 12 }),
        until: fc.integer({ min: -1, max: 12 }),
        limit: fc.nat(6),
      },
      { requiredKeys: [] },
    );
  const worlds = events.chain((loaded) => fc.tuple(fc.constant(loaded), filter(loaded)));
  fc.assert(
    fc.property(worlds, ([loaded, asked]) => {
      const { newest } = createOracle(loaded).answer(asked, 0);
      expect(newest.map((position) => loaded[position])).toEqual(bruteForce(loaded, asked));
    }),
    { numRuns: 500 },
  );
});

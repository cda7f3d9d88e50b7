import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type NostrEvent, relayEvent, replacementAddress } from '../protocol/event.js';
import { type Filter, matches } from '../protocol/filter.js';
import { readFilter } from '../protocol/filter-form.js';
import type { StoredEvent } from './event-store.js';
import { MemoryEventStore } from './memory-store.js';

const NO_BYTES = Buffer.alloc(0);
const ALL = Number.POSITIVE_INFINITY;

function filterOf(json: object): Filter {
  const read = readFilter(json);
  if (!read.ok) throw new Error(read.reason);
  return read.value;
}

let serial = 0;
const hex = (n: number) => n.toString(16).padStart(64, '0');

/** Ids differ and are in no order of time. */
function event(fields: Partial<NostrEvent> = {}): NostrEvent {
  serial += 1;
  const id = hex((serial * 7_919) % 1_000_003);
  return { id, pubkey: hex(0), created_at: serial, kind: 1, tags: [], content: '', sig: '', ...fields };
}

function save(store: MemoryEventStore, ...events: NostrEvent[]): string[] {
  return events.map((e) => store.save(e, NO_BYTES).status);
}

function scan(store: MemoryEventStore, json: object, limit = ALL, upToSequence = ALL): string[] {
  const found: StoredEvent[] = [];
  const walk = store.scan(filterOf(json), { limit, upToSequence });
  while (walk.pull(found, 7));
  return found.map((e) => e.id);
}

/** What NIP-01 says, by plain loops. */
class PlainStore {
  events: NostrEvent[] = [];
  readonly seen = new Map<string, NostrEvent>();

  save(e: NostrEvent): void {
    const address = replacementAddress(e);
    const previous = address === undefined ? undefined : this.seen.get(address);
    if (this.events.some((other) => other.id === e.id)) return;
    if (previous !== undefined && inOrder(previous, e) < 0) return;
    this.events = this.events.filter((other) => other !== previous);
    this.events.push(e);
    if (address !== undefined) this.seen.set(address, e);
  }

  scan(json: object, limit: number): string[] {
    const filter = filterOf(json);
    const found = this.events.filter((e) => matches(filter, relayEvent(e, NO_BYTES)));
    return found
      .sort(inOrder)
      .slice(0, limit)
      .map((e) => e.id);
  }
}

function inOrder(a: NostrEvent, b: NostrEvent): number {
  return b.created_at - a.created_at || (a.id < b.id ? -1 : 1);
}

const kinds = [0, 1, 7, 30_000];
const arbitraryEvent = fc.record({
  id: fc.nat(200).map(hex),
  pubkey: fc.nat(3).map(hex),
  created_at: fc.nat(20),
  kind: fc.constantFrom(...kinds),
  tags: fc.array(fc.tuple(fc.constantFrom('t', 'd'), fc.constantFrom('x', 'y', 'z')), { maxLength: 3 }),
  content: fc.constant(''),
  sig: fc.constant(''),
});
const arbitraryFilter = fc.record(
  {
    ids: fc.array(fc.nat(200).map(hex), { maxLength: 5 }),
    authors: fc.array(fc.nat(4).map(hex), { maxLength: 3 }),
    kinds: fc.array(fc.constantFrom(...kinds), { maxLength: 3 }),
    '#t': fc.array(fc.constantFrom('x', 'y', 'z'), { maxLength: 2 }),
    '#d': fc.array(fc.constantFrom('x', 'y'), { maxLength: 2 }),
    since: fc.nat(20),
    until: fc.nat(20),
  },
  { requiredKeys: [] },
);

describe('the store in memory', () => {
  test('answers like plain loops over NIP-01, whichever index it takes', () => {
    const events = fc.uniqueArray(arbitraryEvent, { selector: (e) => e.id, maxLength: 60 });
    fc.assert(
      fc.property(events, arbitraryFilter, fc.integer({ min: 1, max: 20 }), (saved, filter, limit) => {
        const [store, plain] = [new MemoryEventStore(), new PlainStore()];
        for (const e of saved) {
          store.save(e, NO_BYTES);
          plain.save(e);
        }
        expect(scan(store, filter, limit)).toEqual(plain.scan(filter, limit));
        expect(store.size).toBe(plain.events.length);
      }),
      { numRuns: 1_000 },
    );
  });

  test('a history of thousands, saved in any order, comes out newest first', () => {
    const store = new MemoryEventStore();
    const events = Array.from({ length: 3_000 }, (_, i) => event({ created_at: (i * 617) % 1_500 }));
    save(store, ...events);
    const expected = events.toSorted(inOrder).map((e) => e.id);
    expect(scan(store, {})).toEqual(expected);
    expect(scan(store, { authors: [hex(0)], kinds: [1] })).toEqual(expected);
  });

  test.each([{}, { kinds: [0, 1] }, { authors: [hex(0), hex(1)] }])(
    'a scan over %j that rests while the store changes returns what was there and still is, once',
    (filter) => {
      const store = new MemoryEventStore();
      const events = Array.from({ length: 1_200 }, (_, i) =>
        event({ created_at: (i * 617) % 1_200, pubkey: hex(i % 2) }),
      );
      const profile = event({ kind: 0, created_at: 600 });
      save(store, ...events, profile);
      const found: StoredEvent[] = [];
      const walk = store.scan(filterOf(filter), { limit: ALL, upToSequence: store.sequence });
      for (let i = 0; walk.pull(found, 10); i += 1) {
        save(store, event({ created_at: (i * 389) % 1_200, pubkey: hex(i % 2) }));
        if (i === 10) save(store, event({ kind: 0, created_at: 2_000 }));
      }
      expect(found.map((e) => e.id)).toEqual(events.toSorted(inOrder).map((e) => e.id));
    },
  );

  test('a pull looks at no more candidates than it was told', () => {
    const store = new MemoryEventStore();
    save(store, ...Array.from({ length: 100 }, () => event()), event({ created_at: 0, tags: [['t', 'x']] }));
    const found: StoredEvent[] = [];
    const walk = store.scan(filterOf({ kinds: [1], since: 0 }), { limit: ALL, upToSequence: ALL });
    expect(walk.pull(found, 30)).toBe(true);
    expect(found).toHaveLength(30);
  });

  test('says what became of an event, and counts saves only', () => {
    const store = new MemoryEventStore();
    const [older, newer] = [event({ kind: 3 }), event({ kind: 3 })];
    expect(save(store, newer, newer, older)).toEqual(['stored', 'duplicate', 'superseded']);
    expect([store.sequence, store.size]).toEqual([1, 1]);
    expect(scan(store, { ids: [older.id] })).toEqual([]);
  });

  test('leaves out what was saved after the sequence of the query', () => {
    const store = new MemoryEventStore();
    const [first, second] = [event(), event()];
    save(store, first);
    const { sequence } = store;
    save(store, second);
    expect(scan(store, {}, ALL, sequence)).toEqual([first.id]);
  });

  test('an event that holds two of the values asked for comes once', () => {
    const store = new MemoryEventStore();
    const both = event({
      tags: [
        ['t', 'x'],
        ['t', 'y'],
        ['t', 'x'],
      ],
    });
    save(store, both, event({ tags: [['t', 'y']] }));
    expect(scan(store, { '#t': ['x', 'y'] })).toHaveLength(2);
  });
});

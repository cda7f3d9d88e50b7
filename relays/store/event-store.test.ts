import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { type NostrEvent, relayEvent, replacementAddress } from '../protocol/event.js';
import { type Filter, matches } from '../protocol/filter.js';
import { readFilter } from '../protocol/filter-form.js';
import type { EventStore, StoredEvent } from './event-store.js';
import { LmdbEventStore } from './lmdb/lmdb-store.js';
import { MemoryEventStore } from './memory-store.js';

const dir = mkdtempSync(join(tmpdir(), 'event-store-'));
const opened: EventStore[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
});
afterAll(() => rmSync(dir, { recursive: true }));

let folders = 0;
/** What time the stores take it to be. */
let nowS = 0;

/** Both stores keep the same rules; one suite holds for both. */
const stores: readonly { name: string; numRuns: number; open: () => EventStore }[] = [
  { name: 'in memory', numRuns: 1_000, open: () => new MemoryEventStore(() => nowS) },
  {
    name: 'in LMDB',
    numRuns: 40,
    open: () => {
      folders += 1;
      const store = new LmdbEventStore({
        dir: join(dir, String(folders)),
        sync: 'no-sync',
        nowS: () => nowS,
      });
      opened.push(store);
      return store;
    },
  },
];

function problemsOf(store: EventStore): readonly unknown[] {
  return store instanceof LmdbEventStore ? store.check() : [];
}

const jsonOf = (event: NostrEvent) => Buffer.from(JSON.stringify(event));
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

async function save(store: EventStore, ...events: NostrEvent[]): Promise<string[]> {
  const outcomes = await Promise.all(events.map((e) => store.save(e, jsonOf(e))));
  return outcomes.map(({ status }) => status);
}

function scan(store: EventStore, json: object, limit = ALL, upToSequence = ALL): string[] {
  const found: StoredEvent[] = [];
  const walk = store.scan(filterOf(json), { limit, upToSequence });
  while (walk.pull(found, 7));
  return found.map((e) => e.id);
}

/** What NIP-01, NIP-09 and NIP-40 say, by plain loops over all that was ever kept. */
class PlainStore {
  events: NostrEvent[] = [];
  readonly #requests: NostrEvent[] = [];

  save(e: NostrEvent): string {
    if (isOver(e)) return 'expired';
    if (this.events.some((other) => other.id === e.id)) return 'duplicate';
    if (this.#requests.some((request) => deletes(request, e))) return 'deleted';
    const address = replacementAddress(e);
    const previous = this.events.find((o) => address !== undefined && replacementAddress(o) === address);
    if (previous !== undefined && !isOver(previous) && inOrder(previous, e) < 0) return 'superseded';
    this.events = this.events.filter((other) => other !== previous && !deletes(e, other));
    this.events.push(e);
    if (e.kind === 5) this.#requests.push(e);
    return 'stored';
  }

  scan(json: object, limit: number): string[] {
    const filter = filterOf(json);
    const found = this.events.filter((e) => !isOver(e) && matches(filter, relayEvent(e, jsonOf(e))));
    return found
      .sort(inOrder)
      .slice(0, limit)
      .map((e) => e.id);
  }
}

function isOver({ tags }: NostrEvent): boolean {
  const expiration = tags.find(([name]) => name === 'expiration')?.[1];
  return expiration !== undefined && Number(expiration) <= nowS;
}

function deletes(request: NostrEvent, target: NostrEvent): boolean {
  if (request.kind !== 5 || target.kind === 5 || request.pubkey !== target.pubkey) return false;
  const address = replacementAddress(target);
  return request.tags.some(
    ([name, value]) =>
      (name === 'e' && value === target.id) ||
      (name === 'a' && value === address && target.created_at <= request.created_at),
  );
}

function inOrder(a: NostrEvent, b: NostrEvent): number {
  return b.created_at - a.created_at || (a.id < b.id ? -1 : 1);
}

const kinds = [0, 1, 5, 7, 30_000];
const arbitraryEvent = fc.record({
  id: fc.nat(60).map(hex),
  pubkey: fc.nat(3).map(hex),
  created_at: fc.nat(20),
  kind: fc.constantFrom(...kinds),
  tags: fc.array(
    fc.oneof(
      fc.tuple(fc.constantFrom('t', 'd'), fc.constantFrom('x', 'y', 'z')),
      fc.tuple(fc.constant('e'), fc.nat(60).map(hex)),
      fc
        .tuple(fc.constantFrom('0', '30000'), fc.nat(3).map(hex), fc.constantFrom('', 'x', 'y'))
        .map((address): [string, string] => ['a', address.join(':')]),
      fc.tuple(fc.constant('expiration'), fc.nat(30).map(String)),
    ),
    { maxLength: 3 },
  ),
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

/** A filter over ranges of time that can hold something. */
const arbitraryTimeline = fc.oneof(
  fc.record({ until: fc.nat(25) }, { requiredKeys: [] }),
  fc.record({ kinds: fc.array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 3 }) }),
  fc.record({ authors: fc.array(fc.nat(3).map(hex), { minLength: 1, maxLength: 3 }), until: fc.nat(25) }),
  fc.record({
    authors: fc.array(fc.nat(3).map(hex), { minLength: 2, maxLength: 3 }),
    kinds: fc.constant([1]),
  }),
  fc.record({ '#t': fc.array(fc.constantFrom('x', 'y', 'z'), { minLength: 1, maxLength: 2 }) }),
);

describe.each(stores)('the store $name', ({ open, numRuns }) => {
  test('keeps and answers like plain loops over the NIPs, whichever index it takes', async () => {
    const events = fc.uniqueArray(arbitraryEvent, { selector: (e) => e.id, maxLength: 60 });
    const limits = fc.integer({ min: 1, max: 20 });
    await fc.assert(
      fc.asyncProperty(
        events,
        fc.array(arbitraryFilter, { maxLength: 8 }),
        limits,
        async (saved, filters, limit) => {
          nowS = 10;
          const [store, plain] = [open(), new PlainStore()];
          const again = [...saved, ...saved];
          expect(await save(store, ...again)).toEqual(again.map((e) => plain.save(e)));
          nowS = 20;
          for (const filter of filters) expect(scan(store, filter, limit)).toEqual(plain.scan(filter, limit));
          expect(problemsOf(store)).toEqual([]);
          const over = plain.events.filter(isOver).length;
          expect([store.size, store.removeExpired(100)]).toEqual([plain.events.length, over]);
          expect(scan(store, {}, 100)).toEqual(plain.scan({}, 100));
          expect([store.size, problemsOf(store)]).toEqual([plain.events.length - over, []]);
          await store.close();
        },
      ),
      { numRuns },
    );
  });

  test('a history of thousands, saved in any order, comes out newest first', async () => {
    const store = open();
    const events = Array.from({ length: 3_000 }, (_, i) => event({ created_at: (i * 617) % 1_500 }));
    await save(store, ...events);
    const expected = events.toSorted(inOrder).map((e) => e.id);
    expect(scan(store, {})).toEqual(expected);
    expect(scan(store, { authors: [hex(0)], kinds: [1] })).toEqual(expected);
  });

  test('the same filters, asked again after each save, get what plain loops find', async () => {
    const events = fc.uniqueArray(arbitraryEvent, { selector: (e) => e.id, maxLength: 40, size: 'max' });
    const asked = fc.array(arbitraryTimeline, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(events, asked, async (saved, filters) => {
        nowS = 10;
        const [store, plain] = [open(), new PlainStore()];
        for (const each of saved) {
          await save(store, each);
          plain.save(each);
          for (const filter of filters) expect(scan(store, filter, 5)).toEqual(plain.scan(filter, 5));
        }
        await store.close();
      }),
      { numRuns },
    );
  });

  test('long timelines, asked for again while events come and go, get what plain loops find', async () => {
    nowS = 0;
    const [store, plain] = [open(), new PlainStore()];
    const events = Array.from({ length: 1_500 }, (_, i) =>
      event({ created_at: (i * 617) % 1_500, pubkey: hex(i % 2) }),
    );
    await save(store, ...events);
    for (const each of events) plain.save(each);
    const filters = [{}, { authors: [hex(0)] }, { until: 1_200 }, { until: 300 }, { since: 100, until: 400 }];
    for (let i = 0; i < 40; i += 1) {
      const target = events[(i * 389) % events.length];
      const come = event({ created_at: (i * 911) % 1_600, pubkey: hex(i % 2) });
      const go = event({ kind: 5, pubkey: target?.pubkey ?? '', tags: [['e', target?.id ?? '']] });
      for (const each of i % 3 === 0 ? [come, go] : [come]) {
        await save(store, each);
        plain.save(each);
      }
      for (const filter of filters) expect(scan(store, filter, 1_100)).toEqual(plain.scan(filter, 1_100));
    }
  });

  test.each([{}, { kinds: [0, 1] }, { authors: [hex(0), hex(1)] }])(
    'a scan over %j that rests while the store changes returns what was there and still is, once',
    async (filter) => {
      const store = open();
      const events = Array.from({ length: 1_200 }, (_, i) =>
        event({ created_at: (i * 617) % 1_200, pubkey: hex(i % 2) }),
      );
      const profile = event({ kind: 0, created_at: 600 });
      await save(store, ...events, profile);
      const found: StoredEvent[] = [];
      const walk = store.scan(filterOf(filter), { limit: ALL, upToSequence: store.sequence });
      for (let i = 0; walk.pull(found, 10); i += 1) {
        await save(store, event({ created_at: (i * 389) % 1_200, pubkey: hex(i % 2) }));
        if (i === 10) await save(store, event({ kind: 0, created_at: 2_000 }));
      }
      expect(found.map((e) => e.id)).toEqual(events.toSorted(inOrder).map((e) => e.id));
    },
  );

  test('a pull looks at no more candidates than it was told', async () => {
    const store = open();
    await save(store, ...Array.from({ length: 100 }, () => event()));
    const found: StoredEvent[] = [];
    const walk = store.scan(filterOf({ kinds: [1], since: 0 }), { limit: ALL, upToSequence: ALL });
    expect(walk.pull(found, 30)).toBe(true);
    expect(found.length).toBeGreaterThan(20);
    expect(found.length).toBeLessThanOrEqual(30);
  });

  test('says what became of an event, and counts saves only', async () => {
    const store = open();
    const [older, newer] = [event({ kind: 3 }), event({ kind: 3 })];
    expect(await save(store, newer, newer, older)).toEqual(['stored', 'duplicate', 'superseded']);
    expect([store.sequence, store.size]).toEqual([1, 1]);
    expect(scan(store, { ids: [older.id] })).toEqual([]);
  });

  test('leaves out what was saved after the sequence of the query', async () => {
    const store = open();
    const [first, second] = [event(), event()];
    await save(store, first);
    const { sequence } = store;
    await save(store, second);
    expect(scan(store, {}, ALL, sequence)).toEqual([first.id]);
    expect(scan(store, { ids: [first.id, second.id] }, ALL, sequence)).toEqual([first.id]);
  });

  test('an event that holds two of the values asked for comes once', async () => {
    const store = open();
    const both = event({
      tags: [
        ['t', 'x'],
        ['t', 'y'],
        ['t', 'x'],
      ],
    });
    await save(store, both, event({ tags: [['t', 'y']] }));
    expect(scan(store, { '#t': ['x', 'y'] })).toHaveLength(2);
  });

  test('finds tag values of any length and form, and no other by mistake', async () => {
    const store = open();
    const values = [
      '',
      'a',
      'a\0',
      hex(1),
      hex(1).replace('1', 'A'),
      'ä'.repeat(16),
      'x'.repeat(5_000),
      '\ud800',
      '\ud801',
    ];
    const events = values.map((value) => event({ tags: [['t', value]] }));
    await save(store, ...events);
    for (const [i, value] of values.entries()) {
      expect(scan(store, { '#t': [value] })).toEqual([events[i]?.id]);
    }
  });

  test('a request deletes what its author wrote, before and after it, and nobody else can', async () => {
    const store = open();
    const [mine, theirs] = [event(), event({ pubkey: hex(1) })];
    const late = event();
    const request = event({ kind: 5, tags: [mine, theirs, late].map(({ id }) => ['e', id]) });
    await save(store, mine, theirs, request);
    expect(scan(store, {})).toEqual([request.id, theirs.id]);
    expect(await save(store, late, mine)).toEqual(['deleted', 'deleted']);
    expect(await save(store, event({ kind: 5, tags: [['e', request.id]] }))).toEqual(['stored']);
    expect(scan(store, { ids: [request.id] })).toEqual([request.id]);
  });

  test('an address is deleted up to the time of the request', async () => {
    const store = open();
    const article = (created_at: number) => event({ kind: 30_023, created_at, tags: [['d', 'a:b']] });
    const [first, second, third] = [article(10), article(20), article(30)];
    await save(store, second);
    await save(store, event({ kind: 5, created_at: 20, tags: [['a', `30023:${hex(0)}:a:b`]] }));
    expect(await save(store, first, second, third)).toEqual(['deleted', 'deleted', 'stored']);
  });

  test('an event is served until its expiration, and stored only before it', async () => {
    nowS = 100;
    const store = open();
    const expiring = (at: string) => event({ tags: [['expiration', at]] });
    const [past, soon, never] = [expiring('100'), expiring('101'), expiring('soon')];
    expect(await save(store, past, soon, never)).toEqual(['expired', 'stored', 'stored']);
    const walk = store.scan(filterOf({}), { limit: ALL, upToSequence: ALL });
    nowS = 101;
    const found: StoredEvent[] = [];
    while (walk.pull(found, 10));
    expect(found.map((e) => e.id)).toEqual([never.id]);
  });
});

describe('the store on disk', () => {
  test('is the same after it was closed and opened', async () => {
    nowS = 0;
    const folder = join(dir, 'reopened');
    const first = new LmdbEventStore({ dir: folder, sync: 'full', nowS: () => nowS });
    const [note, profile] = [event({ tags: [['t', 'x']] }), event({ kind: 0 })];
    const gone = event();
    await save(first, note, gone, profile, event({ kind: 5, tags: [['e', gone.id]] }));
    first.markLoaded('corpus');
    await first.close();
    const second = new LmdbEventStore({ dir: folder, sync: 'no-sync', nowS: () => nowS });
    opened.push(second);
    expect([second.size, second.sequence, second.hasLoaded('corpus')]).toEqual([3, 4, true]);
    expect(scan(second, { '#t': ['x'] })).toEqual([note.id]);
    expect(await save(second, gone, profile, event())).toEqual(['deleted', 'duplicate', 'stored']);
    expect(second.sequence).toBe(5);
    const [stored] = found(second, { ids: [note.id] });
    expect(Buffer.from(stored?.json ?? []).equals(jsonOf(note))).toBe(true);
  });
});

function found(store: EventStore, json: object): readonly StoredEvent[] {
  const events: StoredEvent[] = [];
  const walk = store.scan(filterOf(json), { limit: ALL, upToSequence: ALL });
  while (walk.pull(events, 7));
  return events;
}

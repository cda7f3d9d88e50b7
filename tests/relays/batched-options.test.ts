import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { batched, type Strategy, type Substrate } from '../../relays/index.js';
import { ROOM_BYTES } from '../../relays/server/outbox.js';
import { bob, signed } from './events.js';
import { relaysUnderTest } from './relays.js';

const under = relaysUnderTest();
const ABSENT = 'f'.repeat(64);

/** `batched` with what `change` makes of its substrate. */
function altered(change: (substrate: Substrate) => Partial<Substrate>): Strategy {
  const changed = new WeakMap<Substrate, Substrate>();
  return {
    name: 'batched',
    converse: (connection, substrate) => {
      const own = changed.get(substrate) ?? { ...substrate, ...change(substrate) };
      changed.set(substrate, own);
      return batched.converse(connection, own);
    },
  };
}

describe('the stored side', () => {
  test('dedup: an event that two filters match is sent once, or as often as they do', async () => {
    const times = async (dedup: boolean) => {
      const client = await under.connect(await under.start(batched, { batched: { dedup } }));
      await client.publish(signed());
      return (await client.query({ kinds: [1] }, { since: 0 })).length;
    };
    expect([await times(true), await times(false)]).toEqual([1, 2]);
  });

  test('a filter whose source fails is skipped, logged, and harms no other', async () => {
    const warnings: string[] = [];
    const failing = altered(({ source }) => ({
      warn: (message) => warnings.push(message),
      source: {
        query: (filter, options) => {
          if (filter.kinds?.has(7)) throw new Error('disk on fire');
          return source.query(filter, options);
        },
      },
    }));
    const client = await under.connect(await under.start(failing));
    const note = signed();
    await client.publish(note);
    expect(await client.query({ kinds: [7] }, { kinds: [1] })).toEqual([note.id]);
    expect(warnings).toEqual([expect.stringContaining('disk on fire')]);
  });

  test('a source that fails or hangs: the filter is skipped, the deadline ends the REQ and the COUNT', async () => {
    const relay = await under.start(batched, {
      source: { failKinds: [7], hangKinds: [6] },
      batched: { deadlineMs: 100 },
    });
    const client = await under.connect(relay);
    const note = signed();
    await client.publish(note);
    client.send('REQ', 'failing', { kinds: [7] }, { kinds: [1] });
    expect(await client.answered('failing')).toEqual(['EOSE', 'failing']);
    expect(client.idsOf('failing')).toEqual([note.id]);
    for (const label of ['REQ', 'COUNT']) {
      client.send(label, label, { kinds: [6] });
      const reason = expect.stringMatching(/^error: .* 100 ms$/);
      expect(await client.message('CLOSED', label)).toEqual(['CLOSED', label, reason]);
    }
    client.send('COUNT', 'c', { kinds: [7] });
    expect(await client.message('CLOSED', 'c')).toEqual(['CLOSED', 'c', 'error: the source failed']);
    await expect.poll(relay.subscriptions).toBe(1);
  });

  test('a cached answer says finish if the first one did', async () => {
    const settings = { batched: { cacheTtlMs: 60_000 }, completenessHints: true };
    const client = await under.connect(await under.start(batched, settings));
    for (let i = 0; i < 2; i += 1) await client.publish(signed());
    const hints = async (filter: object) => {
      const id = `h${client.messages.length}`;
      client.send('REQ', id, filter);
      return (await client.answered(id)).slice(2);
    };
    for (let i = 0; i < 2; i += 1) {
      expect(await hints({ kinds: [1] })).toEqual([['finish']]);
      expect(await hints({ kinds: [1], limit: 1 })).toEqual([]);
    }
  });

  test('what the cache keeps counts as held, once, until a save drops it', async () => {
    const relay = await under.start(batched, { batched: { cacheTtlMs: 60_000 } });
    const client = await under.connect(relay);
    const [first, second] = [signed({ content: 'one' }), signed({ content: 'the second' })];
    const heldNow = () => {
      relay.heldBytes();
      return relay.heldBytes();
    };
    await client.publish(first);
    for (let i = 0; i < 2; i += 1) await client.query({ kinds: [1] });
    await expect.poll(heldNow).toBe(JSON.stringify(first).length);
    await client.publish(second);
    await client.query({ kinds: [7] });
    await expect.poll(heldNow).toBe(0);
  });

  test('the deadline ends a REQ whose source hangs, by CLOSED, and the next message is served', async () => {
    const relay = await under.start(batched, {
      source: { slowKinds: [{ kinds: [7], serviceTimeMs: 600_000 }] },
      batched: { deadlineMs: 100 },
    });
    const client = await under.connect(relay);
    client.send('REQ', 's', { kinds: [1] }, { kinds: [7] });
    expect(await client.answered('s')).toEqual(['CLOSED', 's', expect.stringMatching(/^error: /)]);
    await client.fence();
    expect(relay.subscriptions()).toBeLessThanOrEqual(1);
  });

  test('the cache answers the same filter again without the source, until something is saved', async () => {
    let queries = 0;
    const counting = altered(({ source }) => ({
      source: {
        query: (filter, options) => {
          queries += 1;
          return source.query(filter, options);
        },
      },
    }));
    const relay = await under.start(counting, { batched: { cacheTtlMs: 60_000 } });
    const [client, other] = [await under.connect(relay), await under.connect(relay)];
    const events = [signed(), signed(), signed({}, bob)];
    await client.publish(events[0] ?? signed());
    const authors = [events[0]?.pubkey, events[2]?.pubkey];
    const first = await client.query({ authors, kinds: [1] });
    expect(await other.query({ kinds: [1], authors: authors.toReversed() })).toEqual(first);
    expect(queries).toBe(1);
    await other.query({ kinds: [1], authors, limit: 1 });
    expect(queries).toBe(2);
    await other.publish(events[2] ?? signed());
    expect(await client.query({ authors, kinds: [1] })).toEqual([events[2]?.id, ...first]);
    expect(queries).toBe(3);
  });

  test('the cache forgets when its time is over', async () => {
    const found: number[] = [];
    let nowMs = 0;
    const clocked = altered(({ source, clock }) => ({
      clock: { ...clock, monotonicMs: () => nowMs },
      source: {
        query: (filter, options) => {
          found.push(nowMs);
          return source.query(filter, options);
        },
      },
    }));
    const client = await under.connect(await under.start(clocked, { batched: { cacheTtlMs: 100 } }));
    for (nowMs of [0, 99, 100]) await client.query({ kinds: [1] });
    expect(found).toEqual([0, 100]);
  });
});

describe('the live side', () => {
  test('ids that were delivered are no longer waited for, and CLOSED comes when none is left', async () => {
    const relay = await under.start(batched, { batched: { dropDeliveredIds: true } });
    const client = await under.connect(relay);
    const [stored, later] = [signed(), signed()];
    await client.publish(stored);
    client.send('REQ', 'found', { ids: [stored.id] });
    expect((await client.message('CLOSED', 'found'))[2]).toMatch(/^closed: /);
    client.send('REQ', 'one left', { ids: [stored.id, later.id] });
    client.send('REQ', 'not ids only', { ids: [stored.id] }, { kinds: [1] });
    await client.answered('not ids only');
    expect(relay.subscriptions()).toBe(2);
    await client.publish(later);
    expect(client.idsOf('one left')).toEqual([stored.id, later.id]);
    expect(client.idsOf('not ids only')).toEqual([stored.id, later.id]);
  });

  test('an event that came while the answer was collected counts as delivered', async () => {
    const relay = await under.start(batched, {
      source: { slowKinds: [{ kinds: [7], serviceTimeMs: 300 }] },
      batched: { dropDeliveredIds: true },
    });
    const [client, other] = [await under.connect(relay), await under.connect(relay)];
    const event = signed({ kind: 7 });
    client.send('REQ', 's', { ids: [event.id], kinds: [7] });
    await other.fence();
    await other.publish(event);
    await client.message('CLOSED', 's');
    expect(client.messages.map(([label]) => label)).toEqual(['EOSE', 'EVENT', 'CLOSED']);
  });

  const FLOOD = { kinds: [1] };

  /** A subscriber that doesn't read, and one that does, while more is published than sockets hold. */
  async function flood(batchedSettings: { receiverQueue: number; receiverStallMs?: number }) {
    const relay = await under.start(batched, { verifySignatures: false, batched: batchedSettings });
    const [deaf, reader, publisher] = [
      await under.connect(relay),
      await under.connect(relay),
      await under.connect(relay),
    ];
    for (const client of [deaf, reader]) {
      client.send('REQ', 'live', FLOOD);
      await client.message('EOSE', 'live');
    }
    deaf.socket.pause();
    const template = signed({ content: 'x'.repeat(ROOM_BYTES) });
    const publish = async (count: number) => {
      for (let i = 0; i < count; i += 1) {
        const id = (published + i).toString(16).padStart(64, '0');
        await publisher.publish({ ...template, id });
      }
      published += count;
    };
    let published = 0;
    return { relay, deaf, reader, publish, published: () => published };
  }

  test('a subscriber for whom too many events wait is dropped with CLOSED; its connection and others stay', {
    timeout: 60_000,
  }, async () => {
    const { relay, deaf, reader, publish, published } = await flood({
      receiverQueue: 2,
      receiverStallMs: 60_000,
    });
    await publish(48);
    await reader.until(() => reader.idsOf('live').length === published());
    expect(relay.subscriptions()).toBe(1);
    expect(relay.connections()).toBe(3);
    deaf.socket.resume();
    expect((await deaf.message('CLOSED', 'live'))[2]).toMatch(/^error: /);
    // What came before it came whole and in order.
    const got = deaf.idsOf('live');
    expect(got).toEqual(reader.idsOf('live').slice(0, got.length));
  });

  test('a subscriber that takes nothing for too long is dropped', { timeout: 60_000 }, async () => {
    const { relay, publish } = await flood({ receiverQueue: 1_000, receiverStallMs: 100 });
    await publish(30);
    await expect.poll(() => relay.subscriptions(), { timeout: 20_000 }).toBe(1);
    expect(relay.connections()).toBe(3);
  });

  test('one that reads in time gets everything', { timeout: 60_000 }, async () => {
    const { relay, deaf, publish, published } = await flood({
      receiverQueue: 1_000,
      receiverStallMs: 60_000,
    });
    await publish(30);
    deaf.socket.resume();
    await deaf.until(() => deaf.idsOf('live').length === published());
    expect(relay.subscriptions()).toBe(2);
  });
});

describe('who may connect', () => {
  async function statusOf(url: string): Promise<unknown> {
    const socket = new WebSocket(url);
    socket.on('error', () => undefined);
    const refused = once(socket, 'unexpected-response').then(([, response]) => response.statusCode);
    const status = await Promise.race([once(socket, 'open').then(() => 101), refused]);
    socket.terminate();
    return status;
  }

  test.each([
    [{}, 101],
    [{ allowAddresses: ['127.'] }, 101],
    [{ allowAddresses: ['10.', '192.168.'] }, 403],
    [{ blockAddresses: ['127.0.'] }, 403],
    [{ blockAddresses: ['10.'] }, 101],
    [{ allowAddresses: ['127.'], blockAddresses: ['127.0.0.1'] }, 403],
  ])('%j answers %i', async (addresses, status) => {
    const { url } = await under.start(batched, { batched: addresses });
    expect(await statusOf(url)).toBe(status);
  });
});

test('every stage is logged, and the counters of a connection when it ends', async () => {
  const entries: [string, Readonly<Record<string, unknown>>][] = [];
  const logged = altered(() => ({ log: (event, fields) => entries.push([event, fields]) }));
  const client = await under.connect(await under.start(logged));
  await client.publish(signed());
  await client.query({ kinds: [1] }, { ids: [ABSENT] });
  client.sendText('x');
  await client.message('NOTICE');
  await client.close();
  await expect.poll(() => entries.at(-1)?.[0]).toBe('connection ended');
  expect(entries).toEqual([
    ['event', expect.objectContaining({ kind: 1, status: 'new' })],
    ['request answered', expect.objectContaining({ filters: 2, events: 1, cached: false })],
    ['bad message', expect.objectContaining({ label: 'unreadable' })],
    ['connection ended', expect.objectContaining({ messages: 4, requests: 1, events: 1 })],
  ]);
});

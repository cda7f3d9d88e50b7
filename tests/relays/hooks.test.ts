import { setTimeout as sleep } from 'node:timers/promises';
import type { NostrEvent } from 'nostr-tools/pure';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createStreaming, type FoundEvents, type HookQuery, type RelayHooks } from '../../relays/index.js';
import { bob, signed } from './events.js';
import { relaysUnderTest } from './relays.js';

const under = relaysUnderTest();

async function start(hooks: Partial<RelayHooks>, options: { ownStore?: boolean; limits?: object } = {}) {
  const { limits = {}, ...rest } = options;
  const relay = await under.start(createStreaming({ hooks, ...rest }), { limits });
  return { relay, client: await under.connect(relay) };
}

/** A hook's answer at once, or later. */
const moments = [
  ['at once', <T>(value: T) => value],
  ['later', async <T>(value: T) => sleep(5, value)],
] as const;

describe.each(moments)('hooks that answer %s', (_when, answer) => {
  test('reject an event with a prefix, in order, and ephemeral ones too', async () => {
    const asked: string[] = [];
    const { client } = await start({
      rejectEvent: [
        (event) => {
          asked.push('first');
          return answer(event.content === 'a' ? 'no a' : undefined);
        },
        (event) => {
          asked.push('second');
          return answer(event.content === 'b' ? 'pow: more work' : undefined);
        },
      ],
    });
    expect((await client.publish(signed({ content: 'a' }))).slice(2)).toEqual([false, 'blocked: no a']);
    expect(asked).toEqual(['first']);
    expect((await client.publish(signed({ kind: 20_001, content: 'b' }))).slice(2)).toEqual([
      false,
      'pow: more work',
    ]);
    expect((await client.publish(signed()))[2]).toBe(true);
    expect(await client.query({})).toHaveLength(1);
  });

  test('overwrite and reject filters, in this order, stored and live', async () => {
    const { client } = await start({
      overwriteFilter: [(filter) => answer({ ...filter, kinds: filter.kinds ?? new Set([1]) })],
      rejectFilter: [(filter) => answer(filter.kinds?.has(1) ? undefined : 'restricted: notes only')],
    });
    const events = [signed({ kind: 1 }), signed({ kind: 7 }), signed({ kind: 1 }), signed({ kind: 7 })];
    for (const event of events.slice(0, 2)) await client.publish(event);
    client.send('REQ', 's', {});
    // Everything that the client's own filter matches was not sent.
    expect(await client.answered('s')).toEqual(['EOSE', 's']);
    for (const event of events.slice(2)) await client.publish(event);
    await client.fence();
    expect(client.idsOf('s')).toEqual([events[0]?.id, events[2]?.id]);
    client.send('REQ', 't', { kinds: [1] }, { kinds: [7] }, { kinds: [1] });
    expect(await client.answered('t')).toEqual(['CLOSED', 't', 'restricted: notes only']);
    await client.fence();
    expect(client.messages.filter((m) => m[1] === 't')).toHaveLength(1);
  });

  test('a CLOSE or a REQ with the same id holds while hooks are still asked about the one before', async () => {
    const { client, relay } = await start({ rejectFilter: [() => answer(undefined)] });
    client.send('REQ', 's', { kinds: [1] });
    client.send('CLOSE', 's');
    client.send('REQ', 't', { kinds: [1] });
    client.send('REQ', 't', { kinds: [7] });
    await client.answered('t');
    await client.fence();
    const [note, reaction] = [signed({ kind: 1 }), signed({ kind: 7 })];
    for (const event of [note, reaction]) await client.publish(event);
    expect([client.idsOf('s'), client.idsOf('t')]).toEqual([[], [reaction.id]]);
    await expect.poll(() => relay.subscriptions()).toBe(1);
  });

  test('count, or refuse to', async () => {
    const { client } = await start({
      rejectCount: [(filter) => answer(filter.kinds === undefined ? 'name kinds' : undefined)],
      countEvents: [() => answer(40), (filters) => answer(filters.length)],
    });
    client.send('COUNT', 'c', { kinds: [1] }, { kinds: [2] });
    expect(await client.message('COUNT', 'c')).toEqual(['COUNT', 'c', { count: 42 }]);
    client.send('COUNT', 'd', { kinds: [1] }, {});
    expect(await client.message('CLOSED', 'd')).toEqual(['CLOSED', 'd', 'blocked: name kinds']);
  });

  test('turn connections away before the upgrade, and change the NIP-11 document', async () => {
    const { relay } = await start({
      rejectConnection: [({ url }) => answer(url === '/?spam' ? 'rate-limited: too many' : undefined)],
      overwriteInformation: [(given) => answer({ ...given, contact: 'mailto:me@example.org' })],
    });
    const refused = new WebSocket(`${relay.url}/?spam`);
    const [status, body] = await new Promise<[number | undefined, string]>((resolve, reject) => {
      refused.on('error', reject);
      refused.on('unexpected-response', (_request, response) => {
        response.on('data', (text) => resolve([response.statusCode, String(text)]));
      });
    });
    expect([status, body]).toEqual([429, 'rate-limited: too many\n']);
    const accept = 'application/nostr+json';
    const document = await fetch(relay.url.replace('ws:', 'http:'), { headers: { accept } });
    expect(await document.json()).toMatchObject({ contact: 'mailto:me@example.org', name: 'streaming' });
  });
});

test('onConnect and onDisconnect are called once each, with who it was', async () => {
  const calls: string[] = [];
  const { client } = await start({
    onConnect: [({ remoteAddress }) => calls.push(`+${remoteAddress}`)],
    onDisconnect: [({ remoteAddress }) => calls.push(`-${remoteAddress}`)],
  });
  await client.fence();
  expect(calls).toEqual(['+127.0.0.1']);
  await client.close();
  await expect.poll(() => calls).toEqual(['+127.0.0.1', '-127.0.0.1']);
});

test('onEventSaved and onEphemeralEvent come before the delivery, each for its kinds, and not for a duplicate', async () => {
  const calls: string[] = [];
  const { client } = await start({
    onEventSaved: [({ kind }) => calls.push(`saved ${kind}`)],
    onEphemeralEvent: [({ kind }) => calls.push(`ephemeral ${kind}`)],
  });
  const note = signed();
  for (const event of [note, note, signed({ kind: 20_001 })]) {
    expect((await client.publish(event))[2]).toBe(true);
  }
  expect(calls).toEqual(['saved 1', 'ephemeral 20001']);
});

test('an ephemeral event gets OK true, also when nobody listens', async () => {
  const { client } = await start({});
  expect((await client.publish(signed({ kind: 20_001 })))[2]).toBe(true);
});

test('preventBroadcast and overwriteResponseEvent hold for one client, and a hook that throws withholds', async () => {
  const { client, relay } = await start({
    preventBroadcast: [(event, { pubkeys }) => event.content === 'secret' && pubkeys.size === 0],
    overwriteResponseEvent: [
      (event) => {
        if (event.content === 'broken') throw new Error('by design');
        return event.kind === 7 ? { ...event, content: '+' } : event;
      },
    ],
  });
  client.send('REQ', 's', { kinds: [1, 7] });
  await client.answered('s');
  const contents = ['secret', 'broken', 'open'];
  for (const content of contents) expect((await client.publish(signed({ content })))[2]).toBe(true);
  await client.publish(signed({ kind: 7, content: 'like' }));
  const contentsOf = (id: string, from: typeof client) =>
    from.messages.filter((m) => m[0] === 'EVENT' && m[1] === id).map((m) => (m[2] as NostrEvent).content);
  expect(contentsOf('s', client)).toEqual(['open', '+']);
  const other = await under.connect(relay);
  other.send('REQ', 'q', {});
  expect(await other.answered('q')).toEqual(['EOSE', 'q']);
  expect(contentsOf('q', other)).toEqual(['+', 'open', 'secret']);
});

test('a hook that throws refuses by error:, and the relay goes on', async () => {
  const fail = () => {
    throw new Error('database is gone');
  };
  const { client } = await start({
    rejectEvent: [fail],
    rejectFilter: [async () => fail()],
    rejectCount: [fail],
  });
  const refusal = 'error: database is gone';
  expect((await client.publish(signed())).slice(2)).toEqual([false, refusal]);
  client.send('REQ', 's', {});
  expect(await client.answered('s')).toEqual(['CLOSED', 's', refusal]);
  client.send('COUNT', 'c', {});
  expect(await client.message('CLOSED', 'c')).toEqual(['CLOSED', 'c', refusal]);
});

test('a hook that is only told something can throw: what was kept is delivered and acknowledged', async () => {
  const fail = () => Promise.reject(new Error('by design'));
  const { client, relay } = await start({
    onConnect: [fail],
    onDisconnect: [
      () => {
        throw new Error('by design');
      },
    ],
    onEventSaved: [fail],
  });
  client.send('REQ', 's', { kinds: [1] });
  await client.answered('s');
  const event = signed();
  expect((await client.publish(event))[2]).toBe(true);
  expect(client.idsOf('s')).toEqual([event.id]);
  await client.close();
  await expect.poll(() => relay.connections()).toBe(0);
  expect(await (await under.connect(relay)).query({})).toEqual([event.id]);
});

describe('storage hooks', () => {
  test('replaceEvent takes replaceable and addressable events, storeEvent the others; a throw refuses', async () => {
    const calls: string[] = [];
    const { client } = await start({
      storeEvent: [
        (event) => {
          if (event.content === 'full') throw new Error('the disk is full');
          calls.push(`store ${event.kind}`);
          return true;
        },
      ],
      replaceEvent: [
        async (event) => {
          calls.push(`replace ${event.kind}`);
          return false;
        },
      ],
    });
    for (const kind of [1, 0, 30_000]) await client.publish(signed({ kind, tags: [['d', 'x']] }));
    expect(calls).toEqual(['store 1', 'replace 0', 'replace 30000']);
    expect((await client.publish(signed({ content: 'full' }))).slice(2)).toEqual([
      false,
      'error: the disk is full',
    ]);
    // The relay's own store keeps what the hooks kept, and nothing else.
    expect(await client.query({})).toHaveLength(1);
  });

  test('a deletion request reaches the own store, also when the storage hooks have it already', async () => {
    const { client } = await start({ storeEvent: [({ kind }) => kind !== 5] });
    const note = signed();
    await client.publish(note);
    await client.publish(signed({ kind: 5, tags: [['e', note.id]] }));
    expect(await client.query({ kinds: [1] })).toEqual([]);
    expect((await client.publish(note)).slice(2)).toEqual([false, expect.stringMatching(/^blocked: /)]);
  });

  test('versions that come at the same time are kept in turn: one stays', async () => {
    const events = new Map<string, NostrEvent>();
    const { client } = await start(
      {
        storeEvent: [
          async (event) => {
            await sleep(5);
            events.set(event.id, event as NostrEvent);
            return true;
          },
        ],
        deleteEvent: [(event) => events.delete(event.id)],
        queryEvents: [async () => sleep(2, [...events.values()])],
      },
      { ownStore: false },
    );
    const versions = Array.from({ length: 5 }, (_, i) => signed({ kind: 0, content: `${i}` }));
    await Promise.all(versions.map((event) => client.publish(event)));
    expect([...events.keys()]).toEqual([versions[4]?.id]);
  });

  test('deletion by address takes versions up to its own time, of its author alone', async () => {
    const events = new Map<string, NostrEvent>();
    const { client } = await start(
      {
        storeEvent: [(event) => events.set(event.id, event as NostrEvent).has(event.id)],
        deleteEvent: [(event) => events.delete(event.id)],
        queryEvents: [() => [...events.values()]],
      },
      { ownStore: false },
    );
    const mine = signed({ kind: 30_000, tags: [['d', 'x']] });
    const other = signed({ kind: 30_000, tags: [['d', 'x']] }, bob);
    const empty = signed({ kind: 10_000 });
    for (const event of [mine, other, empty]) await client.publish(event);
    const address = (event: NostrEvent, d: string) => ['a', `${event.kind}:${event.pubkey}:${d}`];
    const tags = [address(mine, 'x'), address(other, 'x'), address(empty, '')];
    const request = signed({ kind: 5, tags });
    await client.publish(request);
    expect([...events.keys()]).toEqual([other.id, request.id]);
    expect((await client.publish(mine)).slice(2)).toEqual([false, 'blocked: this event has been deleted']);
    const later = signed({ kind: 30_000, tags: [['d', 'x']] });
    expect((await client.publish(later))[2]).toBe(true);
  });
});

describe('event sources', () => {
  test('are merged with the own store, newest first, each event once; what matches not is left out', async () => {
    const [old, mid, recent, elsewhere] = [signed(), signed(), signed(), signed({ kind: 7 })];
    const { client } = await start({ queryEvents: [async () => [recent, mid, old], () => [elsewhere, mid]] });
    await client.publish(mid);
    expect(await client.query({ kinds: [1] })).toEqual([recent.id, mid.id, old.id]);
    expect(await client.query({ kinds: [1], limit: 2 })).toEqual([recent.id, mid.id]);
    client.send('COUNT', 'c', { kinds: [1] });
    expect(await client.message('COUNT', 'c')).toEqual(['COUNT', 'c', { count: 3 }]);
  });

  test('that fail are told by NOTICE, and the others of the filter answer', async () => {
    const note = signed();
    async function* breaking(): AsyncGenerator<NostrEvent> {
      yield note;
      throw new Error('connection reset');
    }
    const { client } = await start({ queryEvents: [breaking, () => Promise.reject(new Error('no route'))] });
    const own = signed();
    await client.publish(own);
    client.send('REQ', 's', {});
    expect(await client.answered('s')).toEqual(['EOSE', 's']);
    expect(client.idsOf('s')).toEqual([own.id, note.id]);
    const notices = client.messages.filter((m) => m[0] === 'NOTICE').map((m) => m[1]);
    expect(notices.toSorted()).toEqual(['error: connection reset', 'error: no route']);
  });

  test.each(['CLOSE', 'REQ', 'disconnect'] as const)(
    'are told to stop by %s, also while they hang',
    async (how) => {
      const signals: AbortSignal[] = [];
      const hanging = (_filter: unknown, { signal }: HookQuery): Promise<FoundEvents> => {
        signals.push(signal);
        return new Promise(() => undefined);
      };
      const { client } = await start({ queryEvents: [hanging] }, { ownStore: false });
      client.send('REQ', 's', { kinds: [1] });
      await expect.poll(() => signals.length).toBe(1);
      if (how === 'CLOSE') client.send('CLOSE', 's');
      else if (how === 'REQ') client.send('REQ', 's', { kinds: [1], limit: 0 });
      else await client.close();
      await expect.poll(() => signals[0]?.aborted).toBe(true);
    },
  );

  test('are asked for no more than the limit', async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<NostrEvent> {
      for (;;) {
        given += 1;
        yield signed();
      }
    }
    const { client } = await start({ queryEvents: [endless] }, { ownStore: false });
    expect(await client.query({ limit: 10 })).toHaveLength(10);
    expect(given).toBeLessThan(20);
  });

  test('lose and double nothing while events are published through slow storage hooks', async () => {
    const events: NostrEvent[] = [];
    const { client: reader, relay } = await start(
      {
        storeEvent: [
          async (event) => {
            await sleep(Math.random() * 4);
            events.push(event as NostrEvent);
            await sleep(Math.random() * 4);
            return true;
          },
        ],
        queryEvents: [
          async function* () {
            for (const event of events.toReversed()) {
              if (Math.random() < 0.1) await sleep(1);
              yield event;
            }
          },
        ],
      },
      { ownStore: false },
    );
    const publisher = await under.connect(relay);
    const published = Array.from({ length: 150 }, () => signed());
    const publishing = (async () => {
      for (let i = 0; i < published.length; i += 5) {
        await Promise.all(published.slice(i, i + 5).map((event) => publisher.publish(event)));
      }
    })();
    for (let i = 0; i < 30; i += 1) {
      reader.send('REQ', `r${i}`, { kinds: [1] });
      await reader.answered(`r${i}`);
    }
    await publishing;
    await reader.fence();
    const ids = published.map(({ id }) => id).toSorted();
    for (let i = 0; i < 30; i += 1) expect(reader.idsOf(`r${i}`).toSorted(), `r${i}`).toEqual(ids);
  }, 30_000);
});

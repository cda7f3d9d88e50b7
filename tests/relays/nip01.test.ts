import { getPublicKey } from 'nostr-tools/pure';
import { describe, expect, test } from 'vitest';
import type { AccessMode, ReferenceRelay } from '../../relays/index.js';
import { authenticate } from './authenticate.js';
import { alice, bob, inAnswerOrder, signed } from './events.js';
import { relaysUnderTest, strategies } from './relays.js';

const under = relaysUnderTest();

const ACCESS_MODES: readonly AccessMode[] = ['open', 'auth-required', 'follows', 'managed'];
const cases = strategies.flatMap((strategy) => ACCESS_MODES.map((access) => ({ strategy, access })));

describe.each(cases)('NIP-01 over a socket: $strategy.name, access $access', ({ strategy, access }) => {
  async function connected(settings = {}) {
    const members = { admin: [getPublicKey(alice)] };
    const relay = await under.start(strategy, { access, members, ...settings });
    return { relay, client: await connect(relay) };
  }

  /** In modes that know AUTH, as a client that has authenticated and got nothing else yet. */
  async function connect(relay: ReferenceRelay) {
    const client = await under.connect(relay);
    if (access === 'open') return client;
    await authenticate(client, relay, alice);
    client.messages.length = 0;
    return client;
  }

  test('accepts an event, answers a resubmission with duplicate:, and finds it by each field', async () => {
    const { client } = await connected();
    const event = signed({
      tags: [
        ['e', 'a'.repeat(64)],
        ['t', 'nostr'],
        ['T', 'Upper'],
        ['alt', 'x'],
      ],
    });
    const other = signed({ kind: 7, content: 'other' }, bob);
    expect(await client.publish(event)).toEqual(['OK', event.id, true, '']);
    expect(await client.publish(event)).toEqual([
      'OK',
      event.id,
      true,
      expect.stringMatching(/^duplicate: /),
    ]);
    await client.publish(other);
    for (const filter of [
      { ids: [event.id] },
      { authors: [event.pubkey] },
      { kinds: [1] },
      { '#e': ['a'.repeat(64)] },
      { '#t': ['bitcoin', 'nostr'] },
      { '#T': ['Upper'] },
      { '#t': ['nostr'], '#e': ['a'.repeat(64)] },
      { until: event.created_at },
    ]) {
      expect(await client.query(filter), JSON.stringify(filter)).toEqual([event.id]);
    }
    for (const filter of [
      { '#t': ['Nostr'] },
      { '#T': ['nostr'] },
      { '#t': ['nostr'], '#e': ['b'.repeat(64)] },
      { kinds: [1], authors: [other.pubkey] },
      { kinds: [] },
      { until: 0 },
    ]) {
      expect(await client.query(filter), JSON.stringify(filter)).toEqual([]);
    }
    expect(await client.query({})).toEqual([other.id, event.id]);
    expect(await client.query({ since: 0 })).toEqual([other.id, event.id]);
  });

  test('sends an event in the bytes in which it was published', async () => {
    const { client } = await connected();
    const event = signed({ content: 'ünï "q" \\ \n \u2028 💜', tags: [['t', 'é']] });
    await client.publish(event);
    let text = '';
    client.socket.on('message', (data) => {
      if (String(data).startsWith('["EVENT"')) text = String(data);
    });
    await client.query({ ids: [event.id] });
    expect(text).toBe(`["EVENT","q1",${JSON.stringify(event)}]`);
  });

  test('since and until are inclusive', async () => {
    const { client } = await connected();
    const [a, b, c] = [1000, 1001, 1002].map((created_at) => signed({ created_at }));
    for (const event of [a, b, c]) await client.publish(event as never);
    expect(await client.query({ since: 1001 })).toEqual([c?.id, b?.id]);
    expect(await client.query({ until: 1001 })).toEqual([b?.id, a?.id]);
    expect(await client.query({ since: 1001, until: 1001 })).toEqual([b?.id]);
    expect(await client.query({ since: 1002, until: 1001 })).toEqual([]);
  });

  test('answers newest first, ties by lowest id, and limit takes the newest of each filter', async () => {
    const { client } = await connected();
    const events = [5, 3, 5, 9, 1, 5, 7].map((created_at, i) => signed({ created_at, content: `${i}` }));
    for (const event of events) await client.publish(event);
    expect(await client.query({})).toEqual(inAnswerOrder(events));
    expect(await client.query({ limit: 3 })).toEqual(inAnswerOrder(events).slice(0, 3));
    const both = await client.query({ limit: 1 }, { until: 3, limit: 1 });
    expect(both.toSorted()).toEqual([events[3]?.id, events[1]?.id].toSorted());
  });

  test('of a replaceable event keeps the newest, on a tie the lowest id, and an older one does not come back', async () => {
    const { client } = await connected();
    const old = signed({ kind: 0, content: 'old', created_at: 10 });
    const tied = ['x', 'y', 'z'].map((content) => signed({ kind: 0, content, created_at: 20 }));
    const winner = inAnswerOrder(tied)[0];
    for (const event of [old, ...tied]) expect((await client.publish(event))[2]).toBe(true);
    expect(await client.query({ kinds: [0] })).toEqual([winner]);
    expect(await client.publish(old)).toEqual(['OK', old.id, true, expect.stringMatching(/^duplicate: /)]);
    expect(await client.query({ ids: [old.id] })).toEqual([]);
    expect(await client.query({ authors: [getPublicKey(alice)] })).toEqual([winner]);
  });

  test('addressable events are told apart by d, and a missing d equals an empty one', async () => {
    const { client } = await connected();
    const missing = signed({ kind: 30_000 });
    const valueless = signed({ kind: 30_000, tags: [['d']] });
    const empty = signed({ kind: 30_000, tags: [['d', '']] });
    const named = signed({ kind: 30_000, tags: [['d', 'x']] });
    for (const event of [named, missing, valueless, empty])
      expect((await client.publish(event))[2]).toBe(true);
    expect(await client.query({ kinds: [30_000] })).toEqual([named.id, empty.id]);
  });

  test('delivers ephemeral events and does not keep them', async () => {
    const { client, relay } = await connected();
    const listener = await connect(relay);
    listener.send('REQ', 'live', { kinds: [20_001] });
    await listener.message('EOSE', 'live');
    const event = signed({ kind: 20_001 });
    expect((await client.publish(event))[2]).toBe(true);
    await listener.message('EVENT', 'live');
    expect(await client.query({ kinds: [20_001] })).toEqual([]);
  });

  test('limit: 0 and a reached limit go live, ids not found go live, and CLOSE ends it', async () => {
    const { client, relay } = await connected();
    const first = signed();
    const awaited = signed();
    await client.publish(first);
    const listener = await connect(relay);
    listener.send('REQ', 'zero', { limit: 0 });
    listener.send('REQ', 'one', { limit: 1 });
    listener.send('REQ', 'ids', { ids: [first.id, awaited.id] });
    listener.send('REQ', 'gone', {});
    for (const id of ['zero', 'one', 'ids', 'gone']) await listener.message('EOSE', id);
    expect(relay.subscriptions()).toBe(4);
    listener.send('CLOSE', 'gone');
    await listener.fence();
    await client.publish(awaited);
    await listener.fence();
    expect(listener.idsOf('zero')).toEqual([awaited.id]);
    expect(listener.idsOf('one')).toEqual([first.id, awaited.id]);
    expect(listener.idsOf('ids')).toEqual([first.id, awaited.id]);
    expect(listener.idsOf('gone')).toEqual([first.id]);
  });

  test('a REQ with the same id replaces the subscription, also when it is refused', async () => {
    const { client } = await connected();
    client.send('REQ', 's', { kinds: [1] });
    await client.message('EOSE', 's');
    client.send('REQ', 's', { kinds: [7] });
    await client.fence();
    await client.publish(signed({ kind: 1 }));
    const reaction = signed({ kind: 7 });
    await client.publish(reaction);
    await client.fence();
    expect(client.idsOf('s')).toEqual([reaction.id]);
    client.send('REQ', 's', { kinds: ['x'] });
    await client.message('CLOSED', 's');
    await client.publish(signed({ kind: 7 }));
    await client.fence();
    expect(client.idsOf('s')).toEqual([reaction.id]);
  });

  test('subscription ids are per connection, and end with it', async () => {
    const { client, relay } = await connected();
    const other = await connect(relay);
    client.send('REQ', 's', { kinds: [1] });
    other.send('REQ', 's', { kinds: [7] });
    await Promise.all([client.message('EOSE', 's'), other.message('EOSE', 's')]);
    await client.publish(signed({ kind: 7 }));
    await client.fence();
    expect(client.idsOf('s')).toEqual([]);
    await expect.poll(() => relay.subscriptions()).toBe(2);
    await other.close();
    await expect.poll(() => [relay.connections(), relay.subscriptions()]).toEqual([1, 1]);
  });

  test.each([
    ['no filter', ['REQ', 's']],
    ['a filter that is no object', ['REQ', 's', 'x']],
    ['upper-case hex', ['REQ', 's', { ids: ['A'.repeat(64)] }]],
    ['a short author', ['REQ', 's', { authors: ['aa'] }]],
    ['an #e that is no id', ['REQ', 's', { '#e': ['x'] }]],
    ['a kind beyond 65535', ['REQ', 's', { kinds: [65_536] }]],
    ['a limit below 0', ['REQ', 's', { limit: -1 }]],
    ['a broken time', ['REQ', 's', { since: 1.5 }]],
    ['an unknown key', ['REQ', 's', { search: 'x' }]],
    ['the bad filter last', ['REQ', 's', {}, { ids: 1 }]],
    ['too many filters', ['REQ', 's', ...Array.from({ length: 101 }, () => ({}))]],
    ['an id of 65 characters', ['REQ', 's'.repeat(65), {}]],
    ['an empty id', ['REQ', '', {}]],
  ])('closes a REQ with %s, by its id, with a prefix and nothing else', async (_name, message) => {
    const { client } = await connected();
    await client.publish(signed());
    client.messages.length = 0;
    client.send(...message);
    await client.fence();
    expect(client.messages.filter((m) => m[1] !== 'q1')).toEqual([
      ['CLOSED', message[1], expect.stringMatching(/^(invalid|unsupported): ./)],
    ]);
  });

  test.each([
    'x',
    '{}',
    '[]',
    '[1]',
    '["REQ"]',
    '["REQ",1,{}]',
    '["CLOSE"]',
    '["CLOSE",1]',
    '["EVENT",{}]',
    '["EVENT"]',
    '["COUNT",1,{}]',
  ])('answers %s by a NOTICE', async (text) => {
    const { client } = await connected();
    client.sendText(text);
    await client.fence();
    expect(client.messages[0]).toEqual(['NOTICE', expect.stringMatching(/^(invalid|unsupported): ./)]);
  });

  test('answers a binary frame by a NOTICE', async () => {
    const { client } = await connected();
    client.socket.send(Buffer.from('["REQ","s",{}]'));
    expect((await client.message('NOTICE'))[1]).toMatch(/^unsupported: /);
  });

  test('refuses what is not an authentic event, each by one OK with a prefix', async () => {
    const { client } = await connected();
    const good = signed({ content: 'good' });
    const bad = [
      { ...good, content: 'changed' },
      { ...good, id: 'f'.repeat(64) },
      { ...good, sig: signed().sig },
      { ...good, pubkey: 'f'.repeat(64) },
      { ...good, sig: 'ab' },
      { ...good, kind: 65_536 },
      { ...good, created_at: -1 },
      { ...good, created_at: '1' },
      { ...good, tags: [[1]] },
      { id: good.id },
    ];
    for (const event of bad) client.send('EVENT', event);
    await client.fence();
    expect(client.messages.filter((m) => m[0] !== 'EOSE')).toEqual(
      bad.map((event) => ['OK', event.id, false, expect.stringMatching(/^invalid: ./)]),
    );
    expect(await client.query({})).toEqual([]);
  });

  test('a point that is not on the curve is refused and not saved, with a right id too', async () => {
    const { eventId } = await import('../../relays/protocol/signature.js');
    const { client } = await connected();
    const draft = { ...signed(), pubkey: 'f'.repeat(64) };
    const event = { ...draft, id: eventId(draft) };
    expect(await client.publish(event)).toEqual(['OK', event.id, false, expect.stringMatching(/^invalid: /)]);
    expect(await client.query({ ids: [event.id] })).toEqual([]);
  });

  test('keeps its limits: filter limit, subscriptions, message size', async () => {
    const { client, relay } = await connected({
      limits: { maxLimit: 2, maxSubscriptions: 3, maxMessageBytes: 2_000 },
    });
    for (let i = 0; i < 4; i += 1) await client.publish(signed());
    expect(await client.query({})).toHaveLength(2);
    expect(await client.query({ limit: 4 })).toHaveLength(2);
    for (const id of ['a', 'b', 'c', 'd']) client.send('REQ', id, {});
    expect((await client.answered('c'))[0]).toBe('EOSE');
    expect(await client.answered('d')).toEqual(['CLOSED', 'd', expect.stringMatching(/^rate-limited: /)]);
    client.send('REQ', 'a', { kinds: [1] });
    client.send('CLOSE', 'b');
    client.send('REQ', 'e', {});
    expect((await client.answered('e'))[0]).toBe('EOSE');
    const other = await connect(relay);
    client.sendText(`["REQ","${'x'.repeat(2_000)}"]`);
    await expect.poll(() => client.closeCode).toBe(1009);
    expect(await other.query({ limit: 1 })).toHaveLength(1);
  });

  test('answers 1,000 REQs that are sent at once, each once', async () => {
    const { client } = await connected({ limits: { maxSubscriptions: 2_000 } });
    await client.publish(signed());
    for (let i = 0; i < 1_000; i += 1) client.send('REQ', `n${i}`, {});
    await client.until(() => client.messages.filter((m) => m[0] === 'EOSE').length === 1_000);
    const ids = client.messages.filter((m) => m[0] === 'EOSE').map((m) => m[1]);
    expect(new Set(ids).size).toBe(1_000);
  });
});

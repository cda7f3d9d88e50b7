import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npubEncode } from 'nostr-tools/nip19';
import { getPublicKey, type NostrEvent } from 'nostr-tools/pure';
import { describe, expect, test } from 'vitest';
import { batched, type ReferenceRelay, streaming } from '../../relays/index.js';
import { authenticate } from './authenticate.js';
import { alice, bob, carol, signed } from './events.js';
import { relaysUnderTest, strategies } from './relays.js';

const under = relaysUnderTest();
const [alicePubkey, bobPubkey, carolPubkey] = [alice, bob, carol].map((key) => getPublicKey(key));
const refusedBy = (prefix: string) => [false, expect.stringMatching(new RegExp(`^${prefix}: `))];

async function connectAs(relay: ReferenceRelay, ...keys: readonly Uint8Array[]) {
  const client = await under.connect(relay);
  for (const key of keys) expect((await authenticate(client, relay, key))[2]).toBe(true);
  return client;
}

/** What OK says about `event`, without its id. */
async function outcome(client: Awaited<ReturnType<typeof connectAs>>, event: NostrEvent) {
  return (await client.publish(event)).slice(2);
}

function followList(...followed: (string | undefined)[]): NostrEvent {
  return signed({ kind: 3, tags: followed.map((pubkey) => ['p', pubkey ?? '']) }, alice);
}

describe.each(strategies)('access modes: $name', (strategy) => {
  test('follows: everybody reads, admins and whom they follow write, as their lists say now', async () => {
    const relay = await under.start(strategy, { access: 'follows', members: { admin: [alicePubkey ?? ''] } });
    const [stranger, followed, admin] = [
      await connectAs(relay),
      await connectAs(relay, bob),
      await connectAs(relay, alice),
    ];
    const note = signed({}, bob);
    expect(await outcome(stranger, note)).toEqual(refusedBy('auth-required'));
    expect(await outcome(followed, note)).toEqual(refusedBy('restricted'));
    expect(await outcome(admin, followList(bobPubkey))).toEqual([true, '']);
    expect(await outcome(followed, note)).toEqual([true, '']);
    expect(await stranger.query({ kinds: [1] })).toEqual([note.id]);
    expect(await outcome(admin, followList(carolPubkey))).toEqual([true, '']);
    expect(await outcome(followed, signed({}, bob))).toEqual(refusedBy('restricted'));
  });

  test('follows: a list that was preloaded counts, and one of somebody else does not', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'access-'));
    const file = join(dir, 'events.jsonl');
    const foreign = signed({ kind: 3, tags: [['p', alicePubkey ?? '']] }, carol);
    writeFileSync(file, [followList(bobPubkey), foreign].map((event) => JSON.stringify(event)).join('\n'));
    const members = { owner: [alicePubkey ?? ''] };
    const relay = await under.start(strategy, { access: 'follows', members }, file);
    rmSync(dir, { recursive: true });
    expect(await outcome(await connectAs(relay, bob), signed({}, bob))).toEqual([true, '']);
    expect(await outcome(await connectAs(relay, carol), signed({}, carol))).toEqual(refusedBy('restricted'));
  });

  test('managed: each public key as its level says, and nobody else', async () => {
    const members = { write: [alicePubkey ?? ''], read: [bobPubkey ?? ''], blocked: [carolPubkey ?? ''] };
    const relay = await under.start(strategy, { access: 'managed', members });
    const ask = async (...keys: Uint8Array[]) => {
      const client = await connectAs(relay, ...keys);
      client.send('REQ', 'all', {});
      const [label, , reason] = await client.answered('all');
      const answer = label === 'CLOSED' ? `CLOSED ${String(reason).split(':')[0]}` : label;
      return [answer, (await outcome(client, signed()))[0]];
    };
    expect(await ask()).toEqual(['CLOSED auth-required', false]);
    expect(await ask(alice)).toEqual(['EOSE', true]);
    expect(await ask(bob)).toEqual(['EOSE', false]);
    expect(await ask(carol)).toEqual(['CLOSED blocked', false]);
    expect(await ask(new Uint8Array(32).fill(7))).toEqual(['CLOSED restricted', false]);
    expect(await ask(bob, alice)).toEqual(['EOSE', true]);
    expect(await ask(alice, bob)).toEqual(['EOSE', true]);
  });

  test('what a blocked author wrote is taken from nobody, in an open relay too', async () => {
    const relay = await under.start(strategy, { members: { blocked: [bobPubkey ?? ''] } });
    const client = await under.connect(relay);
    expect(await outcome(client, signed({}, bob))).toEqual(refusedBy('blocked'));
    expect(await outcome(client, signed())).toEqual([true, '']);
  });

  test('NIP-70: a protected event is taken from its author alone, in any mode', async () => {
    const relay = await under.start(strategy);
    const event = signed({ tags: [['-']] });
    const client = await under.connect(relay);
    expect(await outcome(client, event)).toEqual(refusedBy('auth-required'));
    expect(client.messages.map(([label]) => label)).toEqual(['AUTH', 'OK']);
    await authenticate(client, relay, bob);
    expect(await outcome(client, event)).toEqual(refusedBy('restricted'));
    await authenticate(client, relay, alice);
    expect(await outcome(client, event)).toEqual([true, '']);
  });
});

const PRIVATE_MODES = ['auth-required', 'follows', 'managed'] as const;
const privateCases = strategies.flatMap((strategy) => PRIVATE_MODES.map((access) => ({ strategy, access })));
const [admin, writer, reader, third] = [1, 2, 3, 4].map((byte) => new Uint8Array(32).fill(byte + 100));
const keyOf = (key: Uint8Array | undefined) => getPublicKey(key ?? alice);

describe.each(privateCases)('privacy: $strategy.name, access $access', ({ strategy, access }) => {
  const members = { admin: [keyOf(admin)], write: [keyOf(writer)], read: [keyOf(reader), keyOf(third)] };
  const npubs = ` ${npubEncode(keyOf(reader))}, npub1broken,${npubEncode(keyOf(writer))}`;
  const secrets = () => [
    ...[4, 13, 14, 1059, 1060, 30_078].map((kind) =>
      signed(
        {
          kind,
          tags: [
            ['p', keyOf(reader)],
            ['d', `${kind}`],
          ],
        },
        writer,
      ),
    ),
    signed({ kind: 1, tags: [['private', npubs]] }, writer),
  ];

  test.each([
    ['stored', 0],
    ['from the cache', 60_000],
  ])('%s and live, only those get private events whom they concern', async (_when, cacheTtlMs) => {
    const relay = await under.start(strategy, { access, members, batched: { cacheTtlMs } });
    const publisher = await connectAs(relay, writer ?? alice);
    const [stored, live] = [secrets(), secrets()];
    for (const event of stored) expect((await publisher.publish(event))[2]).toBe(true);
    const who = [writer, reader, admin, third].map((key) => [key ?? alice]);
    const clients = await Promise.all(
      [...who, ...(access === 'follows' ? [[]] : [])].map((keys) => connectAs(relay, ...keys)),
    );
    for (const client of clients) {
      client.send('REQ', 'all', { since: 0 });
      await client.message('EOSE', 'all');
    }
    for (const event of live) expect((await publisher.publish(event))[2]).toBe(true);
    for (const client of clients) await client.fence();
    const [author, party, administrator, ...others] = clients;
    // Of addressable events of one address, the newest is stored; live ones all came.
    const all = [...stored, ...live].map(({ id }) => id).toSorted();
    for (const client of [author, party, administrator]) {
      expect(client?.idsOf('all').toSorted()).toEqual(all);
    }
    for (const client of others) expect(client.idsOf('all')).toEqual([]);
  });

  test('a stranger that asks for privileged kinds alone is told to authenticate', async () => {
    const relay = await under.start(strategy, { access, members });
    const client = await under.connect(relay);
    for (const filters of [[{ kinds: [4] }], [{ kinds: [1] }, { kinds: [1059, 4] }], [{ kinds: [4] }, {}]]) {
      const id = JSON.stringify(filters);
      client.send('REQ', id, ...filters);
      expect(await client.answered(id)).toEqual(['CLOSED', id, expect.stringMatching(/^auth-required: /)]);
    }
    expect(client.messages.filter(([label]) => label === 'AUTH')).toHaveLength(1);
    await authenticate(client, relay, third ?? alice);
    expect(await client.query({ kinds: [4] })).toEqual([]);
  });
});

test.each([
  [streaming, 'widens it', 1],
  [batched, 'does not widen it (D14)', 0],
] as const)('AUTH after a subscription was opened: $0.name $1', async (strategy, _how, times) => {
  const relay = await under.start(strategy, { access: 'follows', members: { write: [bobPubkey ?? ''] } });
  const [client, publisher] = [await under.connect(relay), await connectAs(relay, bob)];
  client.send('REQ', 's', {});
  await client.message('EOSE', 's');
  await authenticate(client, relay, alice);
  await publisher.publish(signed({ kind: 4, tags: [['p', alicePubkey ?? '']] }, bob));
  await client.fence();
  expect(client.idsOf('s')).toHaveLength(times);
});

test('an open relay keeps nothing from anybody', async () => {
  const relay = await under.start(batched);
  const client = await under.connect(relay);
  const event = signed({ kind: 4, tags: [['private', npubEncode(alicePubkey ?? '')]] });
  await client.publish(event);
  expect(await client.query({ kinds: [4] })).toEqual([event.id]);
});

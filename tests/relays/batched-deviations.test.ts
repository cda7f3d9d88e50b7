import { npubEncode } from 'nostr-tools/nip19';
import { getEventHash, getPublicKey, type NostrEvent } from 'nostr-tools/pure';
import { describe, expect, test } from 'vitest';
import {
  batched,
  type DeviationId,
  type RelaySettingsInput,
  type Strategy,
  type Substrate,
} from '../../relays/index.js';
import { authenticate } from './authenticate.js';
import type { TestClient } from './client.js';
import { alice, bob, signed } from './events.js';
import { relaysUnderTest } from './relays.js';

const under = relaysUnderTest();
const labels = (client: TestClient) => client.messages.map(([label]) => label);
const ABSENT = 'f'.repeat(64);

/** What a client sees with the deviation, and without it. Both run. */
function deviation(
  id: DeviationId,
  settings: RelaySettingsInput,
  observe: (setUp: SetUp) => Promise<unknown>,
  { on, off }: { on: unknown; off: unknown },
): void {
  test.each([
    ['on', [id], on],
    ['off', [], off],
  ] as const)(`${id} %s`, async (_state, deviations, expected) => {
    const relay = await under.start(batched, { ...settings, deviations });
    const connect = () => under.connect(relay);
    expect(await observe({ relay, connect, client: await connect() })).toEqual(expected);
  });
}

interface SetUp {
  readonly relay: Awaited<ReturnType<typeof under.start>>;
  readonly client: TestClient;
  connect(): Promise<TestClient>;
}

/** Ids of `events` that `client` got in `subscription`, as their places among `events`. */
function got(client: TestClient, subscription: string, events: readonly NostrEvent[]): number[] {
  return client.idsOf(subscription).map((id) => events.findIndex((event) => event.id === id));
}

async function publishAll(client: TestClient, ...events: readonly NostrEvent[]): Promise<void> {
  for (const event of events) await client.publish(event);
}

async function subscribe(client: TestClient, id: string, ...filters: readonly unknown[]): Promise<void> {
  client.send('REQ', id, ...filters);
  await client.answered(id);
}

describe('the live side of batched', () => {
  deviation(
    'D7',
    { source: { slowKinds: [{ kinds: [1], serviceTimeMs: 300 }] } },
    async ({ client, connect }) => {
      const events = [signed(), signed(), signed()];
      const [stored, between, after] = events;
      const other = await connect();
      await publishAll(other, stored ?? signed());
      client.send('REQ', 's', { kinds: [1] });
      await other.fence();
      await publishAll(other, between ?? signed());
      await client.answered('s');
      await publishAll(other, after ?? signed());
      await client.fence();
      return got(client, 's', events).toSorted();
    },
    { on: [0, 2], off: [0, 1, 2] },
  );

  const limitReached = async ({ client }: SetUp) => {
    const events = [signed(), signed(), signed()];
    await publishAll(client, ...events.slice(0, 2));
    await subscribe(client, 'one', { kinds: [1], limit: 1 });
    await subscribe(client, 'zero', { kinds: [1], limit: 0 });
    await subscribe(client, 'three', { kinds: [1], limit: 3 });
    await publishAll(client, ...events.slice(2));
    await client.fence();
    return ['one', 'zero', 'three'].map((id) => got(client, id, events));
  };
  deviation(
    'D32',
    {},
    async ({ client }) => {
      await subscribe(client, 'tag', { '#t': ['topic'] });
      await subscribe(client, 'tag or kind', { '#t': ['topic'] }, { kinds: [7] });
      await subscribe(client, 'kind', { kinds: [1] });
      const events = [signed({ tags: [['t', 'topic']] }), signed({ kind: 7 })];
      await publishAll(client, ...events);
      await client.fence();
      return ['tag', 'tag or kind', 'kind'].map((id) => got(client, id, events));
    },
    { on: [[], [1], [0]], off: [[0], [0, 1], [0]] },
  );

  deviation('D8', {}, limitReached, { on: [[1], [], [1, 0, 2]], off: [[1, 2], [2], [1, 0, 2]] });

  test('D8: the cap of the relay counts as a reached limit, and CLOSED says so', async () => {
    const relay = await under.start(batched, { deviations: ['D8'], limits: { maxLimit: 2 } });
    const client = await under.connect(relay);
    await publishAll(client, signed(), signed());
    await subscribe(client, 's', { kinds: [1] });
    expect((await client.message('CLOSED', 's'))[2]).toMatch(/^closed: /);
    expect(relay.subscriptions()).toBe(0);
  });

  test.each([
    ['on', ['D8', 'D12'] as const, ['EOSE', 'EOSE']],
    ['off', ['D8'] as const, ['EOSE', 'CLOSED', 'EOSE']],
  ])('D12 %s: a subscription that is not kept', async (_state, deviations, expected) => {
    const client = await under.connect(await under.start(batched, { deviations }));
    await subscribe(client, 's', { limit: 0 });
    await client.fence();
    expect(labels(client)).toEqual(expected);
  });

  deviation(
    'D25',
    { access: 'follows' },
    async ({ client, relay }) => {
      await subscribe(client, 's', { kinds: [1] });
      client.send('REQ', 's', { kinds: [4] });
      await client.message('CLOSED', 's');
      return relay.subscriptions();
    },
    { on: 1, off: 0 },
  );

  test.each([
    ['on', ['D8', 'D25'] as const, 1],
    ['off', ['D8'] as const, 0],
  ])('D25 %s: a replacing REQ that reached its limit', async (_state, deviations, times) => {
    const client = await under.connect(await under.start(batched, { deviations }));
    await subscribe(client, 's', { kinds: [1] });
    await subscribe(client, 's', { kinds: [7], limit: 0 });
    await client.message('CLOSED', 's');
    await publishAll(client, signed());
    await client.fence();
    expect(client.idsOf('s')).toHaveLength(times);
  });

  deviation(
    'D31',
    {},
    async ({ client, relay }) => {
      const events = [signed()];
      await subscribe(client, 'ids', { ids: [ABSENT] }, { ids: [events[0]?.id] });
      await subscribe(client, 'mixed', { ids: [events[0]?.id] }, { kinds: [7] });
      await publishAll(client, ...events);
      await client.until(() => client.idsOf('mixed').length === 1);
      return [got(client, 'ids', events), relay.subscriptions()];
    },
    { on: [[], 1], off: [[0], 2] },
  );

  test.each([
    ['on', ['D15'] as const, 1],
    ['off', [] as const, 0],
  ])('D15 %s: listeners after the connection has ended', async (_state, deviations, listeners) => {
    let substrate: Substrate | undefined;
    const observed: Strategy = {
      name: 'batched',
      converse: (connection, shared) => {
        substrate = shared;
        return batched.converse(connection, shared);
      },
    };
    const relay = await under.start(observed, { deviations });
    const [leaving, other] = [await under.connect(relay), await under.connect(relay)];
    await subscribe(leaving, 's', { kinds: [1] });
    await leaving.close();
    await expect.poll(() => relay.connections()).toBe(1);
    expect(substrate?.live.size).toBe(listeners);
    await publishAll(other, signed());
    expect(substrate?.live.size).toBe(0);
  });
});

describe('what batched says', () => {
  deviation(
    'D13',
    {},
    async ({ client }) => {
      client.send('REQ', 's', { kinds: 'x' });
      client.send('COUNT', 'c', { kinds: 'x' });
      await client.fence();
      return labels(client);
    },
    { on: ['NOTICE', 'NOTICE', 'EOSE'], off: ['CLOSED', 'CLOSED', 'EOSE'] },
  );

  deviation(
    'D16',
    { access: 'follows' },
    async ({ client }) => {
      await subscribe(client, 'a', {});
      await subscribe(client, 'b', {});
      const challenges = client.messages.filter(([label]) => label === 'AUTH').map(([, text]) => text);
      return [challenges.length, new Set(challenges).size];
    },
    { on: [3, 1], off: [1, 1] },
  );

  deviation(
    'D27',
    { source: { slowKinds: [{ kinds: [7], serviceTimeMs: 200 }] } },
    async ({ client }) => {
      client.send('REQ', 'slow', { kinds: [7] });
      for (let i = 0; i < 150; i += 1) client.send('REQ', `r${i}`, { ids: [ABSENT], limit: 0 });
      await client.answered('slow');
      await client.answered('r99');
      await client.fence();
      return client.messages.filter(([label, id]) => label === 'EOSE' && String(id).startsWith('r')).length;
    },
    { on: 100, off: 150 },
  );
});

describe('EVENT in batched', () => {
  const accepted = async (client: TestClient, event: NostrEvent) => {
    const [, , isAccepted, reason] = await client.publish(event);
    return `${isAccepted} ${String(reason).split(':')[0]}`.trim();
  };

  deviation(
    'D19',
    {},
    async ({ client }) => {
      const event = signed();
      return [await accepted(client, event), await accepted(client, event)];
    },
    { on: ['true', 'false error'], off: ['true', 'true duplicate'] },
  );

  deviation(
    'D20',
    {},
    async ({ client }) => {
      const event = signed();
      await publishAll(client, event, signed({ kind: 5, tags: [['e', event.id]] }));
      client.send('EVENT', event);
      await client.fence();
      const oks = client.messages.filter(([label, id]) => label === 'OK' && id === event.id);
      return oks.map(([, , isAccepted, reason]) => `${isAccepted} ${String(reason).split(':')[0]}`.trim());
    },
    { on: ['true', 'false blocked', 'false error'], off: ['true', 'false blocked'] },
  );

  deviation(
    'D21',
    {},
    async ({ client }) => {
      // An x coordinate above the field's prime: verifying it is an error, and not false.
      const event = { ...signed(), pubkey: ABSENT };
      const broken = { ...event, id: getEventHash(event) };
      return [
        await accepted(client, broken),
        await client.query({ ids: [broken.id] }).then((ids) => ids.length),
      ];
    },
    { on: ['false error', 1], off: ['false invalid', 0] },
  );

  deviation(
    'D22',
    {},
    async ({ client }) => {
      const event = signed({ kind: 20_001 });
      await subscribe(client, 'live', { kinds: [20_001] });
      await publishAll(client, event);
      return [client.idsOf('live').length, (await client.query({ kinds: [20_001] })).length];
    },
    { on: [1, 1], off: [1, 0] },
  );

  deviation('D23', {}, ({ client }) => accepted(client, signed({ tags: [['-']] })), {
    on: 'true',
    off: 'false auth-required',
  });

  test('D23 changes nothing with a mode on', async () => {
    const relay = await under.start(batched, { deviations: ['D23'], access: 'auth-required' });
    const client = await under.connect(relay);
    await authenticate(client, relay, bob);
    expect(await accepted(client, signed({ tags: [['-']] }, alice))).toBe('false restricted');
  });

  deviation(
    'D24',
    {},
    async ({ client }) => {
      const event = signed({ kind: 30_023 });
      client.send('EVENT', event);
      await client.message('OK', event.id).catch(() => undefined);
      return [labels(client), client.closeCode !== undefined];
    },
    { on: [[], true], off: [['OK'], false] },
  );
});

describe('privacy in batched', () => {
  const members = { write: [getPublicKey(bob)] };

  deviation(
    'D9',
    { access: 'follows', members },
    async ({ client, connect, relay }) => {
      const events = [4, 4].map((kind) => signed({ kind }, bob));
      const [publisher, third] = [await connect(), await connect()];
      await authenticate(publisher, relay, bob);
      await authenticate(third, relay, alice);
      await publishAll(publisher, ...events.slice(0, 1));
      for (const one of [client, third]) await subscribe(one, 's', { kinds: [4, 1] });
      await publishAll(publisher, ...events.slice(1));
      for (const one of [client, third]) await one.fence();
      return [got(client, 's', events), got(third, 's', events)];
    },
    { on: [[0, 1], []], off: [[], []] },
  );

  deviation(
    'D10',
    { access: 'follows', members },
    async ({ client, connect, relay }) => {
      const tags = [['private', npubEncode(getPublicKey(bob))]];
      const events = [signed({ tags }, bob), signed({ tags }, bob)];
      const publisher = await connect();
      await authenticate(publisher, relay, bob);
      await publishAll(publisher, ...events.slice(0, 1));
      await subscribe(client, 's', {});
      await publishAll(publisher, ...events.slice(1));
      await client.fence();
      return got(client, 's', events);
    },
    { on: [1], off: [] },
  );

  deviation(
    'D26',
    { access: 'follows', members, batched: { cacheTtlMs: 60_000 } },
    async ({ client, connect, relay }) => {
      const party = await connect();
      await authenticate(party, relay, bob);
      await publishAll(party, signed({ kind: 4 }, bob));
      return [(await party.query({ since: 1 })).length, (await client.query({ since: 1 })).length];
    },
    { on: [1, 1], off: [1, 0] },
  );

  deviation(
    'D11',
    { batched: { cacheTtlMs: 60_000 } },
    async ({ client }) => {
      await publishAll(client, signed());
      await subscribe(client, 'first', { kinds: [1] });
      await subscribe(client, 'second', { kinds: [1] });
      await client.fence();
      return client.messages.filter(([, id]) => id === 'second').map(([label]) => label);
    },
    { on: ['EVENT', 'EOSE', 'EVENT', 'EOSE'], off: ['EVENT', 'EOSE'] },
  );
});

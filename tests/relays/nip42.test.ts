import { finalizeEvent, type NostrEvent } from 'nostr-tools/pure';
import { describe, expect, test } from 'vitest';
import { batched, type ReferenceRelay, streaming } from '../../relays/index.js';
import { TestClient } from './client.js';
import { alice, bob, signed } from './events.js';
import { relaysUnderTest, strategies } from './relays.js';

const under = relaysUnderTest();
const AUTH_REQUIRED = { access: 'auth-required' } as const;
const now = () => Math.floor(Date.now() / 1000);

function answerTo(
  challenge: string,
  relay: string,
  changes: { created_at?: number; kind?: number; key?: Uint8Array } = {},
): NostrEvent {
  const { key = alice, ...fields } = changes;
  const tags = [
    ['relay', relay],
    ['challenge', challenge],
  ];
  return finalizeEvent({ kind: 22_242, created_at: now(), content: '', tags, ...fields }, key);
}

/** Gets the challenge, by a refusal if need be. */
async function challengeOf(client: TestClient): Promise<string> {
  client.send('REQ', 'refused', {});
  await client.message('CLOSED', 'refused');
  return String((await client.message('AUTH'))[1]);
}

async function authenticate(client: TestClient, event: NostrEvent) {
  client.send('AUTH', event);
  return client.message('OK', event.id);
}

async function connected(strategy: (typeof strategies)[number]): Promise<[ReferenceRelay, TestClient]> {
  const relay = await under.start(strategy, AUTH_REQUIRED);
  return [relay, await under.connect(relay)];
}

describe.each(strategies)('AUTH is verified where EVENTs are: $name', (strategy) => {
  test.each([
    ['on threads', { verifyThreads: 2 }],
    ['on the only thread', { verifyThreads: 0 }],
    ['where EVENTs are taken as they come', { verifySignatures: false }],
  ] as const)(
    '%s, a forged one is refused, and what follows a right one has it at once',
    async (_, settings) => {
      const relay = await under.start(strategy, { ...AUTH_REQUIRED, ...settings });
      const client = await under.connect(relay);
      const right = answerTo(await challengeOf(client), relay.url);
      const forged = { ...right, sig: `${'0'.repeat(127)}1` };
      expect((await authenticate(client, forged))[2]).toBe(false);
      client.send('REQ', 'before', {});
      expect((await client.message('CLOSED', 'before'))[2]).toMatch(/^auth-required: /);
      client.send('AUTH', right);
      client.send('REQ', 'behind', {});
      await client.message('EOSE', 'behind');
    },
  );
});

describe.each(strategies)('NIP-42 over a socket: $name', (strategy) => {
  test('refuses REQ and EVENT by auth-required: with the challenge sent before, and serves after AUTH', async () => {
    const [relay, client] = await connected(strategy);
    const event = signed();
    expect(await client.publish(event)).toEqual([
      'OK',
      event.id,
      false,
      expect.stringMatching(/^auth-required: /),
    ]);
    expect(client.messages[0]?.[0]).toBe('AUTH');
    client.send('REQ', 's', {});
    expect(await client.message('CLOSED', 's')).toEqual([
      'CLOSED',
      's',
      expect.stringMatching(/^auth-required: /),
    ]);
    expect(client.messages.filter((m) => m[0] === 'AUTH')).toHaveLength(1);
    const auth = answerTo(await challengeOf(client), relay.url);
    expect(await authenticate(client, auth)).toEqual(['OK', auth.id, true, '']);
    expect(await client.publish(event)).toEqual(['OK', event.id, true, '']);
    expect(await client.query({})).toEqual([event.id]);
  });

  test('the AUTH event is neither stored nor delivered, and refused as EVENT', async () => {
    const [relay, client] = await connected(strategy);
    const challenge = await challengeOf(client);
    await authenticate(client, answerTo(challenge, relay.url));
    client.send('REQ', 'all', {});
    await client.message('EOSE', 'all');
    const second = answerTo(challenge, relay.url, { key: bob });
    await authenticate(client, second);
    const asEvent = answerTo(challenge, relay.url, { created_at: now() - 1 });
    expect((await client.publish(asEvent)).slice(2)).toEqual([false, expect.stringMatching(/^invalid: /)]);
    expect(await client.query({ kinds: [22_242] })).toEqual([]);
    expect(client.idsOf('all')).toEqual([]);
  });

  test.each([
    ['the challenge of nobody', (_c: string, url: string) => answerTo('x', url)],
    ['another relay', (c: string) => answerTo(c, 'ws://other.example')],
    ['another port', (c: string, url: string) => answerTo(c, url.replace(/:\d+$/, ':1'))],
    ['no URL at all', (c: string) => answerTo(c, 'x')],
    ['another kind', (c: string, url: string) => answerTo(c, url, { kind: 1 })],
    ['a time an hour ago', (c: string, url: string) => answerTo(c, url, { created_at: now() - 3600 })],
    ['a time an hour ahead', (c: string, url: string) => answerTo(c, url, { created_at: now() + 3600 })],
    ['another signature', (c: string, url: string) => ({ ...answerTo(c, url), sig: signed().sig })],
  ])('refuses an AUTH with %s', async (_name, build) => {
    const [relay, client] = await connected(strategy);
    const auth = build(await challengeOf(client), relay.url);
    expect(await authenticate(client, auth)).toEqual([
      'OK',
      auth.id,
      false,
      expect.stringMatching(/^invalid: /),
    ]);
    client.send('REQ', 'still', {});
    expect((await client.answered('still'))[0]).toBe('CLOSED');
  });

  test('takes the address that the client used, and its own', async () => {
    const relay = await under.start(strategy, AUTH_REQUIRED);
    const named = await TestClient.connect(relay.url, { headers: { host: 'Relay.Example' } });
    const challenge = await challengeOf(named);
    expect((await authenticate(named, answerTo(challenge, 'wss://relay.example/'))).slice(2)).toEqual([
      true,
      '',
    ]);
    expect((await authenticate(named, answerTo(challenge, `${relay.url}/`, { key: bob }))).slice(2)).toEqual([
      true,
      '',
    ]);
    await named.close();
  });

  test('authentication stays on its connection', async () => {
    const [relay, client] = await connected(strategy);
    const auth = answerTo(await challengeOf(client), relay.url);
    await authenticate(client, auth);
    const other = await under.connect(relay);
    await challengeOf(other);
    expect((await authenticate(other, auth))[2]).toBe(false);
    other.send('REQ', 'x', {});
    expect((await other.answered('x'))[0]).toBe('CLOSED');
  });
});

test('streaming sends no challenge before something is refused; an open relay sends none at all', async () => {
  const relay = await under.start(streaming, AUTH_REQUIRED);
  const client = await under.connect(relay);
  client.sendText('x');
  await client.message('NOTICE');
  expect(client.messages.map((m) => m[0])).toEqual(['NOTICE']);
  client.send('REQ', 's', {});
  await client.message('CLOSED');
  expect(client.messages.map((m) => m[0])).toEqual(['NOTICE', 'AUTH', 'CLOSED']);
});

test('batched challenges at connect when the mode needs it', async () => {
  const client = await under.connect(await under.start(batched, AUTH_REQUIRED));
  expect(await client.message('AUTH')).toEqual(['AUTH', expect.stringMatching(/^[0-9a-f]{64}$/)]);
  const open = await under.connect(await under.start(batched));
  await open.fence();
  expect(open.messages.map((m) => m[0])).toEqual(['EOSE']);
});

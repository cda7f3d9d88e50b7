import { getPublicKey } from 'nostr-tools/pure';
import { describe, expect, test } from 'vitest';
import { authenticate } from './authenticate.js';
import type { TestClient } from './client.js';
import { alice, bob, signed } from './events.js';
import { relaysUnderTest, strategies } from './relays.js';

const under = relaysUnderTest();

async function count(client: TestClient, ...filters: unknown[]) {
  const id = `c${client.messages.length}`;
  client.send('COUNT', id, ...filters);
  return (await client.message('COUNT', id))[2];
}

describe.each(strategies)('NIP-45 COUNT: $name', (strategy) => {
  test('counts what matches at least one filter, whatever limits say, and opens nothing', async () => {
    const relay = await under.start(strategy, { limits: { maxLimit: 2 }, source: { serviceTimeMs: 1 } });
    const client = await under.connect(relay);
    const notes = Array.from({ length: 5 }, () => signed({ kind: 1 }));
    for (const event of [...notes, signed({ kind: 7 }), signed({ kind: 7 }, bob)])
      await client.publish(event);
    expect(await count(client, {})).toEqual({ count: 7 });
    expect(await count(client, { kinds: [1], limit: 1 })).toEqual({ count: 5 });
    expect(await count(client, { kinds: [1] }, { authors: [notes[0]?.pubkey] })).toEqual({ count: 6 });
    expect(await count(client, { kinds: [1] }, { kinds: [7] })).toEqual({ count: 7 });
    expect(await count(client, { kinds: [3] })).toEqual({ count: 0 });
    expect(relay.subscriptions()).toBe(0);
  });

  test('a refused COUNT gets CLOSED, and a subscription with the same id lives on', async () => {
    const client = await under.connect(await under.start(strategy));
    client.send('REQ', 's', { kinds: [1] });
    await client.answered('s');
    client.send('COUNT', 's', { kinds: 'x' });
    client.send('COUNT', 's');
    await client.until(() => client.messages.filter((m) => m[0] === 'CLOSED').length === 2);
    expect(client.messages.at(-1)).toEqual(['CLOSED', 's', expect.stringMatching(/^invalid: /)]);
    const event = signed();
    await client.publish(event);
    await client.fence();
    expect(client.idsOf('s')).toEqual([event.id]);
  });

  test('counts only what the client may see, and finish is not said where something was withheld', async () => {
    const relay = await under.start(strategy, {
      access: 'follows',
      completenessHints: true,
      members: { write: [getPublicKey(alice)] },
    });
    const author = await under.connect(relay);
    await authenticate(author, relay, alice);
    await author.publish(signed({ kind: 1 }));
    expect((await author.publish(signed({ kind: 4, tags: [['p', getPublicKey(bob)]] })))[2]).toBe(true);
    const stranger = await under.connect(relay);
    expect(await count(author, {})).toEqual({ count: 2 });
    expect(await count(stranger, {})).toEqual({ count: 1 });
    stranger.send('REQ', 's', {});
    expect(await stranger.answered('s')).toEqual(['EOSE', 's']);
    stranger.send('COUNT', 'c', { kinds: [4] });
    expect((await stranger.message('CLOSED', 'c'))[2]).toMatch(/^auth-required: /);
  });

  test('where AUTH is required, it is for COUNT too', async () => {
    const client = await under.connect(await under.start(strategy, { access: 'auth-required' }));
    client.send('COUNT', 'c', {});
    expect((await client.message('CLOSED', 'c'))[2]).toMatch(/^auth-required: /);
    expect(client.messages[0]?.[0]).toBe('AUTH');
  });
});

describe.each(strategies)('NIP-67 hints: $name', (strategy) => {
  test('finish is said when everything that matches was sent, and never when a limit was reached', async () => {
    const relay = await under.start(strategy, { limits: { maxLimit: 4 }, completenessHints: true });
    const client = await under.connect(relay);
    for (let i = 0; i < 3; i += 1) await client.publish(signed());
    const eose = async (...filters: unknown[]) => {
      const id = `h${client.messages.length}`;
      client.send('REQ', id, ...filters);
      return (await client.answered(id)).slice(2);
    };
    expect(await eose({})).toEqual([['finish']]);
    expect(await eose({ limit: 4 }, { ids: ['0'.repeat(64)] })).toEqual([['finish']]);
    expect(await eose({ limit: 2 })).toEqual([]);
    expect(await eose({ limit: 3 })).toEqual([]);
    expect(await eose({ limit: 0 })).toEqual([]);
    expect(await eose({}, { limit: 1 })).toEqual([]);
    await client.publish(signed());
    await client.publish(signed());
    expect(await eose({})).toEqual([]);
  });
});

describe.each(strategies)('NIP-70 protected events: $name', (strategy) => {
  test('are refused with a challenge, also in an open relay; reposts must not embed them', async () => {
    const client = await under.connect(await under.start(strategy));
    const guarded = signed({ tags: [['-']] });
    expect((await client.publish(guarded)).slice(2)).toEqual([
      false,
      expect.stringMatching(/^auth-required: /),
    ]);
    expect(client.messages[0]?.[0]).toBe('AUTH');
    const repost = signed({ kind: 6, content: JSON.stringify(guarded) });
    expect((await client.publish(repost)).slice(2)).toEqual([false, expect.stringMatching(/^blocked: /)]);
    expect((await client.publish(signed({ kind: 6, content: JSON.stringify(signed()) })))[2]).toBe(true);
    expect(await client.query({ kinds: [1] })).toEqual([]);
  });
});

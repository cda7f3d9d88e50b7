import { describe, expect, test } from 'vitest';
import { signed } from './events.js';
import { relaysUnderTest, strategies } from './relays.js';

const under = relaysUnderTest();

describe.each(strategies)('$name with verification threads', (strategy) => {
  const start = () => under.start(strategy, { verifyThreads: 2 });
  const oksOf = (messages: readonly (readonly unknown[])[]) => messages.filter(([label]) => label === 'OK');

  test('answers many EVENTs sent at once, each once and in their order, and keeps the right ones', async () => {
    const client = await under.connect(await start());
    const events = Array.from({ length: 150 }, (_, i) => {
      const event = signed({ content: `${i}` });
      return i % 10 === 3 ? { ...event, sig: '0'.repeat(128) } : event;
    });
    for (const event of events) client.send('EVENT', event);
    await client.until(() => oksOf(client.messages).length === events.length);
    expect(oksOf(client.messages).map(([, id, accepted]) => [id, accepted])).toEqual(
      events.map(({ id }, i) => [id, i % 10 !== 3]),
    );
    client.send('COUNT', 'kept', { kinds: [1] });
    expect((await client.message('COUNT', 'kept'))[2]).toEqual({ count: 135 });
  });

  test('serves others meanwhile, and delivers what was verified', async () => {
    const relay = await start();
    const [publisher, reader] = [await under.connect(relay), await under.connect(relay)];
    reader.send('REQ', 'live', { kinds: [1] });
    await reader.answered('live');
    const events = Array.from({ length: 60 }, (_, i) => signed({ content: `${i}` }));
    for (const event of events) publisher.send('EVENT', event);
    reader.send('REQ', 'meanwhile', { kinds: [7] });
    await reader.answered('meanwhile');
    const live = () => reader.messages.filter(([label, id]) => label === 'EVENT' && id === 'live');
    await reader.until(() => live().length === events.length);
    expect(live().map(([, , event]) => JSON.stringify(event))).toEqual(
      events.map((event) => JSON.stringify(event)),
    );
  });

  test('an OK for an event that was deleted or replaced meanwhile says the same as without threads', async () => {
    const client = await under.connect(await start());
    const note = signed();
    const deletion = signed({ kind: 5, tags: [['e', note.id]] });
    const [older, newer] = [signed({ kind: 0, content: 'a' }), signed({ kind: 0, content: 'b' })];
    for (const event of [note, deletion, note, newer, older]) client.send('EVENT', event);
    await client.until(() => oksOf(client.messages).length === 5);
    expect(oksOf(client.messages).map(([, , accepted, reason]) => [accepted, reason])).toEqual([
      [true, ''],
      [true, ''],
      [false, 'blocked: its author has deleted this event'],
      [true, ''],
      [true, 'duplicate: a newer version of this event is here'],
    ]);
  });

  test('closing in the middle of it ends all the same, and says OK for nothing that is not kept', async () => {
    const relay = await start();
    const client = await under.connect(relay);
    for (let i = 0; i < 200; i += 1) client.send('EVENT', signed({ content: `${i}` }));
    await client.until(() => oksOf(client.messages).length > 0);
    await relay.close();
    await expect.poll(() => client.closeCode).toBeDefined();
    expect(oksOf(client.messages).every(([, , accepted]) => accepted)).toBe(true);
  });

  test('its NIP-11 document says how many', async () => {
    const { url } = await start();
    const headers = { accept: 'application/nostr+json' };
    const response = await fetch(url.replace('ws:', 'http:'), { headers });
    expect(await response.json()).toMatchObject({ verify_threads: 2 });
  });
});

describe.each(strategies)('$name with a bound on connections', (strategy) => {
  test('turns one more away by 503, says so in metrics and NIP-11, and lets in again', async () => {
    const relay = await under.start(strategy, { limits: { maxConnections: 2 } });
    const clients = [await under.connect(relay), await under.connect(relay)];
    await expect(under.connect(relay)).rejects.toThrow('503');
    await clients[0]?.close();
    await expect.poll(() => relay.connections()).toBe(1);
    const again = await under.connect(relay);
    await again.fence();
    const headers = { accept: 'application/nostr+json' };
    const document = await (await fetch(relay.url.replace('ws:', 'http:'), { headers })).json();
    expect(document).toMatchObject({ limitation: { max_connections: 2 } });
  });
});

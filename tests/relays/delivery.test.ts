import { describe, expect, test } from 'vitest';
import { batched, streaming } from '../../relays/index.js';
import { LIVE_CAP_BYTES } from '../../relays/server/outbox.js';
import { signed } from './events.js';
import { relaysUnderTest, strategies } from './relays.js';

const under = relaysUnderTest();

describe.each(strategies)('what arrives, and when: $name', (strategy) => {
  test('loses nothing and repeats nothing while many publish and REQs start', {
    timeout: 60_000,
  }, async () => {
    const relay = await under.start(strategy, { verifySignatures: false });
    const events = Array.from({ length: 8 }, (_, publisher) =>
      Array.from({ length: 60 }, (_, i) => signed({ content: `${publisher} ${i}` })),
    );
    const publishers = await Promise.all(events.map(() => under.connect(relay)));
    const readers = await Promise.all(Array.from({ length: 4 }, () => under.connect(relay)));
    const publishing = publishers.map(async (client, p) => {
      for (const event of events[p] ?? []) await client.publish(event);
    });
    const subscribing = readers.map(async (client) => {
      for (let i = 0; i < 50; i += 1) {
        client.send('REQ', `r${i}`, { kinds: [1] });
        await client.answered(`r${i}`);
      }
    });
    await Promise.all([...publishing, ...subscribing]);
    await Promise.all(readers.map((client) => client.fence()));
    const all = events
      .flat()
      .map((event) => event.id)
      .toSorted();
    for (const client of readers) {
      for (let i = 0; i < 50; i += 1) expect(client.idsOf(`r${i}`).toSorted()).toEqual(all);
    }
  });

  test('answers another client while a slow source is waited for', async () => {
    const slowKinds = [{ kinds: [7], serviceTimeMs: 400 }];
    const relay = await under.start(strategy, { source: { slowKinds } });
    const [slow, other] = [await under.connect(relay), await under.connect(relay)];
    const events = [signed({ kind: 7 }), signed({ kind: 7 }), signed({ kind: 1 }), signed({ kind: 1 })];
    for (const event of events) await other.publish(event);
    slow.send('REQ', 's', { kinds: [7] }, { kinds: [1] });
    const before = slow.messages.length;
    expect(await other.query({ ids: [events[0]?.id] })).toEqual([events[0]?.id]);
    if (strategy === batched) expect(slow.messages).toHaveLength(before);
    await slow.answered('s');
    const [a, b, c, d] = events.map((event) => event.id);
    expect(slow.idsOf('s')).toEqual(strategy === streaming ? [d, c, b, a] : [b, a, d, c]);
  });

  test('events saved while a slow source is waited for arrive once', async () => {
    const relay = await under.start(strategy, { source: { serviceTimeMs: 150 } });
    const [slow, other] = [await under.connect(relay), await under.connect(relay)];
    const [stored, live] = [signed(), signed()];
    await other.publish(stored);
    slow.send('REQ', 's', { kinds: [1] }, { kinds: [1], limit: 1 });
    await other.fence();
    await other.publish(live);
    await slow.answered('s');
    await slow.fence();
    const ids = slow.idsOf('s');
    // A filter's listener each: streaming sends what two filters match twice (D3), batched once.
    const times = strategy === streaming ? 2 : 1;
    expect(ids.filter((id) => id === stored.id)).toHaveLength(times);
    expect(ids.filter((id) => id === live.id)).toHaveLength(times);
    if (strategy === batched) {
      expect(slow.messages.map((m) => m[0]).slice(0, 3)).toEqual(['EVENT', 'EOSE', 'EVENT']);
    }
  });

  test('a client that reads nothing is cut off by live events, and the others get them all', {
    timeout: 60_000,
  }, async () => {
    const relay = await under.start(strategy, { verifySignatures: false });
    const [deaf, reader, publisher] = [
      await under.connect(relay),
      await under.connect(relay),
      await under.connect(relay),
    ];
    for (const client of [deaf, reader]) {
      client.send('REQ', 'live', { kinds: [1] });
      await client.message('EOSE', 'live');
    }
    deaf.socket.pause();
    const template = signed({ content: 'x'.repeat(400_000) });
    // The kernel's own buffers take some megabytes before anything stays in the relay.
    const count = Math.ceil((LIVE_CAP_BYTES + 24e6) / 400_000);
    for (let i = 0; i < count; i += 1) {
      await publisher.publish({ ...template, id: i.toString(16).padStart(64, '0') });
    }
    await reader.until(() => reader.idsOf('live').length === count);
    await expect.poll(() => relay.connections()).toBe(2);
  });

  test('a client that reads nothing and asks for much is held back, and served when it reads', {
    timeout: 60_000,
  }, async () => {
    const relay = await under.start(strategy, { verifySignatures: false });
    const [late, other] = [await under.connect(relay), await under.connect(relay)];
    const template = signed({ content: 'x'.repeat(100_000) });
    for (let i = 0; i < 50; i += 1)
      await other.publish({ ...template, id: i.toString(16).padStart(64, '0') });
    late.socket.pause();
    for (let i = 0; i < 10; i += 1) late.send('REQ', `r${i}`, { kinds: [1] });
    expect(await other.query({ ids: ['0'.repeat(64)] })).toHaveLength(1);
    late.socket.resume();
    for (let i = 0; i < 10; i += 1) {
      await late.answered(`r${i}`);
      expect(late.idsOf(`r${i}`)).toHaveLength(50);
    }
  });
});

describe('CLOSE', () => {
  const slowSource = (delivery: 'streaming' | 'collecting') => ({ source: { delivery, serviceTimeMs: 150 } });

  test.each([
    ['streaming', 0],
    ['collecting', 1],
  ] as const)('streaming: after it a %s source still speaks %i time(s) (D28)', async (delivery, times) => {
    const relay = await under.start(streaming, slowSource(delivery));
    const client = await under.connect(relay);
    const [stored, live] = [signed(), signed()];
    await client.publish(stored);
    client.send('REQ', 's', {});
    client.send('CLOSE', 's');
    await client.publish(live);
    await client.fence();
    expect(client.idsOf('s')).toEqual(times === 1 ? [stored.id] : []);
    expect(client.messages.filter((m) => m[0] === 'EOSE' && m[1] === 's')).toHaveLength(times);
    expect(relay.subscriptions()).toBeLessThanOrEqual(1);
  });

  test('streaming: a REQ with the same id silences what a closed one would still say', async () => {
    const relay = await under.start(streaming, slowSource('collecting'));
    const client = await under.connect(relay);
    const [note, reaction] = [signed({ kind: 1 }), signed({ kind: 7 })];
    await client.publish(note);
    await client.publish(reaction);
    client.send('REQ', 's', { kinds: [1] });
    client.send('CLOSE', 's');
    client.send('REQ', 's', { kinds: [7] });
    await client.answered('s');
    await client.fence();
    expect(client.idsOf('s')).toEqual([reaction.id]);
  });

  test('batched: it waits for the REQ before it', async () => {
    const relay = await under.start(batched, slowSource('streaming'));
    const client = await under.connect(relay);
    const stored = signed();
    await client.publish(stored);
    client.send('REQ', 's', {});
    client.send('CLOSE', 's');
    client.send('REQ', 't', { limit: 0 });
    await client.answered('t');
    expect(client.messages.slice(1).map((m) => m.slice(0, 2))).toEqual([
      ['EVENT', 's'],
      ['EOSE', 's'],
      ['EOSE', 't'],
    ]);
    expect(relay.subscriptions()).toBe(1);
  });
});

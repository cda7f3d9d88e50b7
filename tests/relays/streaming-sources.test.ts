import { describe, expect, test } from 'vitest';
import { streaming } from '../../relays/index.js';
import { signed } from './events.js';
import { relaysUnderTest } from './relays.js';

const under = relaysUnderTest();

describe.each(['streaming', 'collecting'] as const)('a %s source', (delivery) => {
  test('that fails is told by a NOTICE and counts as finished: the others answer, EOSE comes, it goes live', async () => {
    const relay = await under.start(streaming, { source: { delivery, failKinds: [7] } });
    const client = await under.connect(relay);
    const [note, reaction] = [signed({ kind: 1 }), signed({ kind: 7 })];
    for (const event of [note, reaction]) await client.publish(event);
    client.send('REQ', 's', { kinds: [7] }, { kinds: [1] });
    expect(await client.answered('s')).toEqual(['EOSE', 's']);
    expect(client.messages).toContainEqual(['NOTICE', expect.stringMatching(/^error: /)]);
    expect(client.idsOf('s')).toEqual([note.id]);
    const live = signed({ kind: 7 });
    await client.publish(live);
    expect(client.idsOf('s')).toEqual([note.id, live.id]);
  });

  test('that fails makes a COUNT end by CLOSED, not by a wrong number', async () => {
    const relay = await under.start(streaming, { source: { delivery, failKinds: [7] } });
    const client = await under.connect(relay);
    client.send('COUNT', 'c', { kinds: [1] }, { kinds: [7] });
    expect(await client.message('CLOSED', 'c')).toEqual(['CLOSED', 'c', expect.stringMatching(/^error: /)]);
  });

  test('that hangs holds back its EOSE only: other filters, REQs and live events go on', async () => {
    const relay = await under.start(streaming, { source: { delivery, hangKinds: [7] } });
    const client = await under.connect(relay);
    const note = signed({ kind: 1 });
    await client.publish(note);
    client.send('REQ', 's', { kinds: [7] }, { kinds: [1] });
    expect(await client.query({ kinds: [1] })).toEqual([note.id]);
    const live = signed({ kind: 7 });
    await client.publish(live);
    expect(client.idsOf('s')).toEqual([note.id, live.id]);
    expect(client.messages.filter((m) => m[0] === 'EOSE' && m[1] === 's')).toEqual([]);
  });

  test('that hangs is let go of by CLOSE, by a replacing REQ and by the end of the connection', async () => {
    const relay = await under.start(streaming, {
      source: { delivery, hangKinds: [7] },
      limits: { maxSubscriptions: 1 },
    });
    const client = await under.connect(relay);
    for (const end of ['CLOSE', 'REQ'] as const) {
      client.send('REQ', 's', { kinds: [7] });
      client.send('COUNT', 'c', { kinds: [7] });
      if (end === 'CLOSE') client.send('CLOSE', 's');
      else client.send('REQ', 's', { kinds: [1] });
      if (end === 'REQ') expect((await client.answered('s'))[0]).toBe('EOSE');
      client.send('CLOSE', 's');
      await client.fence();
    }
    expect(client.messages.filter((m) => m[0] === 'EOSE' && m[1] === 's')).toHaveLength(1);
    client.send('REQ', 's', { kinds: [7] });
    await expect.poll(() => relay.subscriptions()).toBe(1);
    await client.close();
    await expect.poll(() => relay.subscriptions()).toBe(0);
  });
});

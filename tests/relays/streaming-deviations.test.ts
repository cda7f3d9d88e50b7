import { finalizeEvent } from 'nostr-tools/pure';
import { describe, expect, test } from 'vitest';
import {
  batched,
  createStreaming,
  type Filter,
  type RelayHooks,
  type RelaySettingsInput,
  type Strategy,
  streaming,
} from '../../relays/index.js';
import type { TestClient } from './client.js';
import { alice, bob, signed } from './events.js';
import { relaysUnderTest } from './relays.js';

const under = relaysUnderTest();

async function connected(strategy: Strategy, settings: RelaySettingsInput = {}) {
  const relay = await under.start(strategy, settings);
  return { relay, client: await under.connect(relay) };
}

const withHooks = (hooks: Partial<RelayHooks>) => createStreaming({ hooks });

const refusingReactions = withHooks({
  rejectFilter: [(filter: Filter) => (filter.kinds?.has(7) ? 'no reactions here' : undefined)],
});

const countOf = (client: TestClient, label: string, id: string) =>
  client.messages.filter((m) => m[0] === label && m[1] === id).length;

/** On: the deviation alone. Off: a clean relay. */
const both = (id: 'D1' | 'D2' | 'D5' | 'D6' | 'D7' | 'D13' | 'D17' | 'D18' | 'D29' | 'D30') =>
  [
    { name: 'on', on: true, deviations: [id] },
    { name: 'off', on: false, deviations: [] },
  ] as const;

describe.each(both('D1'))('D1 $name', ({ on, deviations }) => {
  test(`a second REQ with the same id ${on ? 'adds to' : 'replaces'} the first, and a CLOSE ends all`, async () => {
    const { client, relay } = await connected(streaming, { deviations });
    client.send('REQ', 's', { kinds: [1] });
    await client.answered('s');
    client.send('REQ', 's', { kinds: [7] });
    await client.fence();
    const [note, reaction] = [signed({ kind: 1 }), signed({ kind: 7 })];
    await client.publish(note);
    await client.publish(reaction);
    expect(client.idsOf('s')).toEqual(on ? [note.id, reaction.id] : [reaction.id]);
    client.send('CLOSE', 's');
    await client.publish(signed({ kind: 1 }));
    await client.publish(signed({ kind: 7 }));
    expect(client.idsOf('s')).toHaveLength(on ? 2 : 1);
    await client.fence();
    // The fence has sent its own CLOSE, which nothing answers.
    await expect.poll(() => relay.subscriptions()).toBe(0);
  });
});

describe.each(both('D2'))('D2 $name', ({ on, deviations }) => {
  const good = { kinds: [1] };
  test.each([
    ['a hook refuses', refusingReactions, [good, { kinds: [7] }]],
    ['is malformed', streaming, [good, { kinds: 'x' }]],
  ] as const)(
    `filters before one that %s ${on ? 'run and listen' : 'are silent'}`,
    async (_how, strategy, filters) => {
      const { client, relay } = await connected(strategy, { deviations });
      const [stored, live] = [signed(), signed()];
      await client.publish(stored);
      client.send('REQ', 's', ...filters);
      expect((await client.answered('s'))[0]).toBe('CLOSED');
      await client.publish(live);
      await client.fence();
      expect(client.idsOf('s')).toEqual(on ? [stored.id, live.id] : []);
      expect(countOf(client, 'EOSE', 's')).toBe(0);
      expect(countOf(client, 'CLOSED', 's')).toBe(1);
      await expect.poll(() => relay.subscriptions()).toBe(on ? 1 : 0);
    },
  );

  test('a refused first filter leaves nothing', async () => {
    const { client } = await connected(refusingReactions, { deviations });
    client.send('REQ', 's', { kinds: [7] }, good);
    await client.answered('s');
    await client.publish(signed());
    expect(client.idsOf('s')).toEqual([]);
  });
});

describe.each(both('D5'))('D5 $name', ({ on, deviations }) => {
  test.each([
    ['needs AUTH', streaming, 'auth-required', {}],
    ['a hook refuses', withHooks({ rejectCount: [() => 'too dear'] }), 'open', {}],
  ] as const)(
    `a COUNT that %s is answered by ${on ? 'NOTICE and 0' : 'CLOSED'}`,
    async (_why, strategy, access, filter) => {
      const { client } = await connected(strategy, { deviations, access });
      client.send('COUNT', 'c', filter);
      if (on) {
        expect(await client.message('COUNT', 'c')).toEqual(['COUNT', 'c', { count: 0 }]);
        expect(client.messages.map((m) => m[0])).toContain('NOTICE');
        expect(countOf(client, 'CLOSED', 'c')).toBe(0);
      } else {
        const closed = ['CLOSED', 'c', expect.stringMatching(/^(auth-required|invalid|blocked): ./)];
        expect(await client.message('CLOSED', 'c')).toEqual(closed);
        expect(countOf(client, 'COUNT', 'c')).toBe(0);
      }
    },
  );
});

describe.each(both('D7'))('D7 $name', ({ on, deviations }) => {
  test(`what is saved between query and EOSE ${on ? 'is lost' : 'arrives'}`, async () => {
    const slowKinds = [{ kinds: [7], serviceTimeMs: 200 }];
    const { client, relay } = await connected(streaming, { deviations, source: { slowKinds } });
    const writer = await under.connect(relay);
    const stored = signed({ kind: 7 });
    await writer.publish(stored);
    client.send('REQ', 's', { kinds: [7] });
    client.send('REQ', 'live', { kinds: [7], limit: 0 });
    await client.answered('live');
    const [between, after] = [signed({ kind: 7 }), signed({ kind: 7 })];
    await writer.publish(between);
    await client.answered('s');
    await writer.publish(after);
    await client.fence();
    expect(client.idsOf('live')).toEqual([between.id, after.id]);
    const live = client.idsOf('s').filter((id) => id !== stored.id);
    expect(live).toEqual(on ? [after.id] : [between.id, after.id]);
  });

  test('a CLOSE before EOSE leaves nothing', async () => {
    const { client, relay } = await connected(streaming, { deviations, source: { serviceTimeMs: 50 } });
    client.send('REQ', 's', {});
    client.send('CLOSE', 's');
    await client.fence();
    await client.publish(signed());
    expect(client.idsOf('s')).toEqual([]);
    await expect.poll(() => relay.subscriptions()).toBe(0);
  });
});

describe.each(both('D13'))('D13 $name', ({ on, deviations }) => {
  test.each(['REQ', 'COUNT'])(`a malformed %s gets a ${on ? 'NOTICE' : 'CLOSED'}`, async (label) => {
    const { client } = await connected(streaming, { deviations });
    client.send(label, 's', { kinds: [1] }, { kinds: 'x' });
    await client.fence();
    expect(client.messages.map(([said]) => said)).toEqual([on ? 'NOTICE' : 'CLOSED', 'EOSE']);
  });
});

describe.each([streaming, batched])('D6: $name', (strategy) => {
  test.each(both('D6'))('$name: of two authenticated keys', async ({ on, deviations }) => {
    const { client, relay } = await connected(strategy, { access: 'auth-required', deviations });
    client.send('REQ', 'x', {});
    await client.message('CLOSED', 'x');
    const tags = [
      ['relay', relay.url],
      ['challenge', String((await client.message('AUTH'))[1])],
    ];
    for (const key of [alice, bob]) {
      const created_at = Math.floor(Date.now() / 1000);
      const auth = finalizeEvent({ kind: 22_242, created_at, content: '', tags }, key);
      client.send('AUTH', auth);
      expect((await client.message('OK', auth.id))[2]).toBe(true);
    }
    const [first, last] = [alice, bob].map((key) => signed({ tags: [['-']] }, key));
    expect(await client.publish(first ?? signed())).toEqual([
      'OK',
      first?.id,
      !on,
      on ? expect.stringMatching(/^restricted: /) : '',
    ]);
    expect((await client.publish(last ?? signed()))[2]).toBe(true);
  });
});

describe.each(both('D17'))('D17 $name', ({ on, deviations }) => {
  test(`limit 0 ${on ? 'is not checked, and listens' : 'is checked like any other'}`, async () => {
    const { client } = await connected(refusingReactions, { deviations });
    client.send('REQ', 's', { kinds: [7], limit: 0 });
    expect((await client.answered('s'))[0]).toBe(on ? 'EOSE' : 'CLOSED');
    const event = signed({ kind: 7 });
    await client.publish(event);
    expect(client.idsOf('s')).toEqual(on ? [event.id] : []);
    client.send('REQ', 't', { kinds: [7], limit: 1 });
    expect((await client.answered('t'))[0]).toBe('CLOSED');
  });

  test('a client without AUTH and limit 0 in a relay that requires it', async () => {
    const { client } = await connected(streaming, { deviations, access: 'auth-required' });
    client.send('REQ', 's', { limit: 0 });
    expect((await client.answered('s'))[0]).toBe(on ? 'EOSE' : 'CLOSED');
  });
});

describe.each(both('D18'))('D18 $name', ({ on, deviations }) => {
  test(`an overwritten filter holds for ${on ? 'stored events only' : 'stored and live events'}`, async () => {
    const overwriting = withHooks({ overwriteFilter: [(filter) => ({ ...filter, kinds: new Set([1]) })] });
    const { client } = await connected(overwriting, { deviations });
    const events = [1, 7, 1, 7].map((kind) => signed({ kind }));
    const [note, , liveNote, liveReaction] = events.map(({ id }) => id);
    for (const event of events.slice(0, 2)) await client.publish(event);
    client.send('REQ', 's', {});
    await client.answered('s');
    for (const event of events.slice(2)) await client.publish(event);
    expect(client.idsOf('s')).toEqual(on ? [note, liveNote, liveReaction] : [note, liveNote]);
  });
});

describe.each(both('D29'))('D29 $name', ({ on, deviations }) => {
  test(`a CLOSE right behind its REQ ${on ? 'overtakes it' : 'ends it'}`, async () => {
    const { client, relay } = await connected(streaming, { deviations });
    client.send('REQ', 's', { kinds: [1] });
    client.send('CLOSE', 's');
    await client.fence();
    const event = signed();
    await client.publish(event);
    expect(client.idsOf('s')).toEqual(on ? [event.id] : []);
    await expect.poll(() => relay.subscriptions()).toBe(on ? 1 : 0);
  });

  test(`a replacing REQ right behind its REQ ${on ? 'leaves both' : 'replaces it'}`, async () => {
    const { client } = await connected(streaming, { deviations });
    client.send('REQ', 's', { kinds: [1] });
    client.send('REQ', 's', { kinds: [7] });
    await client.answered('s');
    await client.fence();
    const [note, reaction] = [signed({ kind: 1 }), signed({ kind: 7 })];
    for (const event of [note, reaction]) await client.publish(event);
    expect(client.idsOf('s')).toEqual(on ? [note.id, reaction.id] : [reaction.id]);
  });
});

describe.each(both('D30'))('D30 $name', ({ on, deviations }) => {
  test(`two sources of a filter ${on ? 'interleave, each up to limit' : 'are merged newest first, up to limit'}`, async () => {
    const events = Array.from({ length: 6 }, () => signed());
    const [a, b] = [0, 1].map((rest) => events.filter((_, i) => i % 2 === rest).toReversed());
    const sources = createStreaming({
      ownStore: false,
      hooks: { queryEvents: [() => a ?? [], () => b ?? []] },
    });
    const { client } = await connected(sources, { deviations });
    const ids = await client.query({ limit: 3 });
    const newest = events.toReversed().map((event) => event.id);
    if (on) {
      expect(ids.toSorted()).toEqual(newest.toSorted());
      expect(ids).not.toEqual(newest);
    } else {
      expect(ids).toEqual(newest.slice(0, 3));
    }
  });
});

describe('what streaming keeps of Khatru when it is clean', () => {
  test('D3: an event that two filters match comes twice, stored and live', async () => {
    const { client } = await connected(streaming);
    const [stored, live] = [signed(), signed()];
    await client.publish(stored);
    client.send('REQ', 's', { kinds: [1] }, { ids: [stored.id, live.id] });
    await client.answered('s');
    await client.publish(live);
    expect(client.idsOf('s')).toEqual([stored.id, stored.id, live.id, live.id]);
  });

  test('D4: what a slow filter finds comes after what a fast one finds, newer or not', async () => {
    const slowKinds = [{ kinds: [7], serviceTimeMs: 50 }];
    const { client } = await connected(streaming, { source: { slowKinds } });
    const [note, reaction] = [signed({ kind: 1 }), signed({ kind: 7 })];
    for (const event of [note, reaction]) await client.publish(event);
    expect(await client.query({ kinds: [7] }, { kinds: [1] })).toEqual([note.id, reaction.id]);
  });

  test.each([
    ['streaming', []],
    ['collecting', ['EVENT', 'EOSE']],
  ] as const)('D28: after a CLOSE a %s source still says %j', async (delivery, labels) => {
    const { client } = await connected(streaming, { source: { delivery, serviceTimeMs: 60 } });
    await client.publish(signed());
    client.send('REQ', 's', {});
    client.send('CLOSE', 's');
    await client.fence();
    expect(client.messages.filter((m) => m[1] === 's').map((m) => m[0])).toEqual(labels);
  });
});

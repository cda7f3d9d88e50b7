/** Clients that people use, against both relays: what they take for granted must be there. */

import { NostrFetcher } from 'nostr-fetch';
import { SimplePool, useWebSocketImplementation } from 'nostr-tools/pool';
import type { NostrEvent } from 'nostr-tools/pure';
import { finalizeEvent, getPublicKey, verifyEvent } from 'nostr-tools/pure';
import {
  createRxBackwardReq,
  createRxForwardReq,
  createRxNostr,
  type EventSigner,
  type RxNostr,
  uniq,
} from 'rx-nostr';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { alice, bob, inAnswerOrder, signed } from './events.js';
import { relaysUnderTest, strategies } from './relays.js';

useWebSocketImplementation(WebSocket);

const under = relaysUnderTest();
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

const AUTH_REQUIRED = { access: 'auth-required' } as const;
const signAs = (key: Uint8Array) => async (template: Parameters<typeof finalizeEvent>[0]) =>
  finalizeEvent(template, key);

function simplePool(): SimplePool {
  const pool = new SimplePool();
  ends.push(() => pool.destroy());
  return pool;
}

function rxNostr(url: string, key: Uint8Array): RxNostr {
  const signer: EventSigner = {
    getPublicKey: async () => getPublicKey(key),
    signEvent: async ({ kind, content, tags, created_at }) => {
      const template = { kind, content: content ?? '', tags: tags ?? [], created_at: created_at ?? now() };
      return JSON.parse(JSON.stringify(finalizeEvent(template, key)));
    },
  };
  const client = createRxNostr({
    verifier: async (event) => verifyEvent(event),
    signer,
    websocketCtor: WebSocket,
    authenticator: 'auto',
  });
  ends.push(() => client.dispose());
  client.setDefaultRelays([url]);
  return client;
}

const now = (): number => Math.floor(Date.now() / 1000);
const idsOf = (events: readonly { readonly id: string }[]): string[] => events.map(({ id }) => id);

describe.each(strategies)('$name serves clients that are not ours', (strategy) => {
  test('nostr-tools SimplePool: publish, query, live', async () => {
    const { url } = await under.start(strategy);
    const pool = simplePool();
    const events = [signed(), signed(), signed({}, bob)];
    for (const event of events) await Promise.all(pool.publish([url], event));
    expect(idsOf(await pool.querySync([url], { kinds: [1] }))).toEqual(inAnswerOrder(events));
    const got: NostrEvent[] = [];
    const eose = new Promise<void>((resolve) => {
      pool.subscribe(
        [url],
        { authors: [getPublicKey(bob)] },
        { onevent: (e) => got.push(e), oneose: resolve },
      );
    });
    await eose;
    const live = signed({}, bob);
    await Promise.all(pool.publish([url], live));
    await expect.poll(() => idsOf(got)).toEqual([events[2]?.id, live.id]);
    await expect(Promise.all(pool.publish([url], { ...live, content: 'forged' }))).rejects.toThrow(
      'invalid:',
    );
  });

  test('nostr-tools SimplePool: authenticates when it is asked to', async () => {
    const { url } = await under.start(strategy, AUTH_REQUIRED);
    const pool = simplePool();
    const event = signed();
    await Promise.all(pool.publish([url], event, { onauth: signAs(alice) }));
    const got = await new Promise<NostrEvent[]>((resolve, reject) => {
      const events: NostrEvent[] = [];
      simplePool().subscribe(
        [url],
        { kinds: [1] },
        {
          onauth: signAs(bob),
          onevent: (e) => events.push(e),
          oneose: () => events.length > 0 && resolve(events),
          onclose: (reasons) => reject(new Error(JSON.stringify(reasons))),
        },
      );
    });
    expect(idsOf(got)).toEqual([event.id]);
  });

  test('nostr-fetch: everything, page by page, and the latest of each author', async () => {
    const { url } = await under.start(strategy, { limits: { maxLimit: 7 } });
    const pool = simplePool();
    const events = Array.from({ length: 30 }, (_, i) => signed({}, i % 2 === 0 ? alice : bob));
    for (const event of events) await Promise.all(pool.publish([url], event));
    const fetcher = NostrFetcher.init({ webSocketConstructor: WebSocket });
    ends.push(() => fetcher.shutdown());
    const all = await fetcher.fetchAllEvents([url], { kinds: [1] }, {}, { sort: true });
    expect(idsOf(all)).toEqual(inAnswerOrder(events));
    const authors = [alice, bob].map(getPublicKey);
    const latest: string[] = [];
    const perAuthor = fetcher.fetchLatestEventsPerAuthor({ authors, relayUrls: [url] }, { kinds: [1] }, 1);
    for await (const found of perAuthor) latest.push(...idsOf(found.events));
    expect(latest.toSorted()).toEqual(idsOf(events.slice(-2)).toSorted());
  });

  test('rx-nostr: publish, past and future events', async () => {
    const { url } = await under.start(strategy);
    const client = rxNostr(url, alice);
    const [stored, live] = [signed(), signed()];
    const publish = (event: NostrEvent) =>
      new Promise<boolean>((resolve, reject) => {
        client.send(event).subscribe({ next: ({ ok }) => resolve(ok), error: reject });
      });
    expect(await publish(stored)).toBe(true);
    const backward = createRxBackwardReq();
    const past = new Promise<string[]>((resolve) => {
      const ids: string[] = [];
      client
        .use(backward)
        .subscribe({ next: ({ event }) => ids.push(event.id), complete: () => resolve(ids) });
    });
    backward.emit({ kinds: [1], limit: 5 });
    backward.over();
    expect(await past).toEqual([stored.id]);
    const forward = createRxForwardReq();
    const ids: string[] = [];
    client
      .use(forward)
      .pipe(uniq())
      .subscribe(({ event }) => ids.push(event.id));
    forward.emit({ kinds: [1] });
    await expect.poll(() => ids).toEqual([stored.id]);
    expect(await publish(live)).toBe(true);
    await expect.poll(() => ids).toEqual([stored.id, live.id]);
  });

  test('rx-nostr: authenticates when it is asked to', async () => {
    const { url } = await under.start(strategy, AUTH_REQUIRED);
    const client = rxNostr(url, alice);
    const event = signed();
    const accepted = new Promise<boolean>((resolve) => {
      client.send(event).subscribe({ next: ({ ok, done }) => done && resolve(ok) });
    });
    expect(await accepted).toBe(true);
    const forward = createRxForwardReq();
    const ids: string[] = [];
    client.use(forward).subscribe((packet) => ids.push(packet.event.id));
    forward.emit({ kinds: [1] });
    await expect.poll(() => ids).toEqual([event.id]);
  });
});

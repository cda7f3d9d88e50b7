import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { finalizeEvent, generateSecretKey, type NostrEvent } from 'nostr-tools/pure';
import { WebSocket } from 'ws';
import {
  type ReferenceRelay,
  relaySettings,
  type Strategy,
  startReferenceRelay,
} from '../../relays/index.js';

const CONNECTIONS_AT_ONCE = 20;
const STORED_EVENTS = 200;

/** Cycles before the baseline is taken: code is compiled and pools are filled by then. */
const WARM_UP_SHARE = 0.25;

const SETTLE_WITHIN_MS = 10_000;

/** What a relay has more than before, after `cycles` of one kind. */
export interface SoakReport {
  readonly relay: string;
  readonly kind: 'connections' | 'look-ups';
  readonly cycles: number;
  readonly durationS: number;
  /** Live heap after a collection, of relay and clients together. */
  readonly heapGrowthBytes: number;
  /** Buffers outside V8's heap. */
  readonly externalGrowthBytes: number;
  readonly rssGrowthBytes: number;
  readonly descriptorGrowth: number;
  readonly connectionsLeft: number;
  readonly subscriptionsLeft: number;
  readonly heldBytesLeft: number;
}

/** Connect, REQ, EOSE, disconnect without a CLOSE; `cycles` times. Relay and clients share this process. */
export async function soakConnections(strategy: Strategy, cycles: number): Promise<SoakReport> {
  return soak(strategy, 'connections', cycles, async (relay, events, count) => {
    let begun = 0;
    const play = async (): Promise<void> => {
      while (begun++ < count) {
        const webSocket = await connected(relay);
        await answer(webSocket, 'soak', { authors: [events[0]?.pubkey], limit: 5 });
        webSocket.terminate();
        await once(webSocket, 'close');
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS_AT_ONCE }, play));
  });
}

/** REQ by id, EOSE, CLOSE on one connection; `cycles` times. */
export async function soakLookUps(strategy: Strategy, cycles: number): Promise<SoakReport> {
  return soak(strategy, 'look-ups', cycles, async (relay, events, count) => {
    const webSocket = await connected(relay);
    for (let i = 0; i < count; i += 1) {
      await answer(webSocket, `look-up ${i}`, { ids: [events[i % events.length]?.id] });
      webSocket.send(JSON.stringify(['CLOSE', `look-up ${i}`]));
    }
    webSocket.close();
    await once(webSocket, 'close');
  });
}

type Play = (relay: ReferenceRelay, events: readonly NostrEvent[], cycles: number) => Promise<void>;

async function soak(
  strategy: Strategy,
  kind: SoakReport['kind'],
  cycles: number,
  play: Play,
): Promise<SoakReport> {
  const relay = await startReferenceRelay({
    name: strategy.name,
    strategy,
    host: '127.0.0.1',
    port: 0,
    settings: relaySettings(),
  });
  try {
    const events = await publishSome(relay);
    await play(relay, events, Math.ceil(cycles * WARM_UP_SHARE));
    await settled(relay);
    const before = footprint();
    const startedMs = performance.now();
    await play(relay, events, cycles);
    const durationS = (performance.now() - startedMs) / 1_000;
    await settled(relay);
    const after = footprint();
    relay.heldBytes();
    return {
      relay: strategy.name,
      kind,
      cycles,
      durationS,
      heapGrowthBytes: after.heap - before.heap,
      externalGrowthBytes: after.external - before.external,
      rssGrowthBytes: after.rss - before.rss,
      descriptorGrowth: after.descriptors - before.descriptors,
      connectionsLeft: relay.connections(),
      subscriptionsLeft: relay.subscriptions(),
      heldBytesLeft: relay.heldBytes(),
    };
  } finally {
    await relay.close();
  }
}

async function publishSome(relay: ReferenceRelay): Promise<readonly NostrEvent[]> {
  const key = generateSecretKey();
  const webSocket = await connected(relay);
  const events = Array.from({ length: STORED_EVENTS }, (_, i) =>
    finalizeEvent({ kind: 1, content: `note ${i}`, tags: [], created_at: 1_700_000_000 + i }, key),
  );
  let acknowledged = 0;
  const all = new Promise<void>((resolve) => {
    webSocket.on('message', () => {
      acknowledged += 1;
      if (acknowledged === events.length) resolve();
    });
  });
  for (const event of events) webSocket.send(JSON.stringify(['EVENT', event]));
  await all;
  webSocket.terminate();
  return events;
}

async function connected(relay: ReferenceRelay): Promise<WebSocket> {
  const webSocket = new WebSocket(relay.url, { perMessageDeflate: false });
  await once(webSocket, 'open');
  return webSocket;
}

function answer(webSocket: WebSocket, subscription: string, filter: unknown): Promise<void> {
  // Without what follows the id: a hint may (NIP-67).
  const eose = JSON.stringify(['EOSE', subscription]).slice(0, -1);
  return new Promise((resolve) => {
    const receive = (data: unknown): void => {
      if (!String(data).startsWith(eose)) return;
      webSocket.off('message', receive);
      resolve();
    };
    webSocket.on('message', receive);
    webSocket.send(JSON.stringify(['REQ', subscription, filter]));
  });
}

async function settled(relay: ReferenceRelay): Promise<void> {
  const endMs = performance.now() + SETTLE_WITHIN_MS;
  while (relay.connections() > 0 && performance.now() < endMs) await sleep(20);
  // Sockets let go of their buffers some turns of the loop after they have closed.
  await sleep(200);
}

interface Footprint {
  readonly heap: number;
  readonly external: number;
  readonly rss: number;
  readonly descriptors: number;
}

function footprint(): Footprint {
  collectGarbage();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed, external, rss, descriptors: readdirSync('/proc/self/fd').length };
}

/** Twice: what a finaliser of the first lets go, the second takes. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  if (typeof gc !== 'function') throw new Error('this runtime has no collector to call');
  gc();
  gc();
}

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { PACKAGE_ROOT } from '../../harness/package.js';
import type { NostrEvent } from '../../relays/protocol/event.js';
import { relaySettings, type SyncMode } from '../../relays/relay.js';
import { LmdbEventStore } from '../../relays/store/lmdb/lmdb-store.js';
import { storedEvents } from './stored-events.js';

/** `npm run test:crash` sets more. */
const SEEDS = Number(process.env.REQBENCH_CRASH_SEEDS ?? 2);
const CONNECTIONS = 4;
const IN_FLIGHT = 12;
const LEAST_ACKNOWLEDGED = 100;
const MODES: readonly SyncMode[] = ['full', 'no-meta-sync', 'no-sync'];

const dir = mkdtempSync(join(tmpdir(), 'crash-'));
afterAll(() => rmSync(dir, { recursive: true }));

/** What a seed makes of a text, in hex: all that is random in this test. */
function draw(seed: number, text: string): string {
  return createHash('sha256').update(`${seed} ${text}`).digest('hex');
}

function number(seed: number, text: string, below: number): number {
  return Number.parseInt(draw(seed, text).slice(0, 8), 16) % below;
}

/** Notes, and among them versions of a few addresses, and deletions of notes sent before. */
function eventOf(seed: number, connection: number, n: number): NostrEvent {
  const name = `${connection}/${n}`;
  const base = { id: draw(seed, name), pubkey: draw(seed, `author ${connection}`), sig: '0'.repeat(128) };
  const created_at = 1_700_000_000 + n;
  const content = 'x'.repeat(number(seed, `${name} length`, 2_000));
  if (n % 10 === 7) {
    const target = eventOf(seed, connection, n - 5);
    return { ...base, created_at, content, kind: 5, tags: [['e', target.id]] };
  }
  if (n % 10 === 4) return { ...base, created_at, content, kind: 30_000, tags: [['d', String(n % 3)]] };
  return { ...base, created_at, content, kind: 1, tags: [['t', String(n % 7)]] };
}

interface Published {
  readonly event: NostrEvent;
  acknowledged: boolean;
}

describe('a relay that is killed while clients publish', () => {
  test.each(Array.from({ length: SEEDS }, (_, i) => i + 1))(
    'has lost nothing that it acknowledged, and its indexes agree with its events (seed %i)',
    async (seed) => {
      const dataDir = join(dir, `seed-${seed}`, 'store');
      const published = await publishUntilKilled(seed, dataDir);
      const store = new LmdbEventStore({ dir: dataDir, sync: 'full' });
      try {
        expect(store.check()).toEqual([]);
        const kept = new Map(storedEvents(store).map((event) => [event.id, event]));
        const problems = published
          .filter(({ acknowledged }) => acknowledged)
          .flatMap(({ event }) => {
            const stored = kept.get(event.id);
            if (stored !== undefined) return isSame(stored.json, event) ? [] : [`${event.id} changed`];
            return mayBeGone(event, published) ? [] : [`${event.id} of kind ${event.kind} is lost`];
          });
        expect(problems).toEqual([]);
        expect(undeleted(published, kept)).toEqual([]);
      } finally {
        await store.close();
      }
    },
    60_000,
  );
});

function isSame(json: Uint8Array, event: NostrEvent): boolean {
  return Buffer.from(json).toString() === JSON.stringify(event);
}

/** Deleted by a request, or replaced by a version, that was sent after it, whether or not that was acknowledged. */
function mayBeGone(event: NostrEvent, published: readonly Published[]): boolean {
  return published.some(({ event: later }) => {
    if (later.pubkey !== event.pubkey) return false;
    if (later.kind === 5) return later.tags.some(([, id]) => id === event.id);
    const isVersion = event.kind === 30_000 && later.kind === 30_000;
    return isVersion && later.tags[0]?.[1] === event.tags[0]?.[1] && later.created_at > event.created_at;
  });
}

/** Events that are there although their deletion was acknowledged. */
function undeleted(published: readonly Published[], kept: ReadonlyMap<string, unknown>): readonly string[] {
  const requests = published.filter(({ event, acknowledged }) => acknowledged && event.kind === 5);
  return requests.flatMap(({ event }) => event.tags.map(([, id]) => id ?? '')).filter((id) => kept.has(id));
}

async function publishUntilKilled(seed: number, dataDir: string): Promise<readonly Published[]> {
  const { child, port } = await startRelay(seed, dataDir);
  const published: Published[] = [];
  const killAt = LEAST_ACKNOWLEDGED + number(seed, 'kill', 2_000);
  let acknowledged = 0;
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => connect(port)));
  for (const [connection, socket] of sockets.entries()) {
    const mine = new Map<string, Published>();
    let next = 0;
    const publish = (): void => {
      const entry = { event: eventOf(seed, connection, next), acknowledged: false };
      next += 1;
      mine.set(entry.event.id, entry);
      published.push(entry);
      socket.send(JSON.stringify(['EVENT', entry.event]));
    };
    socket.on('message', (data) => {
      const [label, id, ok] = JSON.parse(String(data));
      if (label !== 'OK') return;
      const entry = mine.get(id);
      if (entry !== undefined) entry.acknowledged = ok === true;
      acknowledged += 1;
      // Not at the end of a batch of acknowledgements, but with others on their way.
      if (acknowledged === killAt) child.kill('SIGKILL');
      publish();
    });
    for (let i = 0; i < IN_FLIGHT; i += 1) publish();
  }
  await Promise.all([once(child, 'exit'), ...sockets.map((socket) => once(socket, 'close'))]);
  expect(acknowledged).toBeGreaterThanOrEqual(killAt);
  return published;
}

async function connect(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  socket.on('error', () => undefined);
  await once(socket, 'open');
  return socket;
}

/** A relay in a process of its own, as a harness starts it; unverified, because signing would be most of the test. */
async function startRelay(seed: number, dataDir: string): Promise<{ child: ChildProcess; port: number }> {
  const configFile = join(dirname(dataDir), 'relay.json');
  const sync = MODES[seed % MODES.length] ?? 'full';
  const settings = relaySettings({ verifySignatures: false, store: { engine: 'lmdb', sync } });
  const strategy = seed % 2 === 0 ? 'streaming' : 'batched';
  const config = { name: strategy, strategy, host: '127.0.0.1', port: 0, settings, dataDir };
  mkdirSync(dirname(dataDir), { recursive: true });
  writeFileSync(configFile, JSON.stringify(config));
  const child = spawn(process.execPath, [join(PACKAGE_ROOT, 'dist', 'relays', 'host.js'), configFile], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.on('message', (message: { type: string; port: number; reason: string }) => {
      if (message.type === 'ready') resolve(message.port);
      if (message.type === 'failed') reject(new Error(message.reason));
    });
    child.on('exit', () => reject(new Error('the relay ended before it was ready')));
  });
  return { child, port };
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { batched } from '../../relays/index.js';
import { ROOM_BYTES } from '../../relays/server/outbox.js';
import { relaysUnderTest, strategies } from './relays.js';

const under = relaysUnderTest();
const dir = mkdtempSync(join(tmpdir(), 'long-answers-'));
const file = join(dir, 'events.jsonl');
const STORED = 50_000;
const idOf = (n: number) => n.toString(16).padStart(64, '0');
const PADDING = 'x'.repeat(100);

function lineOf(n: number): string {
  const fields = { pubkey: idOf(n % 10), created_at: 1_700_000_000 + n, kind: 1, tags: [], content: PADDING };
  return JSON.stringify({ id: idOf(n), ...fields, sig: '0'.repeat(128) });
}

const EVENT_BYTES = lineOf(0).length;

beforeAll(() => writeFileSync(file, Array.from({ length: STORED }, (_, n) => `${lineOf(n)}\n`).join('')));
afterAll(() => rmSync(dir, { recursive: true }));

const cases = strategies.flatMap((strategy) =>
  (['memory', 'lmdb'] as const).map((engine) => ({ name: `${strategy.name}, ${engine}`, strategy, engine })),
);

describe.each(cases)('an answer of 50,000 events: $name', ({ strategy, engine, name }) => {
  const start = () =>
    under.start(
      strategy,
      { store: { engine, sync: 'no-sync' }, limits: { maxLimit: STORED } },
      file,
      join(dir, `${name}-${Math.random()}`),
    );

  test('is whole, and others are answered again and again while it is on its way', {
    timeout: 60_000,
  }, async () => {
    const relay = await start();
    const [long, other] = [await under.connect(relay), await under.connect(relay)];
    long.send('REQ', 'long', { limit: STORED });
    const hasEnded = (): boolean => long.messages.at(-1)?.[0] === 'EOSE';
    let answeredMeanwhile = 0;
    while (!hasEnded()) {
      expect(await other.query({ ids: [idOf(answeredMeanwhile)] })).toHaveLength(1);
      answeredMeanwhile += 1;
    }
    expect(answeredMeanwhile).toBeGreaterThan(20);
    expect(long.messages).toHaveLength(STORED + 1);
    expect(new Set(long.idsOf('long')).size).toBe(STORED);
  });

  test('that nobody reads costs bounded memory, however often it is asked for', {
    timeout: 60_000,
  }, async () => {
    const relay = await start();
    const [deaf, other] = [await under.connect(relay), await under.connect(relay)];
    deaf.socket.pause();
    relay.heldBytes();
    for (let i = 0; i < 20; i += 1) deaf.send('REQ', `r${i}`, { limit: STORED });
    for (let i = 0; i < 200; i += 1) await other.query({ ids: [idOf(i)] });
    // `batched` holds one whole answer, because it works on one message at a time; `streaming` what it reads at a time.
    const answer = strategy === batched ? STORED * EVENT_BYTES : 20 * 64 * EVENT_BYTES;
    const held = relay.heldBytes();
    expect(held).toBeGreaterThan(ROOM_BYTES / 2);
    expect(held).toBeLessThan(answer + 2 * ROOM_BYTES);
  });
});

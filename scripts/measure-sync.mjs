/** What each sync setting of the LMDB store costs: saves a second, one at a time and 64 at once, alternating, medians. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SYNC_MODES } from '../dist/relays/relay.js';
import { LmdbEventStore } from '../dist/relays/store/lmdb/lmdb-store.js';

const REPETITIONS = 6;
const SAVES = 320;
const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'measure-sync-'));

const hash = (text) => createHash('sha256').update(text).digest('hex');
const eventOf = (name) => ({
  id: hash(name),
  pubkey: hash(`author ${name.length}`),
  created_at: 1_700_000_000,
  kind: 1,
  tags: [['t', 'measured']],
  content: 'x'.repeat(300),
  sig: '0'.repeat(128),
});

async function savesPerSecond(sync, atOnce, repetition) {
  const store = new LmdbEventStore({ dir: join(folder, `${sync}-${atOnce}-${repetition}`), sync });
  const start = performance.now();
  for (let saved = 0; saved < SAVES; saved += atOnce) {
    const events = Array.from({ length: atOnce }, (_, i) => eventOf(`${repetition}/${saved + i}`));
    await Promise.all(events.map((event) => store.save(event, Buffer.from(JSON.stringify(event)))));
  }
  const rate = SAVES / ((performance.now() - start) / 1000);
  await store.close();
  return rate;
}

const rates = new Map();
for (let repetition = 0; repetition < REPETITIONS; repetition += 1) {
  const modes = repetition % 2 === 0 ? SYNC_MODES : SYNC_MODES.toReversed();
  for (const sync of modes) {
    for (const atOnce of [1, 64]) {
      const key = `${sync}, ${atOnce} at once`;
      rates.set(key, [...(rates.get(key) ?? []), await savesPerSecond(sync, atOnce, repetition)]);
    }
  }
}
rmSync(folder, { recursive: true });
for (const [key, found] of rates) {
  const sorted = found.toSorted((a, b) => a - b).map(Math.round);
  const median = Math.round((sorted[REPETITIONS / 2 - 1] + sorted[REPETITIONS / 2]) / 2);
  process.stdout.write(`${key.padEnd(28)} ${median} saves/s (${sorted[0]} to ${sorted.at(-1)})\n`);
}

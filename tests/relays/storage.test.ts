import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { afterAll, describe, expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../../harness/package.js';
import { relaySettings, startReferenceRelay, streaming } from '../../relays/index.js';
import { LmdbEventStore } from '../../relays/store/lmdb/lmdb-store.js';
import { TestClient } from './client.js';
import { alice, bob, signed } from './events.js';
import { relaysUnderTest, strategies } from './relays.js';
import { storedEvents } from './stored-events.js';

const dir = mkdtempSync(join(tmpdir(), 'storage-'));
afterAll(() => rmSync(dir, { recursive: true }));

let folders = 0;
function newFolder(): string {
  folders += 1;
  return join(dir, String(folders));
}

const ON_DISK = { store: { engine: 'lmdb', sync: 'no-sync' } } as const;

function startOn(dataDir: string, preloadFile?: string) {
  const settings = relaySettings(ON_DISK);
  return startReferenceRelay({
    name: 'streaming',
    strategy: streaming,
    host: '127.0.0.1',
    port: 0,
    settings,
    dataDir,
    preloadFile,
  });
}

/** A folder with a hundred events of a page or so together, and last one of many pages. */
async function storeWithLargeEvent() {
  const dataDir = newFolder();
  const events = [...Array.from({ length: 100 }, () => signed()), signed({ content: 'x'.repeat(100_000) })];
  const preloadFile = `${dataDir}.jsonl`;
  writeFileSync(preloadFile, events.map((event) => JSON.stringify(event)).join('\n'));
  await (await startOn(dataDir, preloadFile)).close();
  return { dataDir, dataFile: join(dataDir, 'data.mdb') };
}

const { start, connect } = relaysUnderTest();

describe.each(strategies)('$name', (strategy) => {
  test.each(['memory', 'lmdb'] as const)(
    'deletes on request and lets expire, with a store of %s',
    async (engine) => {
      const relay = await start(strategy, { store: { engine, sync: 'no-sync' } }, undefined, newFolder());
      const [reader, writer] = [await connect(relay), await connect(relay)];
      reader.send('REQ', 'live', {});
      await reader.answered('live');
      const [kept, gone] = [signed(), signed()];
      const expired = signed({ tags: [['expiration', '1700000000']] });
      const expiredEphemeral = signed({ kind: 20_001, tags: [['expiration', '1700000000']] });
      const request = signed({ kind: 5, tags: [['e', gone.id]] });
      const foreign = signed({ kind: 5, tags: [['e', kept.id]] }, bob);
      for (const event of [kept, gone, request, foreign]) expect((await writer.publish(event))[2]).toBe(true);
      expect(await writer.publish(gone)).toEqual(['OK', gone.id, false, expect.stringMatching(/^blocked:/)]);
      for (const event of [expired, expiredEphemeral]) {
        expect(await writer.publish(event)).toEqual([
          'OK',
          event.id,
          false,
          expect.stringMatching(/^invalid:/),
        ]);
      }
      await reader.fence();
      expect(reader.idsOf('live')).toEqual([kept, gone, request, foreign].map(({ id }) => id));
      expect(await reader.query({})).toEqual([foreign, request, kept].map(({ id }) => id));
    },
  );

  test('has on disk what it acknowledged when it is started again', async () => {
    const dataDir = newFolder();
    const first = await start(strategy, ON_DISK, undefined, dataDir);
    const writer = await connect(first);
    const events = Array.from({ length: 50 }, () => signed());
    const acknowledged = await Promise.all(events.map((event) => writer.publish(event)));
    expect(acknowledged.every(([, , ok]) => ok === true)).toBe(true);
    await writer.close();
    await first.close();
    const reader = await connect(await start(strategy, ON_DISK, undefined, dataDir));
    expect(await reader.query({})).toEqual(events.map(({ id }) => id).reverse());
  });
});

describe('a data folder', () => {
  test('that holds the corpus already is not loaded with it again', async () => {
    const dataDir = newFolder();
    const events = Array.from({ length: 20 }, () => signed());
    const preloadFile = join(dir, 'corpus.jsonl');
    writeFileSync(preloadFile, events.map((event) => JSON.stringify(event)).join('\n'));
    await (await startOn(dataDir, preloadFile)).close();
    const deletion = signed({ kind: 5, tags: [['e', events[0]?.id ?? '']] });
    const second = await startOn(dataDir, preloadFile);
    const client = await TestClient.connect(second.url);
    await client.publish(deletion);
    await client.close();
    await second.close();
    const store = new LmdbEventStore({ dir: dataDir, sync: 'no-sync' });
    expect([store.size, store.sequence]).toEqual([20, 21]);
    await store.close();
  });

  test('of another version is refused and left as it is', async () => {
    const dataDir = newFolder();
    await (await startOn(dataDir)).close();
    const root = open({ path: dataDir, noSubdir: false, overlappingSync: false });
    const meta = root.openDB<string, string>({ name: 'meta', encoding: 'string' });
    meta.putSync('format', '99');
    await root.close();
    await expect(startOn(dataDir)).rejects.toThrow(/has format 99, and this version reads format 1/);
    expect(existsSync(join(dataDir, 'relay.pid'))).toBe(false);
  });

  test('that is no store at all is refused', async () => {
    const dataDir = newFolder();
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'data.mdb'), 'these are no pages of LMDB'.repeat(1_000));
    await expect(startOn(dataDir)).rejects.toThrow(/data\.mdb is no LMDB data file/);
  });

  test.each([
    ['to its meta pages', () => 2 * 4_096],
    ['in the middle', (size: number) => Math.floor(size / 2)],
    ['in a large event', (size: number) => size - 5 * 4_096],
  ])('whose file is cut off %s is refused, as it is, where LMDB would end the process', async (_, left) => {
    const { dataDir, dataFile } = await storeWithLargeEvent();
    const bytes = left(statSync(dataFile).size);
    truncateSync(dataFile, bytes);
    await expect(startOn(dataDir)).rejects.toThrow(/data\.mdb is cut off: .* put back a whole copy/);
    expect(statSync(dataFile).size).toBe(bytes);
    expect(existsSync(join(dataDir, 'relay.pid'))).toBe(false);
  });

  test('whose file ends before pages that nothing uses is opened', async () => {
    const { dataDir, dataFile } = await storeWithLargeEvent();
    const file = readFileSync(dataFile);
    const lastPageAt = 144;
    for (const meta of [0, 4_096]) {
      file.writeBigUInt64LE(file.readBigUInt64LE(meta + lastPageAt) + 10n, meta + lastPageAt);
    }
    writeFileSync(dataFile, file);
    const relay = await startOn(dataDir);
    await relay.close();
  });

  test('that can not be made or written is refused with its name', async () => {
    const file = join(dir, 'a-file');
    writeFileSync(file, '');
    await expect(startOn(join(file, 'store'))).rejects.toThrow(/a-file.* can't be written: .*ENOTDIR/);
    // Where Node's recursive mkdir never comes back.
    await expect(startOn('/proc/store')).rejects.toThrow(/\/proc\/store can't be written/);
  });

  test('that another relay has open is refused, and taken over from one that is gone', async () => {
    const dataDir = newFolder();
    const first = await startOn(dataDir);
    await expect(startOn(dataDir)).rejects.toThrow(`is in use by process ${process.pid}`);
    await first.close();
    const ended = spawn(process.execPath, ['--version']);
    await once(ended, 'exit');
    writeFileSync(join(dataDir, 'relay.pid'), String(ended.pid));
    await (await startOn(dataDir)).close();
  });
});

test('a relay whose disk is full refuses what it can not keep, and goes on serving what it has', async () => {
  const dataDir = newFolder();
  const { port, stop } = await startWithFileLimit(dataDir, 600);
  const client = await TestClient.connect(`ws://127.0.0.1:${port}`);
  const acknowledged: string[] = [];
  let refusal: readonly unknown[] | undefined;
  for (let n = 0; refusal === undefined && n < 200; n += 1) {
    const event = signed({ content: 'x'.repeat(20_000) }, alice);
    const answer = await client.publish(event);
    if (answer[2] === true) acknowledged.unshift(event.id);
    else refusal = answer;
  }
  expect(refusal?.[3]).toMatch(/^error: the event store can't be written/);
  expect(acknowledged.length).toBeGreaterThan(3);
  expect(await client.query({})).toEqual(acknowledged);
  await client.close();
  await stop();
  const store = new LmdbEventStore({ dir: dataDir, sync: 'full' });
  expect(store.check()).toEqual([]);
  expect(storedEvents(store).map(({ id }) => id)).toEqual(acknowledged);
  await store.close();
});

/** A relay process whose files can't grow past so many blocks of 512 or 1,024 bytes: what a full disk is to it. */
async function startWithFileLimit(dataDir: string, blocks: number) {
  const configFile = join(dir, 'limited-relay.json');
  const settings = relaySettings(ON_DISK);
  const config = { name: 'streaming', strategy: 'streaming', host: '127.0.0.1', port: 0, settings, dataDir };
  writeFileSync(configFile, JSON.stringify(config));
  const limited = `trap '' XFSZ; ulimit -f ${blocks}; exec "$0" "$@"`;
  const entry = join(PACKAGE_ROOT, 'dist', 'relays', 'host.js');
  const child = spawn('sh', ['-c', limited, process.execPath, entry, configFile], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [ready] = await once(child, 'message');
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { port: Number(ready.port), stop };
}

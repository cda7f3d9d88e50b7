import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NostrEvent } from 'nostr-tools/pure';
import { getPublicKey, verifyEvent } from 'nostr-tools/pure';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InputError } from '../errors.js';
import type { Corpus } from './corpus.js';
import { fingerprintOf } from './fingerprint.js';
import { generateCorpus } from './generate.js';
import { SPECIFICATION_EPOCH_S } from './specification.js';

const SMALL = { events: 300, authors: 30, seed: 42, epochS: SPECIFICATION_EPOCH_S };
const GOLDEN_FINGERPRINT = '3fdde9040f38791b5f8a743db0d81e3491e77abfdd167e98927bab7e2c0d5bc1';
const GOLDEN_FILE_SHA256 = 'f6af95df877e31a07ee69c86cdd5fda4e55bbc3886713f7c47df82102e6bff2d';

let cacheDir: string;
let corpus: Corpus;

beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'reqbench-corpus-'));
  corpus = await generateCorpus(SMALL, { cacheDir });
});

afterAll(() => rm(cacheDir, { recursive: true, force: true }));

describe('a generated corpus', () => {
  test('has the ids that specification v1 gives, on every machine', () => {
    expect(corpus.fingerprint).toBe(GOLDEN_FINGERPRINT);
    expect(fingerprintOf(corpus.events.map(({ id }) => id))).toBe(GOLDEN_FINGERPRINT);
  });

  test('has the bytes that specification v1 gives, signatures included', async () => {
    const bytes = await readFile(corpus.file);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(GOLDEN_FILE_SHA256);
    expect(bytes.toString('utf8')).toBe(corpus.lines.map((line) => `${line}\n`).join(''));
  });

  test('is signed so that nostr-tools agrees', () => {
    const sample = corpus.events.filter((_, position) => position % 6 === 0);
    const invalid = sample.filter(({ id, pubkey, created_at, kind, tags, content, sig }) => {
      return !verifyEvent({ id, pubkey, created_at, kind, tags, content, sig });
    });
    expect(invalid).toEqual([]);
  });

  test('embeds valid events in reposts and zap receipts', () => {
    const reposted = corpus.events.filter(({ kind, content }) => kind === 6 && content !== '');
    const zapped = corpus.events.filter(({ kind }) => kind === 9735);
    const embedded = [
      ...reposted.map(({ content }) => content),
      ...zapped.map((event) => tag(event, 'description')),
    ];
    expect(embedded.length).toBeGreaterThan(15);
    expect(embedded.filter((json) => !verifyEvent(JSON.parse(json)))).toEqual([]);
  });

  test('is sorted and lies in the 30 days before the epoch', () => {
    const times = corpus.events.map(({ created_at }) => created_at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.at(0)).toBeGreaterThanOrEqual(SPECIFICATION_EPOCH_S - 30 * 86_400);
    expect(times.at(-1)).toBeLessThan(SPECIFICATION_EPOCH_S);
  });

  test('knows the keys of its authors, in order of first appearance', () => {
    const appeared = [...new Set(corpus.events.map(({ pubkey }) => pubkey))];
    expect(corpus.authors).toEqual(appeared);
    for (const identity of [0, 7, corpus.authors.length - 1]) {
      const secretKey = Buffer.from(corpus.identitySecretKey(identity), 'hex');
      expect(corpus.identityPublicKey(identity)).toBe(corpus.authors[identity]);
      expect(getPublicKey(secretKey)).toBe(corpus.authors[identity]);
    }
  });

  test('has further identities, who wrote nothing', () => {
    const stranger = corpus.identityPublicKey(corpus.authors.length);
    expect(stranger).toMatch(/^[0-9a-f]{64}$/);
    expect(corpus.authors).not.toContain(stranger);
  });

  test('says the same at every position for another epoch, with other ids', async () => {
    const later = await generateCorpus({ ...SMALL, epochS: SPECIFICATION_EPOCH_S + 86_400 }, { cacheDir });
    expect(structure(later)).toEqual(structure(corpus));
    expect(later.events[0]?.id).not.toBe(corpus.events[0]?.id);
    expect(later.events.map(({ content }) => content.length)).toEqual(
      corpus.events.map(({ content }) => content.length),
    );
  });

  test('is another one for another seed', async () => {
    const other = await generateCorpus({ ...SMALL, events: 20, seed: 43 }, { cacheDir });
    expect(other.authors[0]).not.toBe(corpus.authors[0]);
  });

  test.each([{ events: 0 }, { events: 1.5 }, { authors: 0 }, { seed: -1 }, { seed: 2 ** 53 }])(
    'refuses the size %o',
    async (wrong) => {
      await expect(generateCorpus({ ...SMALL, ...wrong }, { cacheDir })).rejects.toThrow(InputError);
    },
  );

  test('can be as small as one event', async () => {
    const one = await generateCorpus({ ...SMALL, events: 1, authors: 1 }, { cacheDir });
    expect(one.events.map(({ kind }) => kind)).toEqual([1]);
  });
});

describe('the cache', () => {
  test('is used: nothing is signed again', async () => {
    const progress: number[] = [];
    const again = await generateCorpus(SMALL, { cacheDir, onProgress: (done) => progress.push(done) });
    expect(progress).toEqual([]);
    expect(again.events).toEqual(corpus.events);
    expect(again.lines).toEqual(corpus.lines);
    expect(again.fingerprint).toBe(corpus.fingerprint);
  });

  test.each([
    ['a changed byte', (file: string) => changeByte(file)],
    ['a file cut short', (file: string) => truncate(file, 1000)],
    ['a file that is gone', (file: string) => rm(file)],
    ['a seal that is gone', (file: string) => rm(sealOf(file))],
    ['a seal that is not JSON', (file: string) => writeFile(sealOf(file), '{"sha256":')],
    ['a seal of other things', (file: string) => writeFile(sealOf(file), '{"sha256":1}')],
    ['a wrong fingerprint in the seal', (file: string) => changeFingerprint(sealOf(file))],
  ])('is made anew after %s', async (_, damage) => {
    const size = { ...SMALL, events: 40, authors: 5 };
    const { file, fingerprint } = await generateCorpus(size, { cacheDir });
    const sound = await readFile(file);
    await damage(file);
    const progress: number[] = [];
    const again = await generateCorpus(size, { cacheDir, onProgress: (done) => progress.push(done) });
    expect(progress).toEqual([40]);
    expect(again.fingerprint).toBe(fingerprint);
    expect(await readFile(file)).toEqual(sound);
  });

  test('holds no unfinished files', async () => {
    expect((await readdir(cacheDir)).filter((name) => name.endsWith('.unfinished'))).toEqual([]);
  });
});

/** A corpus without what an epoch changes: ids and signatures as positions, keys as numbers, times as offsets. */
function structure({ events, authors, epochS }: Corpus): unknown {
  const names = new Map<string, string>();
  for (const [number, author] of authors.entries()) names.set(author, `author ${number}`);
  for (const [position, { id }] of events.entries()) names.set(id, `event ${position}`);
  return events.map(({ created_at, kind, pubkey, tags, content }) => ({
    offset: created_at - epochS,
    kind,
    author: names.get(pubkey),
    tags: tags.map((items) =>
      items.map((item) => (items[0] === 'description' ? '' : (names.get(item) ?? item))),
    ),
    content: kind === 6 ? '' : content,
  }));
}

function tag({ tags }: NostrEvent, name: string): string {
  return tags.find(([key]) => key === name)?.[1] ?? '';
}

const sealOf = (file: string): string => file.replace(/\.jsonl$/, '.seal.json');

async function changeByte(file: string): Promise<void> {
  const bytes = await readFile(file);
  bytes[5000] = bytes[5000] === 0x61 ? 0x62 : 0x61;
  await writeFile(file, bytes);
}

async function changeFingerprint(seal: string): Promise<void> {
  const { sha256 } = JSON.parse(await readFile(seal, 'utf8'));
  await writeFile(seal, JSON.stringify({ sha256, fingerprint: '00'.repeat(32) }));
}

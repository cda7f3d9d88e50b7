import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyEvent } from 'nostr-tools/pure';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resolveScenario } from '../scenario/library.js';
import { loadScenario } from '../scenario/loader.js';
import { buildPlan } from '../scenario/planner.js';
import type { Corpus } from './corpus.js';
import { generateCorpus, generateWithOwnKeys } from './generate.js';
import { SPECIFICATION_EPOCH_S } from './specification.js';

const SIZE = { events: 400, authors: 40, seed: 42, epochS: SPECIFICATION_EPOCH_S };

let dir: string;
let usual: Corpus;
let own: Corpus;
let other: Corpus;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'reqbench-own-keys-'));
  usual = await generateCorpus(SIZE, { cacheDir: join(dir, 'cache') });
  own = await generateWithOwnKeys(SIZE, { nonce: 'a1', file: join(dir, 'own.jsonl') });
  other = await generateWithOwnKeys(SIZE, { nonce: 'b2', file: join(dir, 'other.jsonl') });
});

afterAll(() => rm(dir, { recursive: true, force: true }));

test('no key and no id is that of another run', () => {
  for (const another of [usual, other]) {
    const keys = new Set(another.authors);
    const ids = new Set(another.events.map(({ id }) => id));
    expect(own.authors.filter((key) => keys.has(key))).toEqual([]);
    expect(own.events.filter(({ id }) => ids.has(id))).toEqual([]);
    expect(own.identityPublicKey(5_000)).not.toBe(another.identityPublicKey(5_000));
  }
});

test('every position has the kind, the time, the author by number and the text that it has with the usual keys', () => {
  const shape = ({ events, authors }: Corpus) =>
    events.map(({ kind, created_at, pubkey, tags }) => ({
      kind,
      created_at,
      author: authors.indexOf(pubkey),
      tags: tags.map(([name]) => name),
    }));
  expect(shape(own)).toEqual(shape(usual));
  const notes = ({ events }: Corpus) => events.filter(({ kind }) => kind === 1).map(({ content }) => content);
  expect(notes(own)).toEqual(notes(usual));
  expect(own.authors.map((_, index) => own.identityPublicKey(index))).toEqual(own.authors);
});

test('it is signed so that nostr-tools agrees', () => {
  const sample = own.lines.filter((_, position) => position % 8 === 0);
  expect(sample.filter((line) => !verifyEvent(JSON.parse(line)))).toEqual([]);
});

test('the plan is the same', () => {
  const scenario = loadScenario(resolveScenario('first-look', dir), { cwd: dir, set: [] });
  const planOf = (corpus: Corpus) => buildPlan(scenario, corpus, SIZE.seed).fingerprint;
  expect(planOf(own)).toBe(planOf(usual));
});

test('the cache gets nothing of it, and the same nonce gives the same corpus', async () => {
  const names = (await readdir(join(dir, 'cache'))).filter((name) => name.endsWith('.jsonl'));
  expect(names).toHaveLength(1);
  const again = await generateWithOwnKeys(SIZE, { nonce: 'a1', file: join(dir, 'again.jsonl') });
  expect(again.lines).toEqual(own.lines);
});

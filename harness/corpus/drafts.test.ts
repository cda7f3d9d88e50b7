import { expect, test } from 'vitest';
import type { Draft, DraftText } from './draft.js';
import { draftCorpus } from './drafts.js';
import { signDrafts } from './sign-drafts.js';
import { KIND_SHARES, SPECIFICATION_EPOCH_S } from './specification.js';

const EVENTS = 20_000;
const drafts = draftCorpus({ events: EVENTS, authors: 2000, seed: 1 });
const ofKind = (kind: number) => drafts.filter((draft) => draft.kind === kind);

test('kinds come in the shares of the specification', () => {
  for (const { weight, value } of KIND_SHARES) {
    const expected = (EVENTS * weight) / 1000;
    expect(Math.abs(ofKind(value).length - expected), `kind ${value}`).toBeLessThan(5 * Math.sqrt(expected));
  }
});

test('authors follow the law of Zipf: the first writes twice as much as the second, ten times as much as the tenth', () => {
  const counts = [...tally(ofKind(1).map(({ signer }) => signer)).values()].sort((a, b) => b - a);
  const [first = 0, second = 0] = counts;
  expect(first / second).toBeGreaterThan(1.6);
  expect(first / second).toBeLessThan(2.5);
  expect(first / (counts[9] ?? 0)).toBeGreaterThan(7);
  expect(first / (counts[9] ?? 0)).toBeLessThan(14);
});

test('a median note has 150 to 250 bytes, a few have thousands', () => {
  const sizes = ofKind(1)
    .map(({ content }) => Buffer.byteLength(String(content)))
    .sort((a, b) => a - b);
  expect(sizes[sizes.length >>> 1]).toBeGreaterThan(150);
  expect(sizes[sizes.length >>> 1]).toBeLessThan(250);
  expect(sizes.at(-1)).toBeGreaterThan(3000);
  expect(sizes.at(0)).toBeLessThan(60);
});

test('texts hold what parsers stumble over, and no control character without an escape of its own in NIP-01', () => {
  const text = ofKind(1)
    .map(({ content }) => content)
    .join('');
  for (const hard of ['"', '\\', '\n', '\t', '\r', '👩‍💻', 'ü', '今日', 'свобода', 'حرية'])
    expect(text).toContain(hard);
  const controls = new Set(text.match(/\p{Cc}/gu));
  expect([...controls].filter((control) => !'\b\t\n\f\r'.includes(control))).toEqual([]);
});

test('events refer to earlier positions only, and to people who appear', () => {
  const signers = new Set(drafts.map(({ signer }) => signer));
  for (const [position, draft] of drafts.entries()) {
    for (const text of draft.tags.flat()) {
      if (typeof text === 'string') continue;
      if ('idOf' in text) expect(text.idOf).toBeLessThan(position);
      if ('keyOf' in text) expect(signers.has(text.keyOf)).toBe(true);
    }
  }
});

test('replies carry root and reply markers as NIP-10 wants them, within one thread', () => {
  const rootOf = (position: number) => marked(drafts[position], 'root') ?? position;
  const replies = ofKind(1).filter((draft) => marked(draft, 'root') !== undefined);
  expect(replies.length / ofKind(1).length).toBeGreaterThan(0.5);
  for (const reply of replies) {
    const root = marked(reply, 'root') ?? -1;
    const parent = marked(reply, 'reply') ?? root;
    expect(drafts[parent]?.kind).toBe(1);
    expect(rootOf(parent)).toBe(root);
    expect(people(reply)).toContain(drafts[parent]?.signer);
  }
});

test('threads, reactions and hashtags are skewed: few get many', () => {
  const targets = ofKind(7).map(({ tags }) => JSON.stringify(tags[0]?.[1]));
  const hashtags = ofKind(1).flatMap(({ tags }) =>
    tags.filter(([name]) => name === 't').map(([, tag]) => String(tag)),
  );
  for (const values of [targets, hashtags]) {
    const counts = [...tally(values).values()].sort((a, b) => b - a);
    expect(counts[0]).toBeGreaterThan(5 * (counts[counts.length >>> 1] ?? 0));
  }
});

test('replaceable and addressable events have histories', () => {
  for (const kind of [0, 3, 10002, 30023, 30078]) {
    const addresses = ofKind(kind).flatMap((draft) => addressOf(draft));
    const versions = [...tally(addresses).values()];
    expect(Math.max(...versions), `kind ${kind}`).toBeGreaterThanOrEqual(3);
    expect(versions.length, `kind ${kind}`).toBeLessThan(addresses.length * 0.9);
  }
});

test('a new follow list is the old one with few changes', () => {
  const newest = new Map<number, readonly number[]>();
  for (const draft of ofKind(3)) {
    const before = newest.get(draft.signer);
    const now = people(draft);
    newest.set(draft.signer, now);
    if (before) expect(before.filter((person) => !now.includes(person)).length).toBeLessThanOrEqual(1);
    expect(new Set(now).size).toBe(now.length);
  }
});

test('gift wraps are signed by keys used once', () => {
  const appearances = tally(drafts.map(({ signer }) => signer));
  expect(ofKind(1059).every(({ signer }) => appearances.get(signer) === 1)).toBe(true);
});

test('the evening is busier than the night', () => {
  const hours = tally(drafts.map(({ offsetS }) => Math.floor((offsetS + 30 * 86_400) / 3600) % 24));
  expect(hours.get(19)).toBeGreaterThan(2 * (hours.get(4) ?? 0));
});

test('a population of one person still makes every kind', () => {
  const lonely = draftCorpus({ events: 500, authors: 1, seed: 3 });
  expect(new Set(lonely.map(({ kind }) => kind)).size).toBe(KIND_SHARES.length);
});

test('two drafts that say the same in the same second become two events', async () => {
  const draft: Draft = { offsetS: -1, kind: 7, signer: 0, tags: [], content: '+' };
  const events = await signDrafts([draft, draft], { keys: { seed: 1 }, epochS: SPECIFICATION_EPOCH_S });
  expect(new Set(events.map(({ id }) => id)).size).toBe(2);
});

function tally<T>(values: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function marked(draft: Draft | undefined, marker: string): number | undefined {
  const target = draft?.tags.find(([name, , , is]) => name === 'e' && is === marker)?.[1];
  return typeof target === 'object' && 'idOf' in target ? target.idOf : undefined;
}

function people({ tags }: Draft): readonly number[] {
  return tags.flatMap(([name, text]) => (name === 'p' && isKey(text) ? [text.keyOf] : []));
}

function isKey(text: DraftText | undefined): text is { readonly keyOf: number } {
  return typeof text === 'object' && 'keyOf' in text;
}

function addressOf({ kind, signer, tags }: Draft): string {
  const d = kind >= 30_000 ? tags.find(([name]) => name === 'd')?.[1] : '';
  return `${kind}:${signer}:${d}`;
}

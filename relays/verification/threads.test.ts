import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finalizeEvent, generateSecretKey, type NostrEvent } from 'nostr-tools/pure';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { VerificationThreads } from './threads.js';
import { openVerifier, threadCount, type Verifier } from './verifier.js';

const key = generateSecretKey();
const note = (content: string): NostrEvent => {
  // Without the mark by which nostr-tools remembers what it has signed.
  return JSON.parse(
    JSON.stringify(finalizeEvent({ kind: 1, content, tags: [], created_at: 1_700_000_000 }, key)),
  );
};
const notes = (count: number): NostrEvent[] => Array.from({ length: count }, (_, i) => note(`${i}`));

const FORGED = 'invalid: the signature does not verify';
const WRONG_ID = 'invalid: the id is not the sha256 of the serialised event';

const open: Verifier[] = [];
afterEach(() => Promise.all(open.splice(0).map((verifier) => verifier.close())));

function threads(count: number, failed: (reason: string) => void = () => undefined, file?: string): Verifier {
  const verifier = new VerificationThreads(count, failed, file);
  open.push(verifier);
  return verifier;
}

/** A thread of our own making: it says that it is ready, and does `body` with each batch. */
function threadThat(body: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'reqbench-thread-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const file = join(dir, 'thread.mjs');
  writeFileSync(
    file,
    `import { parentPort } from 'node:worker_threads';
    parentPort.on('message', (batch) => { ${body} });
    parentPort.postMessage(new Uint8Array(0));`,
  );
  return file;
}

describe.each([1, 3])('%i threads', (count) => {
  test('tell right events, wrong ids and wrong signatures apart, in the order of asking', async () => {
    const verifier = threads(count);
    const expected: (string | undefined)[] = [];
    const settled: number[] = [];
    const verdicts = notes(90).map((event, i) => {
      const tampered = [event, { ...event, content: 'other' }, { ...event, sig: `${'0'.repeat(127)}1` }][
        i % 3
      ];
      expected.push([undefined, WRONG_ID, FORGED][i % 3]);
      const verdict = Promise.resolve(verifier.forgery(tampered ?? event));
      void verdict.then(() => settled.push(i));
      return verdict;
    });
    expect(await Promise.all(verdicts)).toEqual(expected);
    expect(settled).toEqual(settled.toSorted((a, b) => a - b));
  });

  test('and a public key that is no point of the curve is a wrong signature', async () => {
    const event = { ...note('x'), pubkey: 'f'.repeat(64) };
    expect(await threads(count).forgery(event)).toBe(WRONG_ID);
  });
});

test('more than may wait get their verdicts all the same', async () => {
  const verifier = threads(1);
  const event = note('again');
  const verdicts = await Promise.all(Array.from({ length: 1_500 }, () => verifier.forgery(event)));
  expect(new Set(verdicts)).toEqual(new Set([undefined]));
});

test('a thread that fails is told of, and what it had is refused by error; what comes next is verified', async () => {
  const failures: string[] = [];
  const verifier = threads(
    1,
    (reason) => failures.push(reason),
    threadThat("throw new Error('out of order');"),
  );
  // The first ones are verified here, while the thread starts.
  await expect.poll(() => verifier.forgery(note('x'))).toMatch(/^error: the signature could not be verified/);
  expect(failures[0]).toContain('out of order');
  expect(await verifier.forgery(note('after'))).toBeUndefined();
});

test('a thread that cannot be loaded costs no verdict', async () => {
  const failures: string[] = [];
  const verifier = threads(2, (reason) => failures.push(reason), '/none/thread.mjs');
  const verdicts = await Promise.all(notes(30).map((event) => verifier.forgery(event)));
  expect(verdicts).toEqual(Array(30).fill(undefined));
  await expect.poll(() => failures.length).toBeGreaterThan(0);
});

test('closing refuses what waits, ends the threads, and refuses what comes after', async () => {
  const verifier = threads(1, undefined, threadThat(''));
  const verdicts = notes(40).map((event) => verifier.forgery(event));
  await verifier.close();
  const refusals = await Promise.all(verdicts);
  expect(refusals.at(-1)).toBe('error: relay is shutting down');
  expect(await verifier.forgery(note('late'))).toBe('error: relay is shutting down');
});

test('without threads the verdict is there at once; without verification everything is right', () => {
  const here = openVerifier({ verifySignatures: true, verifyThreads: 0 }, () => undefined);
  expect(here.threads).toBe(0);
  expect(here.forgery({ ...note('x'), content: 'y' })).toBe(WRONG_ID);
  const none = openVerifier({ verifySignatures: false, verifyThreads: 4 }, () => undefined);
  expect(none.threads).toBe(0);
  expect(none.forgery({ ...note('x'), content: 'y' })).toBeUndefined();
});

test.each([
  [1, 0],
  [2, 1],
  [4, 3],
  [5, 4],
  [64, 4],
])('auto on %i cores is %i threads', (cores, count) => {
  expect(threadCount('auto', cores)).toBe(count);
  expect(threadCount(7, cores)).toBe(7);
});

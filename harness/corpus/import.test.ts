import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { getPublicKey } from 'nostr-tools/pure';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InputError, type InputProblem } from '../errors.js';
import type { Corpus } from './corpus.js';
import { fingerprintOf } from './fingerprint.js';
import { generateCorpus } from './generate.js';
import { importCorpus } from './import.js';
import { SPECIFICATION_EPOCH_S } from './specification.js';

const SIZE = { events: 60, authors: 10, seed: 7, epochS: SPECIFICATION_EPOCH_S };
const REAL_EVENTS = process.env.REQBENCH_REAL_EVENTS;

let folder: string;
let cacheDir: string;
let made: Corpus;
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reqbench-import-'));
  cacheDir = join(folder, 'cache');
  made = await generateCorpus(SIZE, { cacheDir });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function save(contents: string | Uint8Array): Promise<string> {
  const file = join(folder, `events-${files++}.jsonl`);
  await writeFile(file, contents);
  return file;
}

const load = (file: string) => importCorpus(file, { seed: 1, cacheDir });

async function problemsOf(file: string): Promise<readonly InputProblem[]> {
  try {
    await load(file);
  } catch (error) {
    if (error instanceof InputError) return error.problems;
    throw error;
  }
  throw new Error('the import found nothing wrong');
}

const line = (position: number): string => made.lines[position] ?? '';

describe('a file that is in order', () => {
  test('is used as it is', async () => {
    const file = await save(made.lines.map((text) => `${text}\n`).join(''));
    const corpus = await load(file);
    expect(corpus.file).toBe(file);
    expect(corpus.fingerprint).toBe(made.fingerprint);
    expect(corpus.events).toEqual(made.events);
    expect(corpus.lines).toEqual(made.lines);
    expect(corpus.authors).toEqual(made.authors);
    expect(corpus.epochS).toBe(made.events.at(-1)?.created_at);
  });

  test('may end without a line feed', async () => {
    const file = await save(made.lines.join('\n'));
    expect((await load(file)).file).toBe(file);
  });
});

describe('a file that is not in order', () => {
  test('is sorted into a copy in the cache; events of one second keep their order', async () => {
    const file = await save(made.lines.toReversed().join('\n'));
    const corpus = await load(file);
    const times = corpus.events.map(({ created_at }) => created_at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(corpus.file).not.toBe(file);
    expect(await readFile(corpus.file, 'utf8')).toBe(corpus.lines.map((text) => `${text}\n`).join(''));
  });

  test('may have a byte order mark, CRLF and blank lines', async () => {
    const file = await save(`\ufeff${line(0)}\r\n\r\n \t\n${line(1)}\r\n\n${line(2)}`);
    const corpus = await load(file);
    expect(corpus.lines).toEqual([line(0), line(1), line(2)]);
    expect(await readFile(corpus.file, 'utf8')).toBe(`${line(0)}\n${line(1)}\n${line(2)}\n`);
  });

  test('keeps the text of each event, spaces, key order, escapes and unknown fields included', async () => {
    const { sig, ...rest } = JSON.parse(line(0));
    const text = ` ${JSON.stringify({ sig, seen: 1, ...rest }, null, 1)
      .replaceAll('\n', ' ')
      .replace('e', '\\u0065')}`;
    const corpus = await load(await save(`${text}\n`));
    expect(corpus.lines).toEqual([text]);
    expect(corpus.events).toEqual([made.events[0]]);
  });
});

describe('identities of an imported corpus', () => {
  test('are keys of the seed, not of its authors', async () => {
    const corpus = await load(await save(line(0)));
    const secretKey = corpus.identitySecretKey(0);
    expect(getPublicKey(Buffer.from(secretKey, 'hex'))).toBe(corpus.identityPublicKey(0));
    expect(corpus.authors).not.toContain(corpus.identityPublicKey(0));
  });
});

describe('bad lines', () => {
  const withField = (field: string, value: unknown) =>
    JSON.stringify({ ...JSON.parse(line(1)), [field]: value });
  const columnOf = (text: string, field: string) => text.indexOf(`"${field}":`) + field.length + 4;

  test.each([
    ['not JSON', () => '{"id":1,}', 9, 'not JSON: expected a key in double quotes'],
    ['a list', () => '[1]', 1, 'not an event: a line holds one JSON object'],
    ['null', () => 'null', 1, 'not an event: a line holds one JSON object'],
    ['a field missing', () => withField('sig', undefined), 1, 'no "sig"'],
  ])('%s: line, column, problem', async (_, text, column, message) => {
    const file = await save(`${line(0)}\n\n${text()}\n`);
    expect(await problemsOf(file)).toEqual([{ message, at: { file, line: 3, column } }]);
  });

  test.each([
    ['id', 'ABC', '"id" is not 64 lower-case hex digits'],
    ['pubkey', 5, '"pubkey" is not 64 lower-case hex digits'],
    ['created_at', 1.5, '"created_at" is not whole unix seconds'],
    ['created_at', -1, '"created_at" is not whole unix seconds'],
    ['kind', 65_536, '"kind" is not a whole number from 0 to 65535'],
    ['kind', '1', '"kind" is not a whole number from 0 to 65535'],
    ['tags', [['p', 1]], '"tags" is not a list of lists of strings'],
    ['tags', {}, '"tags" is not a list of lists of strings'],
    ['content', null, '"content" is not a string'],
    ['sig', 'ff', '"sig" is not 128 lower-case hex digits'],
  ])('%s as %j: the column is that of the value', async (field, value, message) => {
    const text = withField(field, value);
    const file = await save(`${line(0)}\n${text}\n`);
    expect(await problemsOf(file)).toEqual([
      { message, at: { file, line: 2, column: columnOf(text, field) } },
    ]);
  });

  test('a changed event has a wrong id, and the right one is named', async () => {
    const text = withField('content', 'changed');
    const file = await save(text);
    const [problem] = await problemsOf(file);
    expect(problem).toMatchObject({ at: { file, line: 1, column: 7 } });
    expect(problem?.message).toContain('wrong id');
    expect(problem?.hint).toMatch(/it would be [0-9a-f]{64}/);
  });

  test.each([
    ['of another event', () => made.events[2]?.sig],
    ['out of range', () => 'ff'.repeat(64)],
  ])('a signature %s is wrong', async (_, sig) => {
    const text = withField('sig', sig());
    const file = await save(text);
    expect(await problemsOf(file)).toEqual([
      { message: 'wrong signature', at: { file, line: 1, column: columnOf(text, 'sig') } },
    ]);
  });

  test('a public key that is no point of the curve is named as that', async () => {
    const event = { ...JSON.parse(line(0)), pubkey: 'ff'.repeat(32) };
    const unsigned = JSON.stringify(event);
    const [wrongId] = await problemsOf(await save(unsigned));
    const id = wrongId?.hint?.match(/[0-9a-f]{64}/)?.[0];
    const [problem] = await problemsOf(await save(JSON.stringify({ ...event, id })));
    expect(problem?.message).toBe('"pubkey" is not a point on the curve');
  });

  test('a duplicate names the line of the first', async () => {
    const file = await save(`${line(0)}\n${line(1)}\n${line(0)}\n`);
    expect(await problemsOf(file)).toEqual([
      { message: 'duplicate id, first on line 1', at: { file, line: 3, column: 7 } },
    ]);
  });

  test('bytes that are not UTF-8 are named by their column', async () => {
    const file = await save(
      Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xff]), Buffer.from('"}\n')]),
    );
    expect(await problemsOf(file)).toEqual([{ message: 'not UTF-8', at: { file, line: 1, column: 8 } }]);
  });

  test('the first 20 are shown in order of line, the others counted', async () => {
    const wrongSignature = withField('sig', made.events[0]?.sig);
    const file = await save(`${wrongSignature}\n${'x\n'.repeat(24)}`);
    const problems = await problemsOf(file);
    expect(problems).toHaveLength(21);
    expect(problems.slice(0, 20).map(({ at }) => at?.line)).toEqual(
      Array.from({ length: 20 }, (_, at) => at + 1),
    );
    expect(problems[0]?.message).toBe('wrong signature');
    expect(problems.at(-1)).toEqual({ message: 'and 5 more bad lines', at: { file } });
  });
});

describe('files that hold nothing', () => {
  test('no such file', async () => {
    const file = join(folder, 'missing.jsonl');
    expect(await problemsOf(file)).toEqual([{ message: 'no such file', at: { file } }]);
  });

  test('a folder', async () => {
    expect(await problemsOf(folder)).toEqual([
      { message: 'a folder, not a file of events', at: { file: folder } },
    ]);
  });

  test('an empty file', async () => {
    const file = await save('\n');
    expect(await problemsOf(file)).toEqual([{ message: 'no events', at: { file } }]);
  });
});

describe('the cache of checked files', () => {
  test('spares a second check of the same bytes under any name', async () => {
    const file = await save(made.lines.slice(10, 40).join('\n'));
    const progress: number[] = [];
    const watched = { seed: 1, cacheDir, onProgress: (done: number) => progress.push(done) };
    const first = await importCorpus(file, watched);
    expect(progress).toEqual([30]);
    const copy = `${file}.copy`;
    await copyFile(file, copy);
    const second = await importCorpus(copy, watched);
    expect(progress).toEqual([30]);
    expect(second.fingerprint).toBe(first.fingerprint);
  });

  test('remembers no file with a bad line', async () => {
    const file = await save(
      `${line(0)}\n${JSON.stringify({ ...JSON.parse(line(1)), sig: made.events[0]?.sig })}\n`,
    );
    expect(await problemsOf(file)).toHaveLength(1);
    expect(await problemsOf(file)).toHaveLength(1);
  });

  test('mends a damaged copy', async () => {
    const file = await save(made.lines.toReversed().join('\n'));
    const { file: copy } = await load(file);
    await writeFile(copy, 'damaged');
    const again = await load(file);
    expect(await readFile(again.file, 'utf8')).toBe(again.lines.map((text) => `${text}\n`).join(''));
  });
});

test.skipIf(!REAL_EVENTS)(
  `1,256 real events are imported without a problem${REAL_EVENTS ? '' : ' (not run: set REQBENCH_REAL_EVENTS)'}`,
  async () => {
    const corpus = await load(REAL_EVENTS ?? '');
    expect(corpus.events).toHaveLength(1256);
    expect(corpus.authors).toHaveLength(647);
    expect(corpus.file).toBe(resolve(REAL_EVENTS ?? ''));
    expect(corpus.fingerprint).toBe(fingerprintOf(corpus.events.map(({ id }) => id)));
  },
);

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { InputError } from '../harness/errors.js';
import { corpusCommand } from './corpus.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reqbench-bin-corpus-'));
  vi.stubEnv('REQBENCH_CACHE', join(folder, 'cache'));
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

async function run(...words: readonly string[]): Promise<string> {
  let written = '';
  const output = { write: (text: string) => (written += text) };
  await corpusCommand(output).parseAsync(words, { from: 'user' });
  return written;
}

test('generate writes a file that info describes with the same fingerprint', async () => {
  const out = join(folder, 'new', 'events.jsonl');
  const made = JSON.parse(await run('generate', '--events', '50', '--authors', '5', '--out', out, '--json'));
  const described = JSON.parse(await run('info', out, '--json'));
  expect(described).toEqual({ ...made, epochS: described.newestS });
  expect(made).toMatchObject({ file: out, events: 50 });
  expect((await readFile(out, 'utf8')).split('\n')).toHaveLength(51);
});

test('the same seed gives the same fingerprint, another epoch another', async () => {
  const fingerprint = async (...words: string[]) =>
    JSON.parse(await run('info', '--events', '20', '--json', ...words)).fingerprint;
  expect(await fingerprint()).toBe(await fingerprint('--seed', '42', '--epoch', '2026-01-01'));
  expect(await fingerprint()).not.toBe(await fingerprint('--epoch', '2026-01-02'));
});

test('import writes the events in order of time', async () => {
  const source = join(folder, 'source.jsonl');
  const out = join(folder, 'sorted.jsonl');
  await run('generate', '--events', '30', '--out', source);
  const text = await readFile(source, 'utf8');
  const reversed = join(folder, 'reversed.jsonl');
  await writeFile(reversed, text.trimEnd().split('\n').toReversed().join('\r\n'));
  await run('import', reversed, '--out', out);
  const times = (await readFile(out, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).created_at);
  expect(times).toHaveLength(30);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});

test('a description counts kinds, replaced versions, sizes and tags', async () => {
  const description = JSON.parse(await run('info', '--events', '200', '--authors', '20', '--json'));
  const kinds: readonly { events: number; bytes: number }[] = description.kinds;
  expect(kinds.reduce((sum, { events }) => sum + events, 0)).toBe(200);
  expect(kinds.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(description.bytes.total);
  expect(description.replaced).toBeGreaterThan(5);
  expect(description.largestEvent.bytes).toBe(description.bytes.largest);
  expect(description.mostTags.kind).toBe(3);
});

test('a person gets the same facts as a table', async () => {
  const text = await run('info', '--events', '200', '--authors', '20');
  expect(text).toMatch(/^fingerprint +[0-9a-f]{64}$/m);
  expect(text).toMatch(/│ +1 │ note +│ +\d+ │ +\d+\.\d % │/);
  expect(text).toContain('2026-01-01T00:00:00Z');
});

test.each([
  [['generate', '--events', 'many'], '--events many is out of range'],
  [['generate', '--events', '0'], '--events 0 is out of range'],
  [['generate', '--epoch', 'tomorrow'], '"tomorrow" is not an epoch'],
  [['info', 'missing.jsonl'], 'missing.jsonl: no such file'],
  [['info', 'some.jsonl', '--events', '5'], '--events, --authors and --epoch describe a generated corpus'],
])('%j is bad input', async (words, message) => {
  await expect(run(...words)).rejects.toThrow(InputError);
  await expect(run(...words)).rejects.toThrow(message);
});

test('a file that cannot be written is bad input', async () => {
  const blocked = join(folder, 'a-file');
  await writeFile(blocked, '');
  await expect(run('generate', '--events', '5', '--out', join(blocked, 'x.jsonl'))).rejects.toThrow(
    InputError,
  );
});

import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { LogTail } from './log-tail.js';

function tailOf(...chunks: (string | Buffer)[]): Promise<readonly string[]> {
  const log = new LogTail();
  const stream = new PassThrough();
  log.read(stream);
  for (const chunk of chunks) stream.write(chunk);
  return turn().then(() => log.lines());
}

test('the last 50 lines are kept, oldest first', async () => {
  const lines = await tailOf(Array.from({ length: 120 }, (_, i) => `line ${i}\n`).join(''));
  expect(lines).toHaveLength(50);
  expect(lines[0]).toBe('line 70');
  expect(lines[49]).toBe('line 119');
});

test('a line is cut at 2,000 characters, also one that never ends', async () => {
  expect((await tailOf(`${'a'.repeat(5_000)}\nb\n`)).map((line) => line.length)).toEqual([2_000, 1]);
  expect((await tailOf('a'.repeat(1_500), 'b'.repeat(1_500)))[0]).toBe('a'.repeat(1_500) + 'b'.repeat(500));
});

test('a last line without newline counts', async () => {
  expect(await tailOf('one\ntwo', ' and more')).toEqual(['one', 'two and more']);
});

test('control characters stay what they are', async () => {
  const hostile = '\u001b]0;owned\u0007\u001b[2J\rspoof\u0000';
  expect(await tailOf(`${hostile}\n`)).toEqual([hostile]);
});

test('a character that is split over two chunks is put together', async () => {
  const bytes = Buffer.from('ü€\n');
  expect(await tailOf(bytes.subarray(0, 3), bytes.subarray(3))).toEqual(['ü€']);
});

test('lines of two streams are kept in the order in which they ended', async () => {
  const log = new LogTail();
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  log.read(stdout);
  log.read(stderr);
  stdout.write('started ');
  await turn();
  stderr.write('warning\n');
  await turn();
  stdout.end('well\n');
  await turn();
  expect(log.lines()).toEqual(['warning', 'started well']);
});

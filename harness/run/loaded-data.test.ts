import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CopyError, LoadedData } from './loaded-data.js';

const NOTHING_REFUSED = { accepted: 1, refused: [], durationMs: 1, stopped: undefined };

function scratch(): string {
  const dir = mkdtempSync(join(tmpdir(), 'reqbench-loaded-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

test('a kept folder comes back whole, and what a round changes in it stays in that round', async () => {
  const dir = scratch();
  const first = scratch();
  writeFileSync(join(first, 'events'), 'loaded');
  const data = new LoadedData(join(dir, 'kept'));
  expect(data.report).toBeUndefined();
  await data.keep(first, NOTHING_REFUSED);
  expect(data.report).toBe(NOTHING_REFUSED);
  const second = scratch();
  await data.restore(second);
  writeFileSync(join(second, 'events'), 'changed');
  const third = scratch();
  await data.restore(third);
  expect(readFileSync(join(third, 'events'), 'utf8')).toBe('loaded');
});

test('the holes of a mapped file take no room in the copy', async () => {
  const first = scratch();
  const file = join(first, 'data.mdb');
  const descriptor = openSync(file, 'w');
  writeSync(descriptor, 'page');
  closeSync(descriptor);
  truncateSync(file, 256 * 1024 ** 2);
  const data = new LoadedData(join(scratch(), 'kept'));
  await data.keep(first, NOTHING_REFUSED);
  const second = scratch();
  await data.restore(second);
  const { size, blocks } = statSync(join(second, 'data.mdb'));
  expect(size).toBe(256 * 1024 ** 2);
  expect(blocks * 512).toBeLessThan(1024 ** 2);
});

test('a folder that cannot be copied is said to be so', async () => {
  const data = new LoadedData(join(scratch(), 'kept'));
  await expect(data.keep('/nonexistent/folder', NOTHING_REFUSED)).rejects.toThrow(CopyError);
});

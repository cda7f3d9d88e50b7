import { statfs } from 'node:fs/promises';

/** With less than this left, writing a database fails. */
const LITTLE_BYTES = 8 * 1024 * 1024;

/** What to do about a full disk, or nothing where there is room. */
export async function diskAdvice(
  dir: string,
  freeBytes: (dir: string) => Promise<number> = freeBytesOf,
): Promise<string> {
  const free = await freeBytes(dir).catch(() => Number.POSITIVE_INFINITY);
  if (free >= LITTLE_BYTES) return '';
  return `; the disk that holds ${dir} is full (${Math.floor(free / 1024)} KiB left): free some room, or set TMPDIR to a folder that has it`;
}

async function freeBytesOf(dir: string): Promise<number> {
  const { bavail, bsize } = await statfs(dir);
  return bavail * bsize;
}

import { statfs } from 'node:fs/promises';

/** With less than this left, writing a database fails. */
const LITTLE_BYTES = 8 * 1024 * 1024;

/** That the disk of a relay's folder is full and what to do about it; undefined where there is room. */
export async function diskProblem(
  dir: string,
  freeBytes: (dir: string) => Promise<number> = freeBytesOf,
): Promise<string | undefined> {
  const free = await freeBytes(dir).catch(() => Number.POSITIVE_INFINITY);
  if (free >= LITTLE_BYTES) return undefined;
  return `the disk that holds ${dir} is full (${Math.floor(free / 1024)} KiB left): free some room, or set TMPDIR to a folder that has it`;
}

async function freeBytesOf(dir: string): Promise<number> {
  const { bavail, bsize } = await statfs(dir);
  return bavail * bsize;
}

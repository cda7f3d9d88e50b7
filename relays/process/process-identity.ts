import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, readlinkSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { ProcessIdentity } from '../relay.js';

/** A program larger than this isn't hashed: it would take longer than a round. */
const MAX_PROGRAM_BYTES = 512 * 1024 * 1024;

const LONGEST_ARGUMENTS = 2_000;

/**
 * What a process is, as the system tells it: its arguments (hostile: whatever was written there), its program and the
 * program's hash. Undefined where there is no such process, or no `/proc`; fields are missing where they may not be read.
 */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | undefined> {
  const args = argumentsOf(pid);
  if (args === undefined) return undefined;
  const program = programOf(pid);
  const sha256 = program === undefined ? undefined : await hashOf(`/proc/${pid}/exe`, program);
  return {
    pid,
    arguments: args,
    ...(program === undefined ? {} : { program }),
    ...(sha256 === undefined ? {} : { sha256 }),
  };
}

/** Separated by spaces. */
export function argumentsOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return text.replace(/\0+$/, '').replaceAll('\0', ' ').slice(0, LONGEST_ARGUMENTS);
  } catch {
    return undefined;
  }
}

function programOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined;
  }
}

/** By path, size and time of change: every round starts the same program again. */
const hashes = new Map<string, string>();

/** @param link follows the program that runs, also where its file was replaced since */
async function hashOf(link: string, program: string): Promise<string | undefined> {
  try {
    const { size, mtimeMs, ino } = await stat(link);
    if (size > MAX_PROGRAM_BYTES) return undefined;
    const key = `${program} ${ino} ${size} ${mtimeMs}`;
    const known = hashes.get(key);
    if (known !== undefined) return known;
    const hash = createHash('sha256');
    await pipeline(createReadStream(link), hash);
    const sha256 = hash.digest('hex');
    hashes.set(key, sha256);
    return sha256;
  } catch {
    return undefined;
  }
}

import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { StoreError } from '../event-store.js';

const LOCK_FILE = 'relay.pid';

/**
 * Takes a data folder for this process alone: sequences are counted in memory, so two relays would give out the same.
 * The lock of a process that is gone is taken over.
 * @returns gives the folder back.
 * @throws {StoreError} when a process that runs has it.
 */
export function lockFolder(dir: string): () => void {
  const file = join(dir, LOCK_FILE);
  const holder = holderOf(file);
  if (holder !== undefined && isRunning(holder)) {
    throw new StoreError(
      `the data folder ${dir} is in use by process ${holder}; stop it, or delete ${file} if that is no relay`,
    );
  }
  rmSync(file, { force: true });
  const descriptor = openSync(file, 'wx');
  writeSync(descriptor, String(process.pid));
  closeSync(descriptor);
  return () => rmSync(file, { force: true });
}

function holderOf(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

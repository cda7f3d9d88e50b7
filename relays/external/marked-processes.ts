import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isLiving, processTable } from '../process/process-table.js';

const GRACE_MS = 2_000;
const POLL_MS = 20;

/** Environment variable that everything which a command starts inherits, in whatever process group it ends up. */
export const MARK = 'REQBENCH_COMMAND';

/** Living processes with this mark, a daemon that left its group among them. Empty where the platform can't tell. */
export function markedProcesses(mark: string): readonly number[] {
  const wanted = `${MARK}=${mark}`;
  return (processTable() ?? [])
    .filter((entry) => isLiving(entry) && environmentOf(entry.pid).includes(wanted))
    .map(({ pid }) => pid);
}

/** Ends what is left with this mark: SIGTERM, after 2 s SIGKILL. Returns how many there were. */
export async function endMarked(mark: string): Promise<number> {
  const left = markedProcesses(mark);
  if (left.length === 0) return 0;
  signalAll(left, 'SIGTERM');
  const deadline = performance.now() + GRACE_MS;
  while (markedProcesses(mark).length > 0) {
    if (performance.now() > deadline) {
      signalAll(markedProcesses(mark), 'SIGKILL');
      break;
    }
    await sleep(POLL_MS);
  }
  return left.length;
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended in the meantime.
    }
  }
}

function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

import { readdirSync, readFileSync } from 'node:fs';

/** A line of the system's process table. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** The kernel's letter: `R`, `S`, `Z` … */
  readonly state: string;
  /** Clock ticks since boot at which it started. */
  readonly startedAt: number;
}

/** All processes that `/proc` shows; undefined on a platform without it. */
export function processTable(): readonly ProcessEntry[] | undefined {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => processEntry(Number(name)))
      .filter((entry) => entry !== undefined);
  } catch {
    return undefined;
  }
}

/** Undefined when there is no such process, or no `/proc`. Fields: proc_pid_stat(5). */
export function processEntry(pid: number): ProcessEntry | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The second field is the program's name in parentheses; it may hold anything, more parentheses included.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    pid,
    state: fields[0] ?? '',
    parent: Number(fields[1]),
    group: Number(fields[2]),
    startedAt: Number(fields[19]),
  };
}

/** Processes of a group that run; undefined where the platform can't tell. */
export function livingMembers(groupId: number): readonly ProcessEntry[] | undefined {
  return processTable()?.filter((entry) => entry.group === groupId && isLiving(entry));
}

/** Zombies have ended; they only wait to be reaped. */
export function isLiving(entry: ProcessEntry): boolean {
  return entry.state !== 'Z' && entry.state !== 'X';
}

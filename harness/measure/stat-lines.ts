import { readdirSync, readFileSync } from 'node:fs';

/** A line of the process table, with the CPU time of a process and of its children that have ended, in ticks. */
export interface StatLine {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly cpuTicks: number;
}

/** All processes that `/proc` shows (proc_pid_stat(5)); undefined on a platform without it. */
export function statLines(): StatLine[] | undefined {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => parseStatLine(Number(name), readText(`/proc/${name}/stat`) ?? '') ?? []);
  } catch {
    return undefined;
  }
}

/** @returns undefined for what is no line of /proc/PID/stat */
export function parseStatLine(pid: number, stat: string): StatLine | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const times = fields.slice(11, 15).map(Number);
  if (times.length < 4) return undefined;
  return {
    pid,
    parent: Number(fields[1]),
    group: Number(fields[2]),
    cpuTicks: times.reduce((sum, ticks) => sum + ticks, 0),
  };
}

type Kinship = Pick<StatLine, 'pid' | 'parent' | 'group'>;

/** Adds to `family` whatever descends from it. */
export function withDescendants(family: ReadonlySet<number>, table: readonly Kinship[]): Set<number> {
  const all = new Set(family);
  for (let before = 0; before < all.size; ) {
    before = all.size;
    for (const { pid, parent } of table) if (all.has(parent)) all.add(pid);
  }
  return all;
}

/**
 * The processes that make up a server whose listening socket `root` holds: itself, what descends from it, and what else is in
 * its process group, but not those that it descends from: a shell that only started it.
 */
export function serverFamily(root: number, table: readonly Kinship[]): number[] {
  const byPid = new Map(table.map((line) => [line.pid, line]));
  const ancestors = new Set<number>();
  for (let at = byPid.get(root)?.parent; at !== undefined && !ancestors.has(at); at = byPid.get(at)?.parent) {
    ancestors.add(at);
  }
  const group = byPid.get(root)?.group;
  const members = table.filter((line) => line.group === group && !ancestors.has(line.pid));
  return [...withDescendants(new Set([root, ...members.map(({ pid }) => pid)]), table)];
}

/** Undefined for a file that isn't there or may not be read. */
export function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}

import { clockTicksPerSecond } from './process-reader.js';
import { readText, type StatLine, statLines, withDescendants } from './stat-lines.js';

/** What the machine as a whole has done up to one moment. Times in seconds since boot, over all cores. */
export interface MachineReading {
  readonly cores: number;
  /** Time that programs ran, in user and kernel. Interrupts are left out: those of loopback are the run's own. */
  readonly busyS: number;
  /** Time that a core of this virtual machine was ready to run and the host ran something else. */
  readonly stolenS: number;
  /** Threads that run or wait for a core now. */
  readonly runnable: number;
  /** Time in which at least one thread waited for a core; undefined where the kernel doesn't count it. */
  readonly waitingS: number | undefined;
}

/** Reads the machine; one a platform. */
export interface MachineReader {
  read(): MachineReading | undefined;
  /** CPU seconds so far of a process, all that descends from it, and all in the groups of `others`. */
  cpuOf(root: number, others: readonly number[]): number | undefined;
}

/** The reader of this platform, or null where there is none. */
export function machineReader(platform: NodeJS.Platform = process.platform): MachineReader | null {
  if (platform !== 'linux') return null;
  const ticks = clockTicksPerSecond();
  return {
    read: () => parseMachine(readText('/proc/stat'), readText('/proc/pressure/cpu'), ticks),
    cpuOf: (root, others) => {
      const table = statLines();
      return table && cpuOfFamily(table, root, others) / ticks;
    },
  };
}

/** Reads /proc/stat (proc_stat(5)) and /proc/pressure/cpu (Documentation/accounting/psi.rst of the kernel). */
export function parseMachine(
  stat: string | undefined,
  pressure: string | undefined,
  ticksPerSecond: number,
): MachineReading | undefined {
  const all = /^cpu +(\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)/m.exec(stat ?? '');
  const runnable = /^procs_running (\d+)/m.exec(stat ?? '')?.[1];
  const cores = stat?.match(/^cpu\d+ /gm)?.length ?? 0;
  if (!all || runnable === undefined || cores === 0) return undefined;
  const [user, nice, system, , , , , stolen] = all.slice(1).map(Number);
  const waitingUs = /^some .*total=(\d+)/m.exec(pressure ?? '')?.[1];
  return {
    cores,
    busyS: ((user ?? 0) + (nice ?? 0) + (system ?? 0)) / ticksPerSecond,
    stolenS: (stolen ?? 0) / ticksPerSecond,
    runnable: Number(runnable),
    waitingS: waitingUs === undefined ? undefined : Number(waitingUs) / 1e6,
  };
}

/** Ticks of `root` and its descendants, and of whoever shares a process group with one of `others`. */
export function cpuOfFamily(table: readonly StatLine[], root: number, others: readonly number[]): number {
  const groups = new Set(table.filter(({ pid }) => others.includes(pid)).map(({ group }) => group));
  const members = table.filter(({ group }) => groups.has(group)).map(({ pid }) => pid);
  const family = withDescendants(new Set([root, ...members]), table);
  return table.reduce((sum, { pid, cpuTicks }) => (family.has(pid) ? sum + cpuTicks : sum), 0);
}

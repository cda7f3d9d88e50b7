import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { nowNs } from '../clock.js';
import type { ContextSwitches, ProcessReader, ProcessReading } from './process-sampler.js';
import { psReader } from './ps-reader.js';
import { readText, serverFamily, statLines } from './stat-lines.js';

/** A new reader of this platform, or null where there is none. One reader follows one process. */
export function processReader(platform: NodeJS.Platform = process.platform): ProcessReader | null {
  if (platform === 'linux') return linuxReader(clockTicksPerSecond());
  return platform === 'darwin' ? psReader() : null;
}

let cachedTicks: number | undefined;

/** The unit of times in /proc/PID/stat: a constant of the running system. */
export function clockTicksPerSecond(): number {
  cachedTicks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return cachedTicks;
}

/** How often it is looked who belongs to a server: that takes some milliseconds, the whole process table. */
const FAMILY_EVERY_NS = 500e6;

function linuxReader(ticksPerSecond: number): ProcessReader {
  let family: { readonly root: number; readonly pids: readonly number[]; readonly atNs: number } | undefined;
  const tally = new FamilyTally();
  const familyOf = (root: number): readonly number[] => {
    if (family?.root !== root || nowNs() - family.atNs > FAMILY_EVERY_NS) {
      family = { root, pids: serverFamily(root, statLines() ?? []), atNs: nowNs() };
    }
    return family.pids;
  };
  const readOne = (pid: number): ProcessReading | undefined =>
    parseProc(readText(`/proc/${pid}/status`) ?? '', readText(`/proc/${pid}/stat`) ?? '', ticksPerSecond);
  return {
    read(root) {
      const ofRoot = readOne(root);
      if (!ofRoot) return undefined;
      const others = familyOf(root).filter((pid) => pid !== root);
      return tally.sum(
        [[root, ofRoot], ...others.map((pid) => [pid, readOne(pid)] as const)],
        ofRoot.identity,
      );
    },
    contextSwitches: (root) => sumSwitches(familyOf(root).flatMap(switchesOf)),
  };
}

/** Adds up a family whose members come and go: memory of those that live, CPU time of all that were seen. */
export class FamilyTally {
  readonly #last = new Map<string, ProcessReading>();

  sum(
    members: readonly (readonly [pid: number, reading: ProcessReading | undefined])[],
    identity: string,
  ): ProcessReading {
    const living = members.flatMap(([pid, reading]) => (reading ? [[pid, reading] as const] : []));
    for (const [pid, reading] of living) this.#last.set(`${pid} ${reading.identity}`, reading);
    const readings = living.map(([, reading]) => reading);
    const seen = [...this.#last.values()];
    return {
      rssBytes: total(readings.map(({ rssBytes }) => rssBytes)),
      anonBytes: totalIfAll(readings.map(({ anonBytes }) => anonBytes)),
      cpuTimeS: total(seen.map(({ cpuTimeS }) => cpuTimeS)),
      userTimeS: totalIfAll(seen.map(({ userTimeS }) => userTimeS)),
      identity,
    };
  }
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function totalIfAll(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === values.length ? total(known) : undefined;
}

/** Of every thread: what stands in /proc/PID/status is that of the first one alone. */
function switchesOf(pid: number): ContextSwitches[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap(
      (thread) => parseSwitches(readText(`/proc/${pid}/task/${thread}/status`) ?? '') ?? [],
    );
  } catch {
    return [];
  }
}

/** @returns undefined where the status doesn't have them */
export function parseSwitches(status: string): ContextSwitches | undefined {
  const voluntary = /^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1];
  const involuntary = /^nonvoluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1];
  if (voluntary === undefined || involuntary === undefined) return undefined;
  return { voluntary: Number(voluntary), involuntary: Number(involuntary) };
}

function sumSwitches(parts: readonly ContextSwitches[]): ContextSwitches | undefined {
  if (parts.length === 0) return undefined;
  return {
    voluntary: total(parts.map(({ voluntary }) => voluntary)),
    involuntary: total(parts.map(({ involuntary }) => involuntary)),
  };
}

/**
 * Reads /proc/PID/status and /proc/PID/stat (proc(5)); undefined for a process without memory of its own: a zombie, or
 * a thread of the kernel.
 */
export function parseProc(status: string, stat: string, ticksPerSecond: number): ProcessReading | undefined {
  const rssBytes = kibibytes(status, 'VmRSS');
  // The second field, the command, is in brackets and may hold spaces and brackets: count from behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [userTicks, systemTicks, startTime] = [fields[11], fields[12], fields[19]];
  if (rssBytes === undefined || startTime === undefined) return undefined;
  return {
    rssBytes,
    anonBytes: kibibytes(status, 'RssAnon'),
    cpuTimeS: (Number(userTicks) + Number(systemTicks)) / ticksPerSecond,
    userTimeS: Number(userTicks) / ticksPerSecond,
    identity: startTime,
  };
}

function kibibytes(status: string, field: string): number | undefined {
  const value = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  return value === undefined ? undefined : Number(value) * 1024;
}

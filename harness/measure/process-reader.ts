import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { ProcessReader, ProcessReading } from './process-sampler.js';

/** The reader of this platform, or null where there is none. */
export function processReader(platform: NodeJS.Platform = process.platform): ProcessReader | null {
  return platform === 'linux' ? linuxReader(clockTicksPerSecond()) : null;
}

let cachedTicks: number | undefined;

/** The unit of times in /proc/PID/stat: a constant of the running system. */
export function clockTicksPerSecond(): number {
  cachedTicks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return cachedTicks;
}

function linuxReader(ticksPerSecond: number): ProcessReader {
  return {
    read(pid) {
      try {
        return parseProc(
          readFileSync(`/proc/${pid}/status`, 'latin1'),
          readFileSync(`/proc/${pid}/stat`, 'latin1'),
          ticksPerSecond,
        );
      } catch {
        // No such process, or it ended between the two reads.
        return undefined;
      }
    },
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
    identity: startTime,
  };
}

function kibibytes(status: string, field: string): number | undefined {
  const value = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  return value === undefined ? undefined : Number(value) * 1024;
}

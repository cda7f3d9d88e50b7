import { execFileSync } from 'node:child_process';
import type { ProcessReader } from './process-sampler.js';
import { serverFamily } from './stat-lines.js';

/** Starting `ps` takes some 10 ms: oftener, and it would be a load of its own. */
const LEAST_INTERVAL_MS = 500;

/** A line of `ps`. */
export interface PsLine {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly rssBytes: number;
  readonly cpuTimeS: number;
  readonly startedAt: string;
}

/**
 * Reads processes through `ps`, for macOS, which has no `/proc`: resident memory and CPU time. It doesn't tell anonymous
 * memory, user from system time or context switches; these are absent.
 */
export function psReader(): ProcessReader {
  return {
    leastIntervalMs: LEAST_INTERVAL_MS,
    read(root) {
      const table = psLines();
      const ofRoot = table.find(({ pid }) => pid === root);
      if (!ofRoot) return undefined;
      const family = new Set(serverFamily(root, table));
      const members = table.filter(({ pid }) => family.has(pid));
      return {
        rssBytes: members.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
        anonBytes: undefined,
        cpuTimeS: members.reduce((sum, { cpuTimeS }) => sum + cpuTimeS, 0),
        userTimeS: undefined,
        identity: ofRoot.startedAt,
      };
    },
  };
}

function psLines(): PsLine[] {
  try {
    const text = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,pgid=,rss=,time=,lstart='], {
      encoding: 'utf8',
    });
    return text.split('\n').flatMap((line) => parsePsLine(line) ?? []);
  } catch {
    return [];
  }
}

/** Memory is in KiB, time `[[days-]hours:]minutes:seconds[.hundredths]` (ps(1) of POSIX, macOS and Linux). */
export function parsePsLine(line: string): PsLine | undefined {
  const fields = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(?:(\d+)-)?([\d:.]+)\s+(\S.*)$/.exec(line);
  if (!fields) return undefined;
  const [, pid, parent, group, rss, days = '0', time = '', startedAt = ''] = fields;
  const seconds = time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return {
    pid: Number(pid),
    parent: Number(parent),
    group: Number(group),
    rssBytes: Number(rss) * 1024,
    cpuTimeS: Number(days) * 86_400 + seconds,
    startedAt,
  };
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processReader } from '../harness/measure/process-reader.js';
import type { ProcessReading } from '../harness/measure/process-sampler.js';
import { PACKAGE_ROOT } from '../harness/package.js';
import { resolveRelay } from '../relays/catalog.js';
import { type RelaySettingsInput, relaySettings } from '../relays/relay.js';

/** What is measured: the reference relays, and the bare `ws` server that they are held against. */
export type SubjectName = 'bare' | 'streaming' | 'batched';

export const RELAYS = ['streaming', 'batched'] as const;
export const ALL_SUBJECTS = ['bare', ...RELAYS] as const;

/** A running process that is measured. */
export interface Subject {
  readonly name: SubjectName;
  readonly url: string;
  /** Anonymous memory of the process. */
  anonymousBytes(): number;
  /** Time of a core that the process has used since its start, of all its threads. */
  cpuTimeMs(): number;
}

export interface SubjectOptions {
  /** JSONL that is in the store from the start. */
  readonly preloadFile?: string | undefined;
  readonly settings?: RelaySettingsInput | undefined;
}

/** Starts a fresh process, has it measured and ends it. */
export async function withSubject<T>(
  name: SubjectName,
  options: SubjectOptions,
  measure: (subject: Subject) => Promise<T>,
): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'reqbench-bench-'));
  const bare = `bare="${process.execPath}" "${join(PACKAGE_ROOT, 'dist', 'bench', 'bare-server.js')}" {port}`;
  const relay = resolveRelay(name === 'bare' ? bare : name, { allowRemote: false, cwd: PACKAGE_ROOT });
  const running = await relay.start({
    dir,
    settings: relaySettings(options.settings),
    preloadFile: options.preloadFile,
    readyWithinMs: 60_000,
  });
  try {
    return await measure({
      name,
      url: running.target.url,
      anonymousBytes: () => memoryOf(running.pid),
      cpuTimeMs: () => 1_000 * (readingOf(running.pid)?.cpuTimeS ?? Number.NaN),
    });
  } finally {
    await running.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

function memoryOf(pid: number | undefined): number {
  const reading = readingOf(pid);
  return reading?.anonBytes ?? reading?.rssBytes ?? 0;
}

function readingOf(pid: number | undefined): ProcessReading | undefined {
  return pid === undefined ? undefined : processReader()?.read(pid);
}

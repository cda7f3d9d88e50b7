import { existsSync } from 'node:fs';
import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processReader } from '../harness/measure/process-reader.js';
import type { ProcessReading } from '../harness/measure/process-sampler.js';
import { PACKAGE_ROOT } from '../harness/package.js';
import { resolveRelay } from '../relays/catalog.js';
import { type RelaySettingsInput, relaySettings } from '../relays/relay.js';
import { LmdbEventStore } from '../relays/store/lmdb/lmdb-store.js';
import { preload } from '../relays/store/preload.js';
import { Inspector } from './inspector.js';

type Strategy = 'streaming' | 'batched';

/** What is measured: the reference relays, in memory unless said, and the bare `ws` server that they are held against. */
export type SubjectName = 'bare' | Strategy | `${Strategy}, LMDB`;

/** Both strategies over both stores. */
export const ENGINES = ['streaming', 'batched', 'streaming, LMDB', 'batched, LMDB'] as const;

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
  /** Has the process collect all garbage, twice: what the first time finds dead may have kept something else. */
  collectGarbage(): Promise<void>;
}

export interface SubjectOptions {
  /** JSONL that is in the store from the start. */
  readonly preloadFile?: string | undefined;
  readonly settings?: RelaySettingsInput | undefined;
}

/** Has what is measured of a subject observed: called with its process while that is measured. */
export type Observer = <T>(
  name: SubjectName,
  pid: number | undefined,
  measuring: () => Promise<T>,
) => Promise<T>;

let observer: Observer = (_name, _pid, measuring) => measuring();

/** From now on. */
export function observeSubjects(by: Observer): void {
  observer = by;
}

/** Starts a fresh process, has it measured and ends it. On disk, it begins with a copy of a data folder that has the corpus. */
export async function withSubject<T>(
  name: SubjectName,
  options: SubjectOptions,
  measure: (subject: Subject) => Promise<T>,
): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'reqbench-bench-'));
  try {
    return await measured(name, await inMemoryOrOnDisk(name, options, dir), dir, measure);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function measured<T>(
  name: SubjectName,
  { preloadFile, settings }: SubjectOptions,
  dir: string,
  measure: (subject: Subject) => Promise<T>,
): Promise<T> {
  const bare = `bare="${process.execPath}" "${join(PACKAGE_ROOT, 'dist', 'bench', 'bare-server.js')}" {port}`;
  const [strategy = name] = name.split(',');
  const relay = resolveRelay(name === 'bare' ? bare : strategy, { allowRemote: false, cwd: PACKAGE_ROOT });
  const running = await relay.start({
    dir,
    settings: relaySettings(settings),
    preloadFile,
    readyWithinMs: 60_000,
  });
  let inspector: Inspector | undefined;
  const subject: Subject = {
    name,
    url: running.target.url,
    anonymousBytes: () => memoryOf(running.pid),
    cpuTimeMs: () => 1_000 * (readingOf(running.pid)?.cpuTimeS ?? Number.NaN),
    collectGarbage: async () => {
      if (running.pid === undefined) throw new Error(`the process of ${name} is not known`);
      inspector ??= await Inspector.of(running.pid);
      for (let i = 0; i < 2; i += 1) await inspector.ask('HeapProfiler.collectGarbage');
    },
  };
  try {
    return await observer(name, running.pid, () => measure(subject));
  } finally {
    inspector?.end();
    await running.stop();
  }
}

async function inMemoryOrOnDisk(
  name: SubjectName,
  options: SubjectOptions,
  dir: string,
): Promise<SubjectOptions> {
  if (!name.endsWith(', LMDB')) return options;
  if (options.preloadFile !== undefined) {
    await cp(await loadedFolder(options.preloadFile), join(dir, 'store'), { recursive: true });
  }
  const settings = { ...options.settings, store: { engine: 'lmdb', sync: 'no-sync' } } as const;
  return { settings };
}

/** A data folder beside `preloadFile` that has its events, made by whoever asks first. */
async function loadedFolder(preloadFile: string): Promise<string> {
  const folder = `${preloadFile}.lmdb`;
  if (existsSync(folder)) return folder;
  const store = new LmdbEventStore({ dir: `${folder}.loading`, sync: 'no-sync' });
  preload(store, preloadFile);
  await store.close();
  await rename(`${folder}.loading`, folder);
  return folder;
}

function memoryOf(pid: number | undefined): number {
  const reading = readingOf(pid);
  return reading?.anonBytes ?? reading?.rssBytes ?? 0;
}

function readingOf(pid: number | undefined): ProcessReading | undefined {
  return pid === undefined ? undefined : processReader()?.read(pid);
}

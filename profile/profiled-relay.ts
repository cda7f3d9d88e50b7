import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { configuredCommand } from '../relays/external/command-relay.js';
import type { HostConfig } from '../relays/process/host-config.js';
import { startNodeRelay } from '../relays/process/node-relay.js';
import { PACKAGE_ROOT } from '../relays/process/package-root.js';
import type { Relay, StartOptions } from '../relays/relay.js';
import { type CpuProfile, cpuProfileSchema } from './self-times.js';

/** A reference relay that profiles can be taken of. */
export type ProfiledName = 'streaming' | 'batched';

/** A reference relay with V8's profiler in its process; each SIGUSR2 switches it on or off. Writes `out`. */
export function cpuProfiledRelay(name: ProfiledName, out: string): Relay {
  const hook = pathToFileURL(join(PACKAGE_ROOT, 'dist/relays/process/cpu-profile.js'));
  hook.searchParams.set('out', out);
  return {
    ...OF_OUR_OWN,
    name,
    start: (options) =>
      startNodeRelay(
        {
          name,
          kind: 'builtin',
          entry: 'host.js',
          configuration: hostConfig(name, options),
          nodeFlags: ['--import', hook.href],
          nip11: true,
        },
        options,
      ),
  };
}

/** A tool of clinic that collects while a program runs. */
export type ClinicTool = 'doctor' | 'flame';

/**
 * A reference relay under a tool of clinic, which starts the process itself and writes what it collected below `out`.
 * @param library path of the tool's package
 */
export function clinicRelay(name: ProfiledName, tool: ClinicTool, library: string, out: string): Relay {
  const collector = join(PACKAGE_ROOT, 'dist/profile/clinic-collect.js');
  return {
    ...OF_OUR_OWN,
    name,
    start: async (options) => {
      const configuration = join(options.dir, 'host.json');
      await writeFile(configuration, JSON.stringify(hostConfig(name, options)));
      const words = [process.execPath, collector, tool, library, out, configuration].map(quoted);
      const command = `exec ${words.join(' ')} {port}`;
      const running = await configuredCommand(entryOf(name), { ...PATIENT, command }).start(options);
      return { ...running, preloaded: options.preloadFile !== undefined };
    },
  };
}

/** What a tool has collected is read and written again when the relay has ended: some seconds a minute of it. */
const PATIENT = { cwd: process.cwd(), env: { NO_INSIGHT: '1' }, copiesData: false, stopWithinMs: 120_000 };

function entryOf(name: ProfiledName): Parameters<typeof configuredCommand>[0] {
  return { name, description: name, target: { ...PATIENT, command: '' }, declared: {}, expects: {} };
}

const OF_OUR_OWN = { kind: 'builtin', writable: true, floor: false } as const;

function hostConfig(name: ProfiledName, { dir, settings, preloadFile }: StartOptions): HostConfig {
  return {
    name,
    strategy: name,
    host: '127.0.0.1',
    port: 0,
    settings,
    preloadFile,
    dataDir: join(dir, 'store'),
  };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** @throws when there is no such file or it is no profile */
export function readCpuProfile(file: string): CpuProfile {
  return cpuProfileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}

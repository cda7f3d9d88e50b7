import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  RelayNotReadyError,
  type RelaySample,
  type RelayTarget,
  type RunningRelay,
  type StartOptions,
} from '../relay.js';
import { readChildMessage } from './messages.js';
import { fetchNip11 } from './nip11.js';
import { PACKAGE_ROOT } from './package-root.js';
import { type ProcessGroup, spawnGroup } from './process-group.js';
import { identifyProcess } from './process-identity.js';
import { awaitReadiness, howItEnded, type Readiness } from './readiness.js';

/** V8 and Node flags of the relay processes that run our own code; fixed, whatever flags the harness has. */
export const RELAY_NODE_FLAGS: readonly string[] = [];

/** A relay of our own making: a compiled entry that gets its configuration as the path of a JSON file. */
export interface NodeRelay {
  readonly name: string;
  readonly kind: RelayTarget['kind'];
  /** Path of the entry below `dist/relays`, e.g. `host.js`. */
  readonly entry: string;
  /** What the entry reads, as JSON. */
  readonly configuration: unknown;
  /** Node flags besides {@link RELAY_NODE_FLAGS}. */
  readonly nodeFlags?: readonly string[] | undefined;
  /** What a result names as the program, where `name` doesn't say it: the file of a module. */
  readonly command?: string | undefined;
  /** Whether it serves a NIP-11 document. */
  readonly nip11: boolean;
}

/**
 * Starts a relay process, waits until a WebSocket upgrade on it succeeds and hands it over.
 * @throws {RelayNotReadyError}
 */
export async function startNodeRelay(relay: NodeRelay, options: StartOptions): Promise<RunningRelay> {
  const group = await spawnEntry(relay, options);
  const listeners: ((sample: RelaySample) => void)[] = [];
  group.child.on('message', (message) => {
    const read = readChildMessage(message);
    if (read?.type === 'sample') for (const listener of listeners) listener(read.sample);
  });
  const outcome = await awaitReadiness({
    withinMs: options.readyWithinMs,
    address: announcement(group),
    gone: group.exited.then((exit) => `its process ${howItEnded(exit)}`),
  });
  if ('failed' in outcome) {
    await group.stop();
    throw new RelayNotReadyError(relay.name, outcome.failed, group.log.lines());
  }
  const { url } = outcome;
  return {
    target: {
      kind: relay.kind,
      url,
      command: relay.command,
      nip11: relay.nip11 ? await fetchNip11(url) : undefined,
      process: await identifyProcess(group.pid),
    },
    pid: group.pid,
    preloaded: true,
    exited: group.exited,
    logTail: () => group.log.lines(),
    onSample: (listener) => {
      listeners.push(listener);
    },
    stop: () => group.stop(),
  };
}

async function spawnEntry(relay: NodeRelay, options: StartOptions): Promise<ProcessGroup> {
  const configurationFile = join(options.dir, 'relay.json');
  const entry = join(PACKAGE_ROOT, 'dist', 'relays', relay.entry);
  const { NODE_OPTIONS: _, ...env } = process.env;
  try {
    await writeFile(configurationFile, JSON.stringify(relay.configuration));
    return await spawnGroup(
      process.execPath,
      [...RELAY_NODE_FLAGS, ...(relay.nodeFlags ?? []), entry, configurationFile],
      {
        env,
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      },
    );
  } catch (error) {
    throw new RelayNotReadyError(relay.name, error instanceof Error ? error.message : String(error), []);
  }
}

function announcement(group: ProcessGroup): Promise<Readiness> {
  return new Promise((resolve) => {
    group.child.on('message', (message) => {
      const read = readChildMessage(message);
      if (read?.type === 'ready') resolve({ url: `ws://127.0.0.1:${read.port}` });
      if (read?.type === 'failed') resolve({ failed: read.reason });
    });
  });
}

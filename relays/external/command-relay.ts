import { setTimeout as sleep } from 'node:timers/promises';
import { fetchNip11 } from '../process/nip11.js';
import { type ProcessGroup, spawnGroup } from '../process/process-group.js';
import { argumentsOf, identifyProcess } from '../process/process-identity.js';
import { isLiving, processEntry } from '../process/process-table.js';
import { awaitReadiness, howItEnded } from '../process/readiness.js';
import {
  type Relay,
  type RelayExit,
  RelayNotReadyError,
  type RunningRelay,
  type StartOptions,
} from '../relay.js';
import { commandLine } from './command-line.js';
import { freePort } from './free-port.js';
import { guardGroup } from './guard.js';
import { anyListeningProcess, listeningProcess } from './listening-process.js';

const WATCH_MS = 50;

/** A relay that isn't ours, run by `/bin/sh -c` in a process group of its own; loaded over EVENT. */
export function commandRelay(name: string, command: string): Relay {
  return {
    name,
    kind: 'command',
    writable: true,
    floor: false,
    start: (options) => startCommand(name, command, options),
  };
}

async function startCommand(name: string, command: string, options: StartOptions): Promise<RunningRelay> {
  const port = await freePort();
  const url = `ws://127.0.0.1:${port}`;
  const group = await spawnShell(name, commandLine(command, port, options.dir));
  const dismissGuard = guardGroup(group.pid);
  const stop = async () => {
    await group.stop();
    dismissGuard();
  };
  const outcome = await awaitReadiness({
    withinMs: options.readyWithinMs,
    address: Promise.resolve({ url }),
    gone: emptied(group).then((exit) => whyItEnded(exit, port)),
  });
  if ('failed' in outcome) {
    const advice = group.alive() ? `; does the command listen on 127.0.0.1 and {port}, here ${port}?` : '';
    await stop();
    throw new RelayNotReadyError(name, outcome.failed + advice, group.log.lines());
  }
  const pid = listeningProcess(port, group.pid);
  const stranger = pid === undefined ? strangerOn(port) : undefined;
  if (stranger !== undefined) {
    await stop();
    throw new RelayNotReadyError(name, stranger, group.log.lines());
  }
  return {
    target: {
      kind: 'command',
      url,
      command,
      nip11: await fetchNip11(url),
      process: pid === undefined ? undefined : await identifyProcess(pid),
    },
    pid,
    preloaded: false,
    exited: Promise.race([emptied(group), ended(pid, group)]),
    logTail: () => group.log.lines(),
    onSample: () => {},
    stop,
  };
}

async function spawnShell(name: string, line: string): Promise<ProcessGroup> {
  try {
    return await spawnGroup('/bin/sh', ['-c', line], { stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    throw new RelayNotReadyError(name, error instanceof Error ? error.message : String(error), []);
  }
}

/** The shell may end and leave the relay running in its group; the command has ended when the group is empty. */
async function emptied(group: ProcessGroup): Promise<RelayExit> {
  const exit = await group.exited;
  while (group.alive()) await sleep(WATCH_MS);
  return exit;
}

/** A shell may outlive the relay that it started. How a grandchild ended, only its parent learns. */
async function ended(pid: number | undefined, group: ProcessGroup): Promise<RelayExit> {
  if (pid === undefined || pid === group.pid) return emptied(group);
  while (isRunning(pid)) await sleep(WATCH_MS);
  return { code: null, signal: null };
}

function isRunning(pid: number): boolean {
  const entry = processEntry(pid);
  return entry !== undefined && isLiving(entry);
}

/**
 * They hold the port for a relay in a container, which no process table tells: `-p {port}:7777` of docker and podman.
 */
const CONTAINER_FORWARDERS = /(^|\/)(docker-proxy|rootlessport|rootlesskit|conmon|pasta|slirp4netns)\b/;

/** Says who answers on the port where that is a process which the command didn't start: it would be measured in its stead. */
function strangerOn(port: number): string | undefined {
  const pid = anyListeningProcess(port);
  const line = pid === undefined ? undefined : argumentsOf(pid);
  if (line === undefined || CONTAINER_FORWARDERS.test(line.split(' ')[0] ?? '')) return undefined;
  return `process ${pid} (${line.slice(0, 200)}) answers on port ${port}, and the command did not start it; keep the relay in the foreground, in the command’s own process group`;
}

const COMMAND_NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

function whyItEnded(exit: RelayExit, port: number): string {
  const ended = `its command ${howItEnded(exit)}`;
  if (exit.code === COMMAND_NOT_FOUND) return `${ended}: the shell found no such program; check its path`;
  if (exit.code === NOT_EXECUTABLE) return `${ended}: the shell may not execute it; check its permissions`;
  if (exit.code === 0) {
    return `${ended} and nothing of it is left to listen on port ${port}; keep the relay in the foreground`;
  }
  return `${ended} before it listened on port ${port}`;
}

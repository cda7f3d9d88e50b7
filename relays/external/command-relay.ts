import { diskProblem } from '../disk-space.js';
import { fetchNip11 } from '../process/nip11.js';
import type { ProcessGroup } from '../process/process-group.js';
import { identifyProcess } from '../process/process-identity.js';
import { awaitReadiness } from '../process/readiness.js';
import { type Relay, RelayNotReadyError, type RunningRelay, type StartOptions } from '../relay.js';
import { absentNeed, absentProgram } from './absent-program.js';
import { emptied, ended, whyItEnded } from './command-ending.js';
import { CommandLaunch } from './command-launch.js';
import { filledIn } from './command-line.js';
import { freePort } from './free-port.js';
import { identityProblem } from './identity.js';
import { awaitImport } from './import-events.js';
import { listeningAddresses, listeningProcess } from './listening-process.js';
import type { CommandTarget, RelayEntry } from './relay-entry.js';
import { strangerOn } from './stranger.js';

/** What a command on the command line leaves unsaid. */
const BARE = { env: {}, copiesData: false } as const;

/** A relay that isn't ours, run by `/bin/sh -c` in a process group of its own; loaded over EVENT. */
export function commandRelay(name: string, command: string): Relay {
  const target = { ...BARE, command, cwd: process.cwd() };
  return configuredCommand({ name, description: command, target, declared: {}, expects: {} }, target);
}

/** A relay by command, with all that its entry in a configuration file says. */
export function configuredCommand(entry: RelayEntry, target: CommandTarget): Relay {
  return {
    name: entry.name,
    kind: 'command',
    writable: true,
    floor: false,
    declared: entry.declared,
    copiesData: target.copiesData,
    absent: () => absentProgram(target),
    start: (options) => startCommand(entry, target, options),
  };
}

async function startCommand(
  entry: RelayEntry,
  target: CommandTarget,
  options: StartOptions,
): Promise<RunningRelay> {
  const absent = absentNeed(target);
  if (absent !== undefined) throw new RelayNotReadyError(entry.name, absent, []);
  const port = await freePort();
  const url = `ws://127.0.0.1:${port}`;
  const launch = new CommandLaunch(entry.name, target, {
    port,
    dir: options.dir,
    events: options.preloadFile,
  });
  const preloaded = options.holdsEvents === true || (await imported(entry.name, launch, target, options));
  const group = await launch.spawn(target.command);
  let leftBehind = 0;
  const stop = async () => {
    leftBehind += await launch.stop(group);
  };
  const outcome = await awaitReadiness({
    withinMs: target.readyWithinMs ?? options.readyWithinMs,
    address: Promise.resolve({ url }),
    gone: emptied(group).then((exit) => whyItEnded(exit, port, group.log.lines())),
  });
  if ('failed' in outcome) {
    const where = group.alive() ? whereItListens(group, port) : undefined;
    const disk = await diskProblem(options.dir);
    await stop();
    const problems = [outcome.failed, where, disk, whatItLeft(leftBehind)].filter(Boolean);
    throw new RelayNotReadyError(entry.name, problems.join('; '), group.log.lines());
  }
  const nip11 = await fetchNip11(url);
  const stranger = identityProblem(nip11, entry.expects);
  if (stranger !== undefined) {
    await stop();
    throw new RelayNotReadyError(
      entry.name,
      `${stranger}; is the right program behind its command?`,
      group.log.lines(),
    );
  }
  const pid = listeningProcess(port, group.pid);
  const usurper = pid === undefined ? strangerOn(port) : undefined;
  if (usurper !== undefined) {
    await stop();
    throw new RelayNotReadyError(entry.name, usurper, group.log.lines());
  }
  const { authUrl } = entry.declared;
  return {
    target: {
      kind: 'command',
      url,
      command: target.command,
      nip11,
      process: pid === undefined ? undefined : await identifyProcess(pid),
    },
    authUrl: authUrl === undefined ? undefined : filledIn(authUrl, { port, dir: options.dir }),
    pid,
    preloaded,
    exited: Promise.race([emptied(group), ended(pid, group)]),
    logTail: () => group.log.lines(),
    onSample: () => {},
    leftBehind: () => leftBehind,
    stop,
  };
}

/** Runs the import command, where there is one and something to import. True when the events are in the store. */
async function imported(
  name: string,
  launch: CommandLaunch,
  { importCommand }: CommandTarget,
  { preloadFile }: StartOptions,
): Promise<boolean> {
  if (importCommand === undefined || preloadFile === undefined) return false;
  const group = await launch.spawn(importCommand);
  try {
    await awaitImport(name, group);
  } finally {
    await launch.stop(group);
  }
  return true;
}

function whereItListens(group: ProcessGroup, port: number): string {
  const elsewhere = listeningAddresses(group.pid);
  if (elsewhere.length > 0) {
    return `it listens on ${elsewhere.join(', ')} instead: give it the port ${port} by {port}`;
  }
  return `does the command listen on 127.0.0.1 and {port}, here ${port}?`;
}

function whatItLeft(processes: number): string | undefined {
  if (processes === 0) return undefined;
  return `it had put ${processes === 1 ? 'a process' : `${processes} processes`} into the background, outside its process group, and reqbench ended what it left there: let the command run the relay itself, not a daemon`;
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessGroup } from '../process/process-group.js';
import { isLiving, processEntry } from '../process/process-table.js';
import { howItEnded } from '../process/readiness.js';
import type { RelayExit } from '../relay.js';

const WATCH_MS = 50;

/** A shell that ends with its relay says how it ended, a little later. */
const TOLD_WITHIN_MS = 300;

/** The shell may end and leave the relay running in its group; the command has ended when the group is empty. */
export async function emptied(group: ProcessGroup): Promise<RelayExit> {
  const exit = await group.exited;
  while (group.alive()) await sleep(WATCH_MS);
  return exit;
}

/** A shell may outlive the relay that it started. How a grandchild ended, only its parent learns: it is asked first. */
export async function ended(pid: number | undefined, group: ProcessGroup): Promise<RelayExit> {
  if (pid === undefined || pid === group.pid) return emptied(group);
  while (isRunning(pid)) await sleep(WATCH_MS);
  const untold = sleep(TOLD_WITHIN_MS).then(() => ({ code: null, signal: null }));
  return Promise.race([emptied(group), untold]);
}

function isRunning(pid: number): boolean {
  const entry = processEntry(pid);
  return entry !== undefined && isLiving(entry);
}

const COMMAND_NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

const ABOUT_CONFIGURATION = /config(uration)? (file|path)|\.(toml|ya?ml|conf|ini)\b/i;

/** Why a command that ended can't become ready, and what to change; `output` are its last lines. */
export function whyItEnded(exit: RelayExit, port: number, output: readonly string[]): string {
  const ended = `its command ${howItEnded(exit)}`;
  if (exit.code === COMMAND_NOT_FOUND) return `${ended}: the shell found no such program; check its path`;
  if (exit.code === NOT_EXECUTABLE) return `${ended}: the shell may not execute it; check its permissions`;
  if (exit.code === 0) {
    return `${ended} and nothing of it is left to listen on port ${port}; keep the relay in the foreground`;
  }
  const early = `${ended} before it listened on port ${port}`;
  if (!output.some((line) => ABOUT_CONFIGURATION.test(line))) return early;
  return `${early}; if it lacks a configuration file, give it one: "config" in reqbench.config.yaml, and {config} in the command`;
}

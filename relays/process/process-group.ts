import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RelayExit } from '../relay.js';
import { LogTail } from './log-tail.js';
import { livingMembers } from './process-table.js';

const TERM_GRACE_MS = 2_000;
const KILL_GRACE_MS = 2_000;
const POLL_MS = 10;

/** Output may still be in the pipe when a process has ended; a grandchild can hold that pipe for ever. */
const OUTPUT_GRACE_MS = 200;

/** A process that leads a process group of its own, so that all that it starts can be ended with it. */
export interface ProcessGroup {
  /** The leader's pid, which is the group's id. */
  readonly pid: number;
  readonly child: ChildProcess;
  readonly log: LogTail;
  /** Resolves when the leader has ended and what it wrote was read. */
  readonly exited: Promise<RelayExit>;
  /** False once no process of the group is left; zombies don't count. */
  alive(): boolean;
  /** SIGTERM to the group, SIGKILL after `graceMs` (2 s) to what is left of it. Resolves when it is gone; safe to call twice. */
  stop(graceMs?: number): Promise<void>;
}

/** @throws {Error} of `spawn` when the program can't be started. */
export async function spawnGroup(
  program: string,
  args: readonly string[],
  options: SpawnOptions,
): Promise<ProcessGroup> {
  const child = spawn(program, args, { ...options, detached: true });
  const log = new LogTail();
  if (child.stdout) log.read(child.stdout);
  if (child.stderr) log.read(child.stderr);
  const exited = exitOf(child);
  const pid = await pidOf(child);
  let stopping: Promise<void> | undefined;
  return {
    pid,
    child,
    log,
    exited,
    alive: () => isGroupAlive(pid),
    stop: (graceMs = TERM_GRACE_MS) => {
      stopping ??= endGroup(pid, exited, graceMs);
      return stopping;
    },
  };
}

function pidOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => {
      if (child.pid !== undefined) resolve(child.pid);
    });
  });
}

function exitOf(child: ChildProcess): Promise<RelayExit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      const settle = () => resolve({ code, signal });
      child.once('close', settle);
      // Where this process was held up itself, what is in the pipe is read before the time is over.
      setTimeout(() => setImmediate(settle), OUTPUT_GRACE_MS).unref();
    });
  });
}

async function endGroup(groupId: number, leaderExited: Promise<unknown>, graceMs: number): Promise<void> {
  signalGroup(groupId, 'SIGTERM');
  if (!(await goneWithin(groupId, graceMs))) {
    signalGroup(groupId, 'SIGKILL');
    await goneWithin(groupId, KILL_GRACE_MS);
  }
  await leaderExited;
}

async function goneWithin(groupId: number, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (isGroupAlive(groupId)) {
    if (performance.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}

/** A group of zombies still takes signals, and whoever should reap them may not; hence the look at the table. */
function isGroupAlive(groupId: number): boolean {
  return signalGroup(groupId, 0) && (livingMembers(groupId)?.length ?? 1) > 0;
}

function signalGroup(groupId: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-groupId, signal);
  } catch {
    return false;
  }
}

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isLiving, type ProcessEntry, processTable } from '../process/process-table.js';

/** State of a listening socket in `/proc/net/tcp` (TCP_LISTEN of the kernel's tcp_states.h). */
const LISTEN = '0A';

/**
 * The process that holds the listening socket of a TCP port, looked for among a process group and what descends
 * from its leader: a socket held by anyone else is not the command's, and measuring it would measure the wrong
 * thing. Where several hold it (a server that forks), the one that started first. Undefined where the platform
 * can't tell.
 */
export function listeningProcess(port: number, groupId: number): number | undefined {
  const sockets = listeningSockets(port);
  if (sockets.size === 0) return undefined;
  return firstHolder(familyOf(groupId, processTable() ?? []), sockets);
}

/** The process that holds the listening socket of a TCP port of this machine, whoever's it is. */
export function anyListeningProcess(port: number): number | undefined {
  const sockets = listeningSockets(port);
  if (sockets.size === 0) return undefined;
  return firstHolder((processTable() ?? []).filter(isLiving), sockets);
}

function firstHolder(processes: readonly ProcessEntry[], sockets: ReadonlySet<string>): number | undefined {
  const holders = processes.filter(({ pid }) => holdsAny(pid, sockets));
  return holders.sort((a, b) => a.startedAt - b.startedAt || a.pid - b.pid)[0]?.pid;
}

/** Links of `/proc/PID/fd` that are sockets listening on the port, on any address. */
function listeningSockets(port: number): ReadonlySet<string> {
  const links = new Set<string>();
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readLines(file)) {
      const fields = line.trim().split(/\s+/);
      const localPort = Number.parseInt(fields[1]?.split(':')[1] ?? '', 16);
      if (localPort === port && fields[3] === LISTEN) links.add(`socket:[${fields[9]}]`);
    }
  }
  return links;
}

function familyOf(groupId: number, table: readonly ProcessEntry[]): ProcessEntry[] {
  const family = new Set([groupId]);
  for (let before = 0; before < family.size; ) {
    before = family.size;
    for (const { pid, parent, group } of table) {
      if (group === groupId || family.has(parent)) family.add(pid);
    }
  }
  return table.filter((entry) => family.has(entry.pid) && isLiving(entry));
}

function holdsAny(pid: number, sockets: ReadonlySet<string>): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some((fd) => sockets.has(linkOf(`${folder}/${fd}`)));
  } catch {
    return false;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function readLines(file: string): readonly string[] {
  try {
    return readFileSync(file, 'latin1').split('\n').slice(1);
  } catch {
    return [];
  }
}

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

/** Where a process group listens, as `127.0.0.1:7777` of IPv4 and `port 7777` of IPv6; empty where nothing can be told. */
export function listeningAddresses(groupId: number): readonly string[] {
  const pids = familyOf(groupId, processTable() ?? []).map(({ pid }) => pid);
  const addresses = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
    readLines(file).flatMap((line) => {
      const fields = line.trim().split(/\s+/);
      if (fields[3] !== LISTEN) return [];
      const socket = new Set([`socket:[${fields[9]}]`]);
      return pids.some((pid) => holdsAny(pid, socket)) ? [addressText(fields[1] ?? '')] : [];
    }),
  );
  return [...new Set(addresses)];
}

/** `0100007F:1E61` is 127.0.0.1:7777: hex, the address in host byte order (proc_net(5)). */
function addressText(field: string): string {
  const [address = '', port = ''] = field.split(':');
  const number = Number.parseInt(port, 16);
  if (address.length !== 8) return `port ${number}`;
  const bytes = [6, 4, 2, 0].map((at) => Number.parseInt(address.slice(at, at + 2), 16));
  return `${bytes.join('.')}:${number}`;
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

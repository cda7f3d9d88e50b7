import { argumentsOf } from '../process/process-identity.js';
import { anyListeningProcess } from './listening-process.js';

/**
 * They hold the port for a relay in a container, which no process table tells: `-p {port}:7777` of docker and podman.
 */
const CONTAINER_FORWARDERS = /(^|\/)(docker-proxy|rootlessport|rootlesskit|conmon|pasta|slirp4netns)\b/;

/** Says who answers on the port where that is a process which the command didn't start: it would be measured in its stead. */
export function strangerOn(port: number): string | undefined {
  const pid = anyListeningProcess(port);
  const line = pid === undefined ? undefined : argumentsOf(pid);
  if (line === undefined || CONTAINER_FORWARDERS.test(line.split(' ')[0] ?? '')) return undefined;
  return `process ${pid} (${line.slice(0, 200)}) answers on port ${port}, and the command did not start it; keep the relay in the foreground, in the command’s own process group`;
}

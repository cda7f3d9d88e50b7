import { fetchNip11 } from '../process/nip11.js';
import { identifyProcess } from '../process/process-identity.js';
import { awaitReadiness } from '../process/readiness.js';
import {
  type ProcessIdentity,
  type Relay,
  RelayNotReadyError,
  type RunningRelay,
  type StartOptions,
} from '../relay.js';
import { anyListeningProcess } from './listening-process.js';

/** What runs already needs no time to start, only to answer. */
const ANSWERS_WITHIN_MS = 4_000;

/**
 * A relay that runs already, neither started nor stopped.
 * @param writable whether the run may write to it; what it writes stays there
 */
export function attachedRelay(address: URL, writable = false): Relay {
  const name = hostAndPort(address);
  return {
    name,
    kind: 'attached',
    writable,
    floor: false,
    start: (options) => attach(name, address.href, options),
  };
}

async function attach(name: string, url: string, options: StartOptions): Promise<RunningRelay> {
  const never = new Promise<never>(() => {});
  const outcome = await awaitReadiness({
    withinMs: Math.min(options.readyWithinMs, ANSWERS_WITHIN_MS),
    address: Promise.resolve({ url }),
    gone: never,
  });
  if ('failed' in outcome) {
    throw new RelayNotReadyError(name, `${outcome.failed}; is it running, and is the address right?`, []);
  }
  return {
    target: { kind: 'attached', url, nip11: await fetchNip11(url), process: await processOn(new URL(url)) },
    pid: undefined,
    preloaded: false,
    exited: never,
    logTail: () => [],
    onSample: () => {},
    stop: async () => {},
  };
}

/**
 * Who listens there, as far as this machine can tell. Nobody here wrote its arguments, which may hold secrets that a report
 * shouldn't: the first word alone is kept.
 */
async function processOn(address: URL): Promise<ProcessIdentity | undefined> {
  if (!isLoopback(address)) return undefined;
  const pid = anyListeningProcess(Number(address.port || (address.protocol === 'wss:' ? 443 : 80)));
  const found = pid === undefined ? undefined : await identifyProcess(pid);
  return found && { ...found, arguments: found.arguments.split(' ')[0] ?? '' };
}

/** As results name an attached relay: the port is shown even when it is the scheme's own. */
function hostAndPort({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port || (protocol === 'wss:' ? '443' : '80')}`;
}

/** True for `localhost`, 127.0.0.0/8 and `::1`. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

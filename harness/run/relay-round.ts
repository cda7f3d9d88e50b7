import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Relay,
  RelayNotReadyError,
  type RelaySample,
  type RelaySettings,
  type RunningRelay,
} from '../../relays/relay.js';
import { NS_PER_MS } from '../clock.js';
import type { LoadWorker } from '../load/load-worker.js';
import type { LoadReport, RoundOrder, RoundProgress, RoundReport } from '../load/protocol.js';
import { WorkerDeathError } from '../load/worker-error.js';
import type { ProcessSamples } from '../measure/process-sampler.js';
import { type NetworkConditions, startByteProxy } from '../proxy/index.js';
import type { MachineLoad } from '../results.js';
import { TRACE_FORMAT } from '../trace/index.js';
import type { LoadedData } from './loaded-data.js';
import type { Prepared } from './prepare.js';
import type { RunWatch } from './run-watch.js';
import { loadIfNeeded, startLoaded, startRelay } from './start-relay.js';
import { type RunTrace, traceFileName } from './traces.js';
import { WindowWatch } from './window-watch.js';

export interface RelayRoundOptions {
  readonly relay: Relay;
  readonly settings: RelaySettings;
  readonly prepared: Prepared;
  readonly worker: LoadWorker;
  /** Put the corpus into the store before the start where the relay can, instead of publishing it. */
  readonly preload: boolean;
  /** Addresses that connections come from in turn, where the relay has none of its own; undefined: the system's choice. */
  readonly sourceAddresses: readonly string[] | undefined;
  readonly deadlineMs: number;
  readonly strict: boolean;
  /** Whether messages are judged; the floor's never are. */
  readonly checked: boolean;
  /** Between the clients and the relay; undefined: nothing but loopback. */
  readonly network: NetworkConditions | undefined;
  readonly seed: number;
  /** Where the round's messages are written down, and how the corpus is called from there; undefined: nowhere. */
  readonly trace: RunTrace | undefined;
  readonly round: number;
  readonly scenario: string;
  /** Scratch folder of this relay in this round; made, and removed afterwards. */
  readonly dir: string;
  /** What is kept of a relay whose folder may be copied. */
  readonly loadedData: LoadedData;
  readonly onProgress: (progress: RoundProgress) => void;
  readonly onWindow?: RunWatch['onWindow'];
  readonly signal: AbortSignal;
}

/** What one relay did in one round. */
export interface RelayRound {
  readonly status: 'ok' | 'failed-to-start' | 'died' | 'interrupted';
  readonly error: { readonly message: string; readonly logTail: readonly string[] } | undefined;
  readonly target: RunningRelay['target'] | undefined;
  readonly pid: number | undefined;
  /** Undefined when it held the events from the start, or never got so far. */
  readonly load: LoadReport | undefined;
  readonly report: RoundReport | undefined;
  readonly process: ProcessSamples | undefined;
  /** What else the machine did meanwhile. */
  readonly machine: MachineLoad | undefined;
  readonly inside: readonly RelaySample[];
}

/** Starts a fresh process of the relay, loads it, plays the workload against it and stops it. */
export async function playRelayRound(options: RelayRoundOptions): Promise<RelayRound> {
  const { relay, dir } = options;
  await mkdir(dir, { recursive: true });
  try {
    const running = relay.copiesData ? await startLoaded(options) : await startRelay(options);
    try {
      return await playAgainst(running, options);
    } finally {
      await running.stop();
    }
  } catch (error) {
    if (!(error instanceof RelayNotReadyError)) throw error;
    return {
      ...NOTHING,
      status: options.signal.aborted ? 'interrupted' : 'failed-to-start',
      error: { message: error.message, logTail: error.logTail },
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

const NOTHING: RelayRound = {
  status: 'ok',
  error: undefined,
  target: undefined,
  pid: undefined,
  load: undefined,
  report: undefined,
  process: undefined,
  machine: undefined,
  inside: [],
};

async function playAgainst(running: RunningRelay, options: RelayRoundOptions): Promise<RelayRound> {
  const { worker, signal } = options;
  const inside: RelaySample[] = [];
  running.onSample((sample) => inside.push(sample));
  let exit: string | undefined;
  void running.exited.then(({ code, signal: by }) => {
    exit = by ?? `exit code ${code}`;
    worker.abort();
  });
  const stop = (): void => worker.abort();
  signal.addEventListener('abort', stop, { once: true });
  const watch = new WindowWatch(running.pid);
  const known = { ...NOTHING, target: running.target, pid: running.pid, inside };
  try {
    const load = signal.aborted
      ? undefined
      : (options.loadedData.report ?? (await loadIfNeeded(running, options)));
    // Interrupted while the relay was started or loaded: nobody will say so again.
    if (signal.aborted) return { ...known, status: 'interrupted' };
    const report = await playWorkload(running, options, load, (open) => {
      options.onWindow?.(open, running.pid);
      watch.turn(open);
    });
    const status = signal.aborted ? 'interrupted' : exit === undefined ? 'ok' : 'died';
    const error = status === 'died' ? deathNote(running, exit) : undefined;
    return { ...known, ...watch.seen, status, error, load, report };
  } catch (error) {
    if (signal.aborted) return { ...known, status: 'interrupted' };
    // While the relay is alive, a failure of the worker is the harness's own and must not pass as the relay's; its death is
    // in any case.
    if (error instanceof WorkerDeathError) throw error;
    if (exit !== undefined) return { ...known, status: 'died', error: deathNote(running, exit) };
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    watch.turn(false);
  }
}

function deathNote(running: RunningRelay, exit: string | undefined): RelayRound['error'] {
  return { message: `the relay's process ended during the round (${exit})`, logTail: running.logTail() };
}

async function playWorkload(
  running: RunningRelay,
  options: RelayRoundOptions,
  load: LoadReport | undefined,
  onWindow: (open: boolean) => void,
): Promise<RoundReport> {
  const { network, seed } = options;
  const { url } = running.target;
  if (!network) return playAt(url, running, options, load, onWindow);
  const proxy = await startByteProxy({ upstream: url, network, seed });
  try {
    return await playAt(proxy.url, running, options, load, onWindow);
  } finally {
    await proxy.close();
  }
}

function playAt(
  url: string,
  running: RunningRelay,
  options: RelayRoundOptions,
  load: LoadReport | undefined,
  onWindow: (open: boolean) => void,
): Promise<RoundReport> {
  const { relay, settings, worker, deadlineMs, strict, onProgress } = options;
  const notLoaded = load?.refused.map(({ position }) => position) ?? [];
  const claims = supportedNips(running.target.nip11);
  return worker.round(
    {
      relay: relay.name,
      url,
      judged: options.checked && !relay.floor,
      authUrl: running.authUrl,
      sourceAddresses: relay.declared?.sourceAddresses ?? options.sourceAddresses,
      writable: relay.writable,
      access: relay.declared?.access ?? settings.access,
      admins: adminsOf(relay, settings),
      supportedNips: claims,
      deadlineMs,
      holdingsKnown: relay.writable,
      notLoaded,
      strict,
      trace: relay.floor ? undefined : traceOrder(options, claims, notLoaded),
    },
    { onProgress, onWindow },
  );
}

/** Who may read everything, where the run's settings are the relay's own. */
function adminsOf({ kind, declared }: Relay, { members }: RelaySettings): string[] | undefined {
  const hasTheSettings = (kind === 'builtin' || kind === 'module') && declared?.access === undefined;
  return hasTheSettings ? [...(members.owner ?? []), ...(members.admin ?? [])] : undefined;
}

function traceOrder(
  { trace, relay, round, scenario, settings, deadlineMs }: RelayRoundOptions,
  claims: number[],
  notLoaded: number[],
): RoundOrder['trace'] {
  return (
    trace && {
      file: join(trace.dir, traceFileName(relay.name, round)),
      header: {
        format: TRACE_FORMAT,
        relay: relay.name,
        round,
        scenario,
        startedAt: new Date().toISOString(),
        access: relay.declared?.access ?? settings.access,
        admins: adminsOf(relay, settings),
        claims,
        deadlineMs,
        corpus: relay.writable ? trace.corpusName : undefined,
        notLoaded,
      },
    }
  );
}

/** What NIP-11 claims; a relay that says nothing claims nothing. */
export function supportedNips(nip11: unknown): number[] {
  if (typeof nip11 !== 'object' || nip11 === null || !('supported_nips' in nip11)) return [];
  const { supported_nips: nips } = nip11;
  return Array.isArray(nips) ? nips.filter((nip) => Number.isInteger(nip)) : [];
}

/** The measured window of a round: from the start of the first measured phase to the end of the last. */
export function measuredWindow(report: RoundReport): { startNs: number; endNs: number } | undefined {
  const measured = report.phases.filter((phase) => phase.measured);
  const [first] = measured;
  const last = measured.at(-1);
  return first && last ? { startNs: first.startNs, endNs: last.endNs } : undefined;
}

/** The folder of one relay in one round below the run's scratch folder; relay names are not file names. */
export function roundDir(scratch: string, round: number, index: number): string {
  return join(scratch, `round-${round}-relay-${index}`);
}

export const msSince = (startNs: number, atNs: number): number => (atNs - startNs) / NS_PER_MS;

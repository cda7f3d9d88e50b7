import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { diskProblem } from '../../relays/catalog.js';
import {
  isOwn,
  type Relay,
  RelayNotReadyError,
  type RelaySample,
  type RelaySettings,
  type RunningRelay,
} from '../../relays/relay.js';
import { NS_PER_MS } from '../clock.js';
import type { LoadWorker, RoundWatch } from '../load/load-worker.js';
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
import type { Turns } from './turns.js';
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
  /** Called when the relay has been stopped. */
  readonly onLeftBehind: (processes: number) => void;
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
  const part = new RelayPart(options);
  try {
    return (await part.start()) ?? (await part.play());
  } finally {
    await part.stop();
    options.onLeftBehind(part.leftBehind);
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

/** A relay's part of one round: its process is started and loaded, then played, then stopped. */
export class RelayPart {
  readonly #inside: RelaySample[] = [];
  readonly #abort = (): void => this.options.worker.abort(this.name);
  #running: RunningRelay | undefined;
  #load: LoadReport | undefined;
  /** How its process ended by itself. */
  #exit: string | undefined;

  constructor(private readonly options: RelayRoundOptions) {}

  get name(): string {
    return this.options.relay.name;
  }

  /** Once stopped: how many processes its command had left outside its process group. */
  get leftBehind(): number {
    return this.#running?.leftBehind?.() ?? 0;
  }

  /** Starts and loads the relay; returns what became of the round where that was not to be. */
  async start(): Promise<RelayRound | undefined> {
    const { options } = this;
    await mkdir(options.dir, { recursive: true });
    options.signal.addEventListener('abort', this.#abort, { once: true });
    try {
      const running = options.relay.copiesData ? await startLoaded(options) : await startRelay(options);
      this.#follow(running);
      if (options.signal.aborted) return this.#ended('interrupted');
      this.#load = await loadIfNeeded(running, options);
      // Interrupted while the relay was started or loaded: nobody will say so again.
      return options.signal.aborted ? this.#ended('interrupted') : undefined;
    } catch (error) {
      if (error instanceof RelayNotReadyError && this.#exit === undefined) return this.#notReady(error);
      return this.#endedBy(error);
    }
  }

  /**
   * Plays the workload against the relay, which stands or has died since it was started.
   * @param turns among the relays that stand at the same time; undefined: it is alone
   */
  async play(turns?: Turns): Promise<RelayRound> {
    const running = this.#running;
    if (!running) throw new Error(`${this.name} does not stand`);
    try {
      if (this.options.signal.aborted) return await this.#ended('interrupted');
      if (this.#exit !== undefined) return await this.#ended('died');
      return await this.#playRunning(running, turns);
    } finally {
      // However it ended: the others wait for its turns otherwise.
      turns?.leave(this.name);
    }
  }

  async #playRunning(running: RunningRelay, turns: Turns | undefined): Promise<RelayRound> {
    const { options } = this;
    const watch = new WindowWatch(running.pid);
    const onWindow = (open: boolean): void => {
      options.onWindow?.(open, running.pid);
      watch.turn(open);
    };
    try {
      const roundWatch: RoundWatch = {
        onProgress: options.onProgress,
        onWindow,
        ...(turns && this.#inTurns(turns, onWindow)),
      };
      const report = await playWorkload(running, options, this.#load, roundWatch);
      if (options.signal.aborted) return { ...(await this.#ended('interrupted')), ...watch.seen, report };
      const isFull = (await this.#diskProblem()) !== undefined;
      // What a relay answers that can't write is no fault of its own.
      if (isFull) return { ...(await this.#ended('died')), ...watch.seen };
      const status = this.#exit === undefined ? 'ok' : 'died';
      return { ...(await this.#ended(status)), ...watch.seen, report };
    } catch (error) {
      return this.#endedBy(error);
    } finally {
      watch.turn(false);
    }
  }

  async stop(): Promise<void> {
    const { options } = this;
    options.signal.removeEventListener('abort', this.#abort);
    try {
      await this.#running?.stop();
    } finally {
      await rm(options.dir, { recursive: true, force: true });
    }
  }

  #follow(running: RunningRelay): void {
    this.#running = running;
    running.onSample((sample) => this.#inside.push(sample));
    void running.exited.then(({ code, signal }) => {
      this.#exit = signal ?? `exit code ${code}`;
      this.#abort();
    });
  }

  /** The machine is looked at while nobody plays: between turns. */
  #inTurns(turns: Turns, onWindow: (open: boolean) => void): Pick<RoundWatch, 'onTurn' | 'onPass'> {
    const { phases } = this.options.prepared.plan;
    let isMeasured = false;
    return {
      onTurn: (turn, begin) =>
        turns.ask(this.name, turn, () => {
          isMeasured = phases[turn]?.measure === true;
          if (isMeasured) onWindow(true);
          begin();
        }),
      onPass: () => {
        if (isMeasured) onWindow(false);
        isMeasured = false;
        turns.pass(this.name);
      },
    };
  }

  #notReady({ message, logTail }: RelayNotReadyError): RelayRound {
    const status = this.options.signal.aborted ? 'interrupted' : 'failed-to-start';
    return { ...NOTHING, status, error: { message, logTail } };
  }

  async #endedBy(error: unknown): Promise<RelayRound> {
    if (this.options.signal.aborted) return this.#ended('interrupted');
    // While the relay is alive, a failure of the worker is the harness's own and must not pass as the relay's; its death is
    // in any case.
    if (error instanceof WorkerDeathError || this.#exit === undefined) throw error;
    return this.#ended('died');
  }

  /** An attached relay writes to a disk that nobody here knows. */
  async #diskProblem(): Promise<string | undefined> {
    const { relay, dir } = this.options;
    return relay.kind === 'attached' || relay.floor ? undefined : diskProblem(dir);
  }

  async #ended(status: RelayRound['status']): Promise<RelayRound> {
    const running = this.#running;
    return {
      ...NOTHING,
      target: running?.target,
      pid: running?.pid,
      load: this.#load,
      inside: this.#inside,
      status,
      error:
        status === 'died' && running
          ? { message: await this.#whyItEnded(), logTail: running.logTail() }
          : undefined,
    };
  }

  async #whyItEnded(): Promise<string> {
    const ended =
      this.#exit === undefined ? undefined : `the relay's process ended during the round (${this.#exit})`;
    return [ended, await this.#diskProblem()].filter(Boolean).join('; ');
  }
}

async function playWorkload(
  running: RunningRelay,
  options: RelayRoundOptions,
  load: LoadReport | undefined,
  watch: RoundWatch,
): Promise<RoundReport> {
  const { network, seed } = options;
  const { url } = running.target;
  if (!network) return playAt(url, running, options, load, watch);
  const proxy = await startByteProxy({ upstream: url, network, seed });
  try {
    return await playAt(proxy.url, running, options, load, watch);
  } finally {
    await proxy.close();
  }
}

function playAt(
  url: string,
  running: RunningRelay,
  options: RelayRoundOptions,
  load: LoadReport | undefined,
  watch: RoundWatch,
): Promise<RoundReport> {
  const { relay, settings, worker, deadlineMs, strict } = options;
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
      shared: relay.kind === 'attached',
      notLoaded,
      strict,
      trace: relay.floor ? undefined : traceOrder(options, claims, notLoaded),
      inTurns: watch.onTurn !== undefined,
    },
    watch,
  );
}

/** Who may read everything, where the run's settings are the relay's own. */
function adminsOf(relay: Relay, { members }: RelaySettings): string[] | undefined {
  const hasTheSettings = isOwn(relay) && relay.declared?.access === undefined;
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
        shared: relay.kind === 'attached',
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

/** One relay held against the suite: started, probed, started again when its process ends, judged over all its lives. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { diskProblem } from '../../relays/catalog.js';
import {
  isOwn,
  type Relay,
  RelayNotReadyError,
  type RunningRelay,
  relaySettings,
} from '../../relays/relay.js';
import { nowNs } from '../clock.js';
import type { CheckResult, Conformance, RelayResult } from '../results.js';
import type { ConformOptions } from './conform.js';
import { listens } from './listens.js';
import { conformanceOf, mergeConformance } from './merge.js';
import { createSubject, withRoundTrip } from './probes/create-subject.js';
import type { Probe } from './probes/probe.js';
import { ENDED_DURING, NOT_BEGUN, runProbes } from './probes/run-probes.js';
import type { Subject } from './probes/subject.js';
import { type Death, SURVIVAL, survivalResult } from './probes/survival.js';

const READY_WITHIN_MS = 30_000;
const PARALLEL = 8;
/** A relay whose process has ended so often is given up. */
export const MOST_DEATHS = 5;

const DEATH_TOLD_WITHIN_MS = 200;
/** What doesn't listen any more has ended, or is about to: it is waited for until that is told. */
const END_TOLD_WITHIN_MS = 5_000;
const LISTENS_EVERY_MS = 50;

/** Starts the relay and plays the selected probes, with the invariants listening. */
export async function conformRelay(
  relay: Relay,
  options: ConformOptions,
  onPid: (pid: number | null) => void,
): Promise<RelayResult> {
  const suite = new Suite(relay, options);
  while (!suite.isOver) {
    try {
      await inFreshFolder((dir) => suite.live(dir, onPid));
    } catch (error) {
      if (!(error instanceof RelayNotReadyError)) throw error;
      return suite.notStarted(error);
    }
  }
  return suite.result();
}

async function inFreshFolder(use: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'reqbench-conform-'));
  try {
    await use(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** The suite against one relay, over as many lives of its process as it takes. */
class Suite {
  readonly #results = new Map<string, CheckResult>();
  readonly #deaths: Death[] = [];
  /** What the invariants said of each life. */
  readonly #judged: Conformance[] = [];
  /** Probes that ran side by side when the process ended: each is played alone in the next life. */
  #suspects: readonly Probe[] = [];
  #last: RunningRelay | undefined;
  /** What a relay says that can't write is no fault of its own. */
  #fullDisk: string | undefined;

  constructor(
    private readonly relay: Relay,
    private readonly options: ConformOptions,
  ) {}

  get isOver(): boolean {
    const isDone = this.#last !== undefined && this.#left().length === 0;
    return (
      isDone ||
      this.#fullDisk !== undefined ||
      this.#deaths.length >= MOST_DEATHS ||
      this.options.signal.aborted
    );
  }

  /** One life of the relay's process: until all is played, it ends, or the user stops. */
  async live(dir: string, onPid: (pid: number | null) => void): Promise<void> {
    const settings = relaySettings(this.options.settings);
    const running = await this.relay.start({ dir, settings, readyWithinMs: READY_WITHIN_MS });
    this.#last = running;
    onPid(running.pid ?? null);
    const process = new Process(running);
    try {
      const subject = await withRoundTrip(this.#subjectOf(running));
      const signal = AbortSignal.any([this.options.signal, process.ended]);
      await this.#playSuspects(subject, signal, process);
      if (!signal.aborted) await this.#playRest(subject, signal, process);
      this.#judged.push(subject.judge.finish(nowNs()).conformance);
      if (this.relay.kind !== 'attached') this.#fullDisk = await diskProblem(dir);
    } finally {
      await running.stop();
    }
  }

  notStarted({ message, logTail }: RelayNotReadyError): RelayResult {
    const error = { message, logTail: [...logTail] };
    if (this.#last === undefined)
      return { ...this.#record(undefined), status: 'failed-to-start', error, conformance: null };
    return { ...this.result(), status: 'died', error };
  }

  result(): RelayResult {
    const { selection, strict, signal } = this.options;
    if (this.#fullDisk !== undefined) {
      const message = `what it answered is not judged: ${this.#fullDisk}`;
      const logTail = [...(this.#last?.logTail() ?? [])];
      return { ...this.#record(this.#last), status: 'died', error: { message, logTail } };
    }
    const rounds = this.#judged.map((conformance, index) => ({ round: index + 1, conformance }));
    const [only] = this.#judged;
    const { checks } = this.#judged.length > 1 ? mergeConformance(rounds) : (only ?? conformanceOf([]));
    const probed = selection.probes.flatMap(({ id }) => this.#results.get(id) ?? []);
    const survival = survivalResult(this.#deaths, this.#last?.pid === undefined ? undefined : probed.length);
    const selected = [...probed, survival, ...checks].filter(
      ({ id }) => selection.has(id) || (id === SURVIVAL.id && this.#deaths.length > 0),
    );
    const record = { ...this.#record(this.#last), conformance: conformanceOf(selected, { strict }) };
    if (signal.aborted) return { ...record, status: 'interrupted' };
    const death = this.#deaths.at(-1);
    if (this.#deaths.length < MOST_DEATHS || !death) return record;
    const message = `the relay's process ended ${MOST_DEATHS} times (${death.how}), and was given up`;
    return { ...record, status: 'died', error: { message, logTail: [...death.logTail] } };
  }

  #left(): readonly Probe[] {
    return this.options.selection.probes.filter(({ id }) => !this.#results.has(id));
  }

  async #playSuspects(subject: Subject, signal: AbortSignal, process: Process): Promise<void> {
    const suspects = this.#suspects;
    for (const [index, probe] of suspects.entries()) {
      const [result] = await this.#play(subject, [probe], signal, process);
      await process.toldOrAlive();
      if (result && !isCutShort(result)) continue;
      this.#suspects = suspects.slice(index + 1);
      if (process.ended.aborted) this.#blame(probe, process);
      return;
    }
    this.#suspects = [];
  }

  async #playRest(subject: Subject, signal: AbortSignal, process: Process): Promise<void> {
    const results = await this.#play(subject, this.#left(), signal, process);
    await process.toldOrAlive();
    if (!process.ended.aborted || this.options.signal.aborted) return;
    const during = results.filter(({ note }) => note === ENDED_DURING).map(({ id }) => id);
    const playing = this.#left().filter(({ id }) => during.includes(id));
    const [only, ...others] = playing;
    if (only && others.length === 0) return this.#blame(only, process);
    this.#suspects = playing;
    this.#deaths.push({ during, alone: false, ...process.lastWords() });
  }

  /** The probe during which the process ended, with none beside it: it is not played again. */
  #blame(probe: Probe, process: Process): void {
    const sideBySide = this.#deaths.at(-1);
    if (sideBySide && !sideBySide.alone && sideBySide.during.includes(probe.id)) this.#deaths.pop();
    this.#deaths.push({ during: [probe.id], alone: true, ...process.lastWords() });
    const note = `the relay's process ended during it; see ${SURVIVAL.id}`;
    const { id, level, title, requirement, reference } = probe;
    const none = { seen: 0, setAside: 0, failedCases: 0, failures: [] };
    this.#known({ id, level, title, requirement, reference, result: 'not-tested', ...none, note });
  }

  /** Results that stand: what was cut short is played again, unless the user stopped the run. */
  #play(
    subject: Subject,
    probes: readonly Probe[],
    signal: AbortSignal,
    process: Process,
  ): Promise<readonly CheckResult[]> {
    return runProbes({
      subject,
      probes,
      parallel: PARALLEL,
      signal,
      toldOrAlive: (withinMs) => process.toldOrAlive(withinMs),
      onResult: (result) => {
        if (!isCutShort(result) || this.options.signal.aborted) this.#known(result);
      },
    });
  }

  #known(result: CheckResult): void {
    this.#results.set(result.id, result);
    if (this.options.selection.has(result.id)) this.options.watch.onResult(result);
  }

  #subjectOf(running: RunningRelay): Subject {
    const { settings, authUrl, allowedKeys, servedKinds, leastPatienceMs } = this.options;
    let heldBytes: number | undefined;
    running.onSample((sample) => {
      heldBytes = sample.heldBytes;
    });
    return createSubject({
      target: running.target,
      authUrl: authUrl ?? running.authUrl,
      writable: this.relay.writable,
      declared: this.relay.declared,
      settings,
      allowedKeys,
      servedKinds,
      // Reference relays count what they hold for clients; nobody else says.
      heldBytes: isOwn(this.relay) ? () => heldBytes : undefined,
      leastPatienceMs,
    });
  }

  #record(running: RunningRelay | undefined): RelayResult {
    const { name, spec, kind } = this.relay;
    const { url, command, nip11 } = running?.target ?? {};
    return {
      name,
      ...(spec === undefined ? {} : { spec }),
      status: 'ok',
      target: {
        kind,
        ...(url === undefined ? {} : { url }),
        ...(command === undefined ? {} : { command }),
        ...(nip11 === undefined ? {} : { nip11 }),
      },
      metrics: [],
      series: [],
      conformance: null,
    };
  }
}

/** A process that may end at any time. */
class Process {
  readonly #ended = new AbortController();
  #how = '';
  readonly #exited: Promise<void>;

  constructor(private readonly running: RunningRelay) {
    this.#exited = running.exited.then(({ code, signal }) => {
      this.#how = signal ?? (code === null ? 'how is not known' : `exit code ${code}`);
      this.#ended.abort();
    });
  }

  /** Aborted when it has ended. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** Resolves when it has ended, or listens still: that a process ended is told after its connections are cut. */
  async toldOrAlive(withinMs = DEATH_TOLD_WITHIN_MS): Promise<void> {
    const { kind, url } = this.running.target;
    await Promise.race([this.#exited, sleep(withinMs)]);
    if (kind === 'attached') return;
    const untilMs = performance.now() + END_TOLD_WITHIN_MS;
    while (!this.ended.aborted && performance.now() < untilMs && !(await listens(url))) {
      await Promise.race([this.#exited, sleep(LISTENS_EVERY_MS)]);
    }
  }

  lastWords(): Pick<Death, 'how' | 'logTail'> {
    return { how: this.#how, logTail: [...this.running.logTail()] };
  }
}

function isCutShort({ note }: CheckResult): boolean {
  return note === ENDED_DURING || note === NOT_BEGUN;
}

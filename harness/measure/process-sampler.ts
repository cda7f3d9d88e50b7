import { NS_PER_MS, nowNs } from '../clock.js';
import { joinParts } from './join-parts.js';
import { processReader } from './process-reader.js';

/** How often threads gave up their core, and were made to, since they began. */
export interface ContextSwitches {
  readonly voluntary: number;
  readonly involuntary: number;
}

/** What a process and its family (children, and what was started with it) used at one moment. */
export interface ProcessReading {
  /** Resident memory, in bytes. */
  readonly rssBytes: number;
  /** Anonymous memory: resident, without mapped files; undefined where the platform doesn't tell it apart. */
  readonly anonBytes: number | undefined;
  /** CPU time since its start, user and system, in seconds. */
  readonly cpuTimeS: number;
  /** The part of it in user mode; undefined where the platform doesn't tell it apart. */
  readonly userTimeS?: number | undefined;
  /** Tells a process from a later one with the same pid. */
  readonly identity: string;
}

/** Reads a process from outside; one a platform. */
export interface ProcessReader {
  /** Undefined when there is no such process (a zombie uses nothing and counts as gone). */
  read(pid: number): ProcessReading | undefined;
  /** Of all threads; missing where the platform doesn't tell. */
  contextSwitches?(pid: number): ContextSwitches | undefined;
  /** It is a load of its own to read oftener. */
  readonly leastIntervalMs?: number;
}

/** What was seen of a process over a window, in all its parts. Times are ms since the window began. */
export type ProcessSamples =
  | { readonly seen: false; readonly reason: string }
  | {
      readonly seen: true;
      /** True when the process ended in the window; the figures are those of its life in it. */
      readonly gone: boolean;
      readonly rssPeakBytes: number;
      readonly anonPeakBytes: number | undefined;
      /** CPU seconds used in the window; undefined when the process ended before the window did. */
      readonly cpuTimeS: number | undefined;
      /** Of {@link cpuTimeS}; undefined where the platform doesn't tell. */
      readonly userTimeS?: number | undefined;
      /** Of the threads that lived at the end, in the window; undefined where the platform doesn't tell. */
      readonly switches?: ContextSwitches | undefined;
      readonly series: {
        readonly atMs: readonly number[];
        readonly rssBytes: readonly number[];
        /** Empty where the platform doesn't tell anonymous memory apart. */
        readonly anonBytes: readonly number[];
        /** CPU seconds since the window began. */
        readonly cpuTimeS: readonly number[];
      };
    };

export interface ProcessSampler {
  /** Opens the window, or its next part. */
  start(): void;
  /** Closes it; gives what was seen in all parts. */
  stop(): ProcessSamples;
}

export interface ProcessSamplerOptions {
  readonly intervalMs?: number;
  /** Nanoseconds, monotonic. */
  readonly clock?: () => number;
  /** Undefined: this platform's; null: there is none. */
  readonly reader?: ProcessReader | null;
}

/** Short against the windows of half a second, and 0.2 % of a core at some 100 µs a reading. */
const DEFAULT_INTERVAL_MS = 50;

/**
 * Samples a process from outside while a window is open: at its beginning, every `intervalMs`, and at its end. The
 * peaks are those of the samples, not the process's high-water mark, which would include its start.
 */
export function createProcessSampler(pid: number, options: ProcessSamplerOptions = {}): ProcessSampler {
  const { intervalMs = DEFAULT_INTERVAL_MS, clock = nowNs } = options;
  const reader = options.reader === undefined ? processReader() : options.reader;
  let window: OpenWindow | undefined;
  let firstNs: number | undefined;
  let before: ProcessSamples | undefined;
  return {
    start() {
      if (window) throw new Error('the window is open already');
      const sample = () => reader && window?.take(reader.read(pid), clock());
      const every = Math.max(intervalMs, reader?.leastIntervalMs ?? 0);
      firstNs ??= clock();
      window = new OpenWindow(firstNs, setInterval(sample, every), reader?.contextSwitches?.(pid));
      sample();
    },
    stop() {
      if (!window) throw new Error('no window is open');
      const closed = window;
      window = undefined;
      clearInterval(closed.timer);
      if (!reader) return { seen: false, reason: 'processes of this platform are not read from outside' };
      closed.take(reader.read(pid), clock());
      before = joinParts(before, closed.samples(pid, reader.contextSwitches?.(pid)));
      return before;
    },
  };
}

/** The readings of one part of the window. */
class OpenWindow {
  readonly #atMs: number[] = [];
  readonly #readings: ProcessReading[] = [];
  #gone = false;

  constructor(
    /** When the first part was opened. */
    private readonly openedNs: number,
    readonly timer: NodeJS.Timeout,
    private readonly switchesBefore: ContextSwitches | undefined,
  ) {}

  take(reading: ProcessReading | undefined, atNs: number): void {
    const [first] = this.#readings;
    this.#gone ||= reading === undefined || (first !== undefined && first.identity !== reading.identity);
    if (this.#gone || reading === undefined) return;
    this.#atMs.push((atNs - this.openedNs) / NS_PER_MS);
    this.#readings.push(reading);
  }

  samples(pid: number, switchesAfter: ContextSwitches | undefined): ProcessSamples {
    const first = this.#readings[0];
    const last = this.#readings.at(-1);
    if (!first || !last) return { seen: false, reason: `no process ${pid} in the window` };
    const rssBytes = this.#readings.map((reading) => reading.rssBytes);
    const anonBytes = this.#readings.flatMap((reading) => reading.anonBytes ?? []);
    return {
      seen: true,
      gone: this.#gone,
      rssPeakBytes: Math.max(...rssBytes),
      anonPeakBytes: anonBytes.length === 0 ? undefined : Math.max(...anonBytes),
      cpuTimeS: this.#gone ? undefined : last.cpuTimeS - first.cpuTimeS,
      userTimeS: this.#gone ? undefined : difference(last.userTimeS, first.userTimeS),
      switches: this.#gone ? undefined : switchesBetween(this.switchesBefore, switchesAfter),
      series: {
        atMs: this.#atMs,
        rssBytes,
        anonBytes,
        cpuTimeS: this.#readings.map((reading) => reading.cpuTimeS - first.cpuTimeS),
      },
    };
  }
}

function difference(after: number | undefined, before: number | undefined): number | undefined {
  return after === undefined || before === undefined ? undefined : after - before;
}

/** A thread that ended in between takes its count with it. */
function switchesBetween(
  before: ContextSwitches | undefined,
  after: ContextSwitches | undefined,
): ContextSwitches | undefined {
  if (!before || !after) return undefined;
  return {
    voluntary: Math.max(0, after.voluntary - before.voluntary),
    involuntary: Math.max(0, after.involuntary - before.involuntary),
  };
}

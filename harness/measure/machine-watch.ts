import { nowNs } from '../clock.js';
import type { MachineLoad } from '../results.js';
import { type MachineReader, type MachineReading, machineReader } from './machine-reader.js';

/** Watches the machine while a window is open, which may have several parts. */
export interface MachineWatch {
  /** Opens the window, or its next part. */
  start(): void;
  /** Closes it: the load over all parts. Undefined where the platform can't tell, or they were too short to say anything. */
  stop(): MachineLoad | undefined;
}

export interface MachineWatchOptions {
  /** Processes that belong to the run though they don't descend from this one. */
  readonly own?: readonly number[];
  /** Nanoseconds, monotonic. */
  readonly clock?: () => number;
  /** Undefined: this platform's; null: there is none. */
  readonly reader?: MachineReader | null;
}

/** The kernel counts CPU time in ticks of 10 ms; over less than this a share of it would be chance. */
const LEAST_WINDOW_S = 0.2;

/** How often the run queue is looked at, in ms. */
const SAMPLE_EVERY_MS = 50;

/**
 * Tells what else ran on the machine: the CPU time of all programs without that of the run, which is this process, its
 * children (load workers, relays) and theirs.
 */
export function createMachineWatch(options: MachineWatchOptions = {}): MachineWatch {
  const { own = [], clock = nowNs } = options;
  const reader = options.reader === undefined ? machineReader() : options.reader;
  let window: { from: Moment; timer: NodeJS.Timeout } | undefined;
  const parts: { readonly from: Moment; readonly to: Moment }[] = [];
  const runnable: number[] = [];
  const moment = (): Moment | undefined => {
    const reading = reader?.read();
    const ownS = reader?.cpuOf(process.pid, own);
    return reading && ownS !== undefined ? { reading, ownS, atNs: clock() } : undefined;
  };
  return {
    start() {
      const from = moment();
      if (!from) return;
      const timer = setInterval(() => {
        const reading = reader?.read();
        if (reading) runnable.push(reading.runnable);
      }, SAMPLE_EVERY_MS);
      window = { from, timer };
    },
    stop() {
      const closed = window;
      window = undefined;
      clearInterval(closed?.timer);
      const to = closed && moment();
      if (!to) return undefined;
      parts.push({ from: closed.from, to });
      return loadOver(parts, runnable);
    },
  };
}

interface Moment {
  readonly reading: MachineReading;
  /** CPU seconds of the run so far. */
  readonly ownS: number;
  readonly atNs: number;
}

function loadOver(
  parts: readonly { readonly from: Moment; readonly to: Moment }[],
  runnable: readonly number[],
): MachineLoad | undefined {
  const grown = (figure: (moment: Moment) => number): number =>
    parts.reduce((sum, { from, to }) => sum + figure(to) - figure(from), 0);
  const elapsedS = grown(({ atNs }) => atNs) / 1e9;
  if (elapsedS < LEAST_WINDOW_S) return undefined;
  const capacityS = elapsedS * (parts[0]?.to.reading.cores ?? 1);
  const isWaitingTold = parts.every(
    ({ from, to }) => from.reading.waitingS !== undefined && to.reading.waitingS !== undefined,
  );
  return {
    others: share(
      grown(({ reading, ownS }) => reading.busyS - ownS),
      capacityS,
    ),
    steal: share(
      grown(({ reading }) => reading.stolenS),
      capacityS,
    ),
    runQueue: runnable.length === 0 ? null : runnable.reduce((sum, one) => sum + one, 0) / runnable.length,
    pressure: isWaitingTold
      ? share(
          grown(({ reading }) => reading.waitingS ?? 0),
          elapsedS,
        )
      : null,
  };
}

function share(part: number, whole: number): number {
  return Math.min(1, Math.max(0, part / whole));
}

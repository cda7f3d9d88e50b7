import { nowNs } from '../clock.js';
import type { MachineLoad } from '../results.js';
import { type MachineReader, type MachineReading, machineReader } from './machine-reader.js';

/** Watches the machine while a window is open. */
export interface MachineWatch {
  start(): void;
  /** Undefined where the platform can't tell, or the window was too short to say anything. */
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
  let window: { from: Moment; runnable: number[]; timer: NodeJS.Timeout } | undefined;
  const moment = (): Moment | undefined => {
    const reading = reader?.read();
    const ownS = reader?.cpuOf(process.pid, own);
    return reading && ownS !== undefined ? { reading, ownS, atNs: clock() } : undefined;
  };
  return {
    start() {
      const from = moment();
      if (!from) return;
      const runnable: number[] = [];
      const timer = setInterval(() => {
        const reading = reader?.read();
        if (reading) runnable.push(reading.runnable);
      }, SAMPLE_EVERY_MS);
      window = { from, runnable, timer };
    },
    stop() {
      const closed = window;
      window = undefined;
      clearInterval(closed?.timer);
      const to = closed && moment();
      return to && loadBetween(closed.from, to, closed.runnable);
    },
  };
}

interface Moment {
  readonly reading: MachineReading;
  /** CPU seconds of the run so far. */
  readonly ownS: number;
  readonly atNs: number;
}

function loadBetween(from: Moment, to: Moment, runnable: readonly number[]): MachineLoad | undefined {
  const elapsedS = (to.atNs - from.atNs) / 1e9;
  if (elapsedS < LEAST_WINDOW_S) return undefined;
  const capacityS = elapsedS * to.reading.cores;
  const busyS = to.reading.busyS - from.reading.busyS;
  const waiting = [from.reading.waitingS, to.reading.waitingS];
  const [before, after] = waiting;
  return {
    others: share(busyS - (to.ownS - from.ownS), capacityS),
    steal: share(to.reading.stolenS - from.reading.stolenS, capacityS),
    runQueue: runnable.length === 0 ? null : runnable.reduce((sum, one) => sum + one, 0) / runnable.length,
    pressure: before === undefined || after === undefined ? null : share(after - before, elapsedS),
  };
}

function share(part: number, whole: number): number {
  return Math.min(1, Math.max(0, part / whole));
}

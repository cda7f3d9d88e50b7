import { type IntervalHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { GeneratorSample } from './protocol.js';

/** How often the event-loop delay is looked at, in ms; the least that Node's monitor takes without a cost of its own. */
const RESOLUTION_MS = 5;

/** Watches the generator itself over the measured window. */
export interface GeneratorWatch {
  /** Begins or goes on with the window. */
  resume(): void;
  pause(): void;
  /** Undefined when nothing was watched. */
  sample(): GeneratorSample | undefined;
}

/**
 * @param idlePollNs nanoseconds spent polling for due times so far: neither work nor idling, as the event loop counts it
 */
export function createGeneratorWatch(idlePollNs: () => number, clock: () => number): GeneratorWatch {
  // One for each part of the window: a monitor that is stopped and started takes the time in between for a delay.
  const delays: IntervalHistogram[] = [];
  const total = { elapsedNs: 0, busyNs: 0, cpuNs: 0 };
  let since:
    | {
        atNs: number;
        loop: ReturnType<typeof performance.eventLoopUtilization>;
        pollNs: number;
        cpu: NodeJS.CpuUsage;
      }
    | undefined;

  return {
    resume() {
      if (since) return;
      const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
      delay.enable();
      delays.push(delay);
      since = {
        atNs: clock(),
        loop: performance.eventLoopUtilization(),
        pollNs: idlePollNs(),
        cpu: process.cpuUsage(),
      };
    },
    pause() {
      if (!since) return;
      delays.at(-1)?.disable();
      const pollNs = idlePollNs() - since.pollNs;
      const cpu = process.cpuUsage(since.cpu);
      total.elapsedNs += clock() - since.atNs;
      total.busyNs += Math.max(0, performance.eventLoopUtilization(since.loop).active * 1e6 - pollNs);
      total.cpuNs += Math.max(0, (cpu.user + cpu.system) * 1e3 - pollNs);
      since = undefined;
    },
    sample() {
      if (total.elapsedNs === 0) return undefined;
      const seen = delays.filter(({ count }) => count > 0);
      const delayMs = (ns: number): number => Math.max(0, ns / 1e6 - RESOLUTION_MS);
      return {
        busyShare: total.busyNs / total.elapsedNs,
        cpu: total.cpuNs / total.elapsedNs,
        eventLoopDelayMs: {
          count: delays.reduce((sum, { count }) => sum + count, 0),
          p50: delayMs(percentileOver(seen, 50)),
          p99: delayMs(percentileOver(seen, 99)),
          max: delayMs(Math.max(0, ...seen.map(({ max }) => max))),
        },
      };
    },
  };
}

/** Of one histogram so many quantiles stand for all its samples. */
const MOST_QUANTILES = 1_000;

/** Percentile of the samples of all histograms together, which Node can't add up; in ns, 0 without samples. */
function percentileOver(histograms: readonly IntervalHistogram[], percentile: number): number {
  const [only, ...others] = histograms;
  if (!only) return 0;
  if (others.length === 0) return only.percentile(percentile);
  const samples = histograms.flatMap((histogram) => {
    const quantiles = Math.min(histogram.count, MOST_QUANTILES);
    return Array.from({ length: quantiles }, (_, index) => ({
      ns: histogram.percentile(((index + 1) / quantiles) * 100),
      weight: histogram.count / quantiles,
    }));
  });
  samples.sort((a, b) => a.ns - b.ns);
  const total = samples.reduce((sum, { weight }) => sum + weight, 0);
  let below = 0;
  const found = samples.find(({ weight }) => {
    below += weight;
    return below >= (percentile / 100) * total;
  });
  return (found ?? samples.at(-1))?.ns ?? 0;
}

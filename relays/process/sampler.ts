import { monitorEventLoopDelay, PerformanceObserver, performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { RelaySample } from '../relay.js';

const SAMPLE_EVERY_MS = 50;

/**
 * How often the loop is looked at, in milliseconds: a delay is seen short by up to this much. 1 ms would cost 2 %
 * of a core in a relay that is idle, 2 ms less than 1 %.
 */
const DELAY_RESOLUTION_MS = 2;

const NS_PER_MS = 1e6;

/** What a relay can say about its clients. */
export interface RelayCounts {
  connections(): number;
  subscriptions(): number;
  /** The most bytes held for clients since the last call, where the relay counts them. */
  heldBytes?(): number;
}

/** Takes a sample of this process every 50 ms. Doesn't keep the process alive. */
export function startSampling(counts: RelayCounts, give: (sample: RelaySample) => void): void {
  const largestDelayMs = eventLoopDelay();
  const collections = garbageCollections();
  const timer = setInterval(() => {
    const heap = getHeapStatistics();
    give({
      atNs: Number(process.hrtime.bigint()),
      heapUsedBytes: heap.used_heap_size,
      externalBytes: heap.external_memory,
      eventLoopDelayMs: largestDelayMs(),
      connections: counts.connections(),
      subscriptions: counts.subscriptions(),
      gc: collections(),
      heldBytes: counts.heldBytes?.(),
    });
  }, SAMPLE_EVERY_MS);
  timer.unref();
}

/**
 * Returns a function that gives the largest delay since its last call, in milliseconds. The histogram counts from
 * its first tick after a reset, so a long task that follows a call at once would go unseen; that one shows as
 * lateness of the call after it.
 */
function eventLoopDelay(): () => number {
  const histogram = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  histogram.enable();
  let dueMs = performance.now() + SAMPLE_EVERY_MS;
  return () => {
    const nowMs = performance.now();
    const seenMs = histogram.max / NS_PER_MS - DELAY_RESOLUTION_MS;
    const latenessMs = nowMs - dueMs;
    histogram.reset();
    dueMs = nowMs + SAMPLE_EVERY_MS;
    return Math.max(0, seenMs, latenessMs);
  };
}

/** Returns a function that gives the garbage collections since its last call. */
function garbageCollections(): () => NonNullable<RelaySample['gc']> {
  const none = { count: 0, pauseMs: 0, longestMs: 0 };
  let sum = { ...none };
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      sum.count += 1;
      sum.pauseMs += duration;
      sum.longestMs = Math.max(sum.longestMs, duration);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => {
    const given = sum;
    sum = { ...none };
    return given;
  };
}

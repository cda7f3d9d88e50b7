import type { ContextSwitches, ProcessSamples } from './process-sampler.js';

type Seen = Extract<ProcessSamples, { readonly seen: true }>;

/** What was seen of a process in the parts of one window so far, and in the next, as one: peaks over all, and the time that it used. */
export function joinParts(before: ProcessSamples | undefined, next: ProcessSamples): ProcessSamples {
  if (!before) return next;
  if (before.seen && next.seen) return join(before, next);
  // A process that was not there in one part is gone.
  if (before.seen) return gone(before);
  return next.seen ? gone(next) : before;
}

function gone(seen: Seen): Seen {
  return { ...seen, gone: true, cpuTimeS: undefined, userTimeS: undefined, switches: undefined };
}

function join(before: Seen, next: Seen): Seen {
  const usedS = before.series.cpuTimeS.at(-1) ?? 0;
  return {
    seen: true,
    gone: before.gone || next.gone,
    rssPeakBytes: Math.max(before.rssPeakBytes, next.rssPeakBytes),
    anonPeakBytes: either(before.anonPeakBytes, next.anonPeakBytes, Math.max),
    cpuTimeS: both(before.cpuTimeS, next.cpuTimeS, sum),
    userTimeS: both(before.userTimeS, next.userTimeS, sum),
    switches: both(before.switches, next.switches, sumOfSwitches),
    series: {
      atMs: [...before.series.atMs, ...next.series.atMs],
      rssBytes: [...before.series.rssBytes, ...next.series.rssBytes],
      anonBytes: [...before.series.anonBytes, ...next.series.anonBytes],
      cpuTimeS: [...before.series.cpuTimeS, ...next.series.cpuTimeS.map((cpuS) => usedS + cpuS)],
    },
  };
}

const sum = (a: number, b: number): number => a + b;

function sumOfSwitches(a: ContextSwitches, b: ContextSwitches): ContextSwitches {
  return { voluntary: a.voluntary + b.voluntary, involuntary: a.involuntary + b.involuntary };
}

/** Undefined where one is. */
function both<Value>(a: Value | undefined, b: Value | undefined, join: (a: Value, b: Value) => Value) {
  return a === undefined || b === undefined ? undefined : join(a, b);
}

/** The one that there is, where there is one. */
function either<Value>(a: Value | undefined, b: Value | undefined, join: (a: Value, b: Value) => Value) {
  return both(a, b, join) ?? a ?? b;
}

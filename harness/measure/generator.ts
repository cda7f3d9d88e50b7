import type { GeneratorFigures } from '../results.js';

type Spread = GeneratorFigures['lateness'];

/** What the load generator saw of itself while it loaded a relay. Times in ms; null where not known. */
export interface GeneratorObservation {
  /** Sent − due, of the measured steps. A percentile that has too few samples is null. */
  readonly lateness: Spread;
  /** How long the event loop kept what was ready waiting, without the resolution of the timer that measured it. */
  readonly eventLoopDelay: Spread;
  /** CPU time of the generator's process as a share of one core. */
  readonly cpu: number | null;
  /** Share of the window in which its main thread was busy: event-loop utilisation, 0 to 1. */
  readonly busyShare: number | null;
  /** The relay's latency that these figures would spoil: that of `req.eose`, or of what else was measured. */
  readonly latency: Pick<Spread, 'p50' | 'p99'>;
}

export interface GeneratorJudgement {
  readonly figures: GeneratorFigures;
  /** Why the figures are harness-bound, a sentence each; empty when they aren't. */
  readonly reasons: readonly string[];
  /** Why only p90, p99 and mean are: the generator was late now and then; empty when it wasn't. */
  readonly tailReasons: readonly string[];
}

/**
 * Above this share, what arrives waits for the generator more than for itself: with random arrivals waiting grows as
 * ρ / (1 − ρ) times the time one message takes (M/M/1: L. Kleinrock, Queueing Systems I, 1975, §3.2), which is 4 at
 * 0.8 and 9 at 0.9; and what waits is stamped late, as if the relay had been slow.
 */
export const BUSY_LIMIT = 0.8;

/**
 * Lateness that is never held against a run, in ms, of the p99 and the median. Timers of Node have whole
 * milliseconds, and a minor garbage collection takes about one: together 2 ms of what the tail shows on an idle machine. A
 * median above 1 ms isn't a timer's doing: the generator is behind its schedule as a rule.
 */
const TOLERATED_MS = { p50: 1, p99: 2 } as const;

/**
 * Lateness and loop delay are part of every latency, since it counts from the due time to the moment that the generator looked.
 * Under a tenth of the latency at the same percentile they can't move it by more than a tenth. That is the same for every
 * relay of the run and largely cancels in differences; what doesn't shows in the null relay's spread.
 */
const TOLERATED_SHARE = 0.1;

/**
 * Tells whether the generator, not the relay, set the figures. One delay in a hundred is in the tail alone: it
 * leaves the median as it is.
 */
export function judgeGenerator(observation: GeneratorObservation): GeneratorJudgement {
  const { lateness, eventLoopDelay, cpu, latency } = observation;
  const busy = observation.busyShare ?? cpu;
  const delayed = (percentile: 'p50' | 'p99'): string[] => [
    ...delayReason('sent its messages late', percentile, lateness, latency),
    ...delayReason('took in answers late (event-loop delay)', percentile, eventLoopDelay, latency),
  ];
  const reasons = [...busyReason(busy), ...delayed('p50')];
  const tailReasons = delayed('p99');
  const headroom = busy === null || busy <= 0 ? null : 1 / busy;
  const verdict = { bound: reasons.length > 0, tailBound: tailReasons.length > 0 };
  return { figures: { lateness, eventLoopDelay, cpu, headroom, ...verdict }, reasons, tailReasons };
}

function busyReason(busy: number | null): string[] {
  if (busy === null || busy <= BUSY_LIMIT) return [];
  return [
    `the generator was busy ${percent(busy)} of the time; above ${percent(BUSY_LIMIT)} it sets the pace itself`,
  ];
}

function delayReason(
  what: string,
  percentile: 'p50' | 'p99',
  delay: Spread,
  latency: Pick<Spread, 'p50' | 'p99'>,
): string[] {
  const delayMs = delay[percentile];
  const limitMs = Math.max(TOLERATED_MS[percentile], TOLERATED_SHARE * (latency[percentile] ?? 0));
  if (delayMs === null || delayMs <= limitMs) return [];
  return [
    `the generator ${what}: ${percentile} ${delayMs.toFixed(1)} ms, tolerated ${limitMs.toFixed(1)} ms`,
  ];
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

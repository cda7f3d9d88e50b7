import { NS_PER_MS } from '../clock.js';
import type { Step } from '../scenario/plan.js';
import type { WorkloadSession } from '../scenario/workload.js';

/**
 * How long a script takes at least, in ms, when every answer comes at once: its waits and schedules. What a
 * session takes beyond that it spends waiting for the relay.
 */
export function leastDurationMs(steps: readonly Step[]): number {
  let total = 0;
  for (const step of steps) {
    if (step.do === 'wait') total += step.ms;
    if (step.do === 'http') total += step.forMs;
    if (step.do === 'auth') total += step.withinMs;
    if (step.do === 'repeat') {
      total += Math.max(
        0,
        ...step.iterations.map((iteration) => iteration.atUs / 1_000 + leastDurationMs(iteration.steps)),
      );
    }
  }
  return total;
}

/** When the last of these sessions can have ended at the earliest, if their phase began at `phaseStartNs`. */
export function leastEndNs(sessions: readonly WorkloadSession[], phaseStartNs: number): number {
  return sessions.reduce(
    (latest, session) =>
      Math.max(latest, phaseStartNs + session.startUs * 1_000 + leastDurationMs(session.steps) * NS_PER_MS),
    phaseStartNs,
  );
}

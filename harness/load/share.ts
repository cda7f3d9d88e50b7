import type { WorkloadSession } from '../scenario/workload.js';

/** Which part of a workload a load worker plays. */
export interface Share {
  /** From 0. */
  readonly index: number;
  readonly of: number;
}

/** The whole of it. */
export const WHOLE: Share = { index: 0, of: 1 };

/**
 * The sessions of a share, in their order. All of them are dealt out in turn, phase by phase and kind by kind, so that every
 * worker gets as many of each as the others, or one less. It hangs on the plan alone.
 */
export function sessionsOf(sessions: readonly WorkloadSession[], share: Share): readonly WorkloadSession[] {
  if (share.of === 1) return sessions;
  const dealt = [...sessions.keys()].sort((a, b) => compareKinds(sessions, a, b) || a - b);
  const own = new Set(dealt.filter((_, place) => place % share.of === share.index));
  return sessions.filter((_, index) => own.has(index));
}

function compareKinds(sessions: readonly WorkloadSession[], a: number, b: number): number {
  const [one, other] = [sessions[a], sessions[b]];
  if (!one || !other) return 0;
  if (one.phase !== other.phase) return one.phase - other.phase;
  if (one.client === other.client) return 0;
  return one.client < other.client ? -1 : 1;
}

import type { AccessLevel } from '../relay.js';

/** From the least to the most; each includes what those before it may do. */
export const ACCESS_LEVELS: readonly AccessLevel[] = ['none', 'blocked', 'read', 'write', 'admin', 'owner'];

/** Whether `level` includes what `needed` may do. */
export function reaches(level: AccessLevel, needed: AccessLevel): boolean {
  return ACCESS_LEVELS.indexOf(level) >= ACCESS_LEVELS.indexOf(needed);
}

/** The highest of `levels`; `none` of no levels. */
export function highest(levels: Iterable<AccessLevel>): AccessLevel {
  let best: AccessLevel = 'none';
  for (const level of levels) if (reaches(level, best)) best = level;
  return best;
}

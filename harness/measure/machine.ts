import type { MachineLoad } from '../results.js';

/**
 * Of all cores together, what other programs may take: a tenth, as for the generator's own delays. On two cores that is a
 * fifth of one, and relay and generator have one each.
 */
export const OTHERS_LIMIT = 0.1;

/**
 * Of all cores together, what the host may take from a virtual machine. Nothing here knows when it happens, and a core that is
 * taken stands still for whole milliseconds: 2 % of a window of 1 s are 20 ms on each core.
 */
export const STEAL_LIMIT = 0.02;

/**
 * From this share of disturbed rounds on the figures are spoiled. The middle half of the rounds, which medians and the
 * floor's spread go by, stays what it is whatever happened in less than a quarter of them.
 */
export const SPOILED_SHARE = 0.25;

/** How a window was disturbed. */
export interface Disturbance {
  /** `other programs took 40 % of all cores (tolerated: 10 %)`. */
  readonly seen: string;
  /** What a user can do against it. */
  readonly remedy: string;
}

/** Empty where a window wasn't disturbed. */
export function disturbances({ others, steal }: MachineLoad): Disturbance[] {
  const found: Disturbance[] = [];
  if (others > OTHERS_LIMIT) {
    found.push({
      seen: `other programs took ${percent(others)} of all cores (tolerated: ${percent(OTHERS_LIMIT)})`,
      remedy: 'end other programs and run again',
    });
  }
  if (steal > STEAL_LIMIT) {
    found.push({
      seen: `the host of this virtual machine took ${percent(steal)} of all cores away (steal; tolerated: ${percent(STEAL_LIMIT)})`,
      remedy: 'run again when the host is quieter, or elsewhere',
    });
  }
  return found;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

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

/** Why a window was disturbed, in words; empty when it wasn't. */
export function disturbances({ others, steal }: MachineLoad): string[] {
  return [
    ...(others > OTHERS_LIMIT ? [`other programs took ${percent(others)} of all cores`] : []),
    ...(steal > STEAL_LIMIT ? [`the host took ${percent(steal)} of all cores away (steal)`] : []),
  ];
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

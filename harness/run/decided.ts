import type { Results } from '../results.js';

/** Whether more rounds could change nothing that the run is for: its gates, or, without gates, its comparisons. */
export function isDecided({ gates, comparisons }: Pick<Results, 'gates' | 'comparisons'>): boolean {
  if (gates.length > 0) return gates.every(({ result }) => result !== 'not-measurable');
  return comparisons.every(({ verdict }) => verdict !== 'undecided' && verdict !== 'not-measurable');
}

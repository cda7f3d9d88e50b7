import { disturbances, OTHERS_LIMIT, SPOILED_SHARE, STEAL_LIMIT } from '../measure/machine.js';
import type { MachineLoad, Warning } from '../results.js';

/** What else the machine did while a relay was measured, by round. */
export interface WatchedRelay {
  readonly name: string;
  readonly machine: ReadonlyMap<number, MachineLoad>;
}

/** One warning a relay whose rounds were disturbed by other load; it spoils the figures when that was no exception. */
export function machineWarnings({ name, machine }: WatchedRelay): Warning[] {
  const disturbed = [...machine].filter(([, load]) => disturbances(load).length > 0);
  const [worst] = disturbed.toSorted(([, a], [, b]) => excess(b) - excess(a));
  if (!worst) return [];
  const spoils = disturbed.length >= SPOILED_SHARE * machine.size;
  const rounds = `${disturbed.length} of ${machine.size} ${machine.size === 1 ? 'round' : 'rounds'}`;
  const [round, load] = worst;
  const causes = disturbances(load);
  const remedies = causes.map(({ remedy }) => remedy).join(', ');
  const effect = spoils
    ? `its times include waiting for them, so they are neither compared nor gated; ${remedies}`
    : 'too few rounds to move its medians, so nothing is spoiled';
  return [
    {
      code: 'machine-load',
      text: `other load in ${rounds} of ${name}, most in round ${round}: ${causes.map(({ seen }) => seen).join(' and ')}; ${effect}`,
      spoils: spoils ? [name] : [],
    },
  ];
}

function excess({ others, steal }: MachineLoad): number {
  return Math.max(others / OTHERS_LIMIT, steal / STEAL_LIMIT);
}

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
  const tolerated = `tolerated: ${100 * OTHERS_LIMIT} % and ${100 * STEAL_LIMIT} %`;
  const effect = spoils ? 'what was timed includes waiting for them' : 'too few rounds to move the medians';
  return [
    {
      code: 'machine-load',
      text: `other load: in ${rounds} of ${name}, most in round ${round}: ${disturbances(load).join(', ')} (${tolerated}); ${effect}`,
      spoils: spoils ? [name] : [],
    },
  ];
}

function excess({ others, steal }: MachineLoad): number {
  return Math.max(others / OTHERS_LIMIT, steal / STEAL_LIMIT);
}

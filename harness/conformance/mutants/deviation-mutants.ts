import { DEVIATIONS, type Deviation } from '../../../relays/relay.js';
import type { LoadName, Mutant } from './mutant.js';

/** Which checks must catch a deviation. Those that aren't named here need a script of their own, a probe. */
const CAUGHT_BY: Readonly<Record<string, { readonly checks: readonly string[]; readonly load?: LoadName }>> =
  {
    D8: { checks: ['nip01/live/delivered'] },
    D22: { checks: ['nip01/event/ephemeral'], load: 'ephemeral' },
  };

/** Every deviation that a reference relay can have, as a mutant of the first relay that has it. */
export const DEVIATION_MUTANTS: readonly Mutant[] = Object.entries<Deviation>(DEVIATIONS).flatMap(
  ([id, { class: kind, of, title }]) => {
    const [relay] = of;
    const { checks = [], load = 'open' } = CAUGHT_BY[id] ?? {};
    if (!relay) return [];
    return [
      {
        id,
        breaks: title,
        caughtBy: checks,
        observed: kind === 'T',
        relay,
        load,
        how: { kind: 'deviation', deviation: id as keyof typeof DEVIATIONS },
      } satisfies Mutant,
    ];
  },
);

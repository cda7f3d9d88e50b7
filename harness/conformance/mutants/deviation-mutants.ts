import { DEVIATIONS, type Deviation, type DeviationId, isDeviationId } from '../../../relays/relay.js';
import type { LoadName, Mutant } from './mutant.js';

/** Which checks must catch a deviation. Those that aren't named here need a script of their own, a probe. */
const CAUGHT_BY: Readonly<Record<string, Caught>> = {
  // With a CLOSED, which the original doesn't send (D12), the client would know that nothing more is coming.
  D8: { checks: ['nip01/live/delivered'], besides: ['D12'] },
  D22: { checks: ['nip01/event/ephemeral'], load: 'ephemeral' },
};

interface Caught {
  readonly checks: readonly string[];
  readonly load?: LoadName;
  /** Deviations that are switched on too. */
  readonly besides?: readonly DeviationId[];
}

/** Every deviation that a reference relay can have, as a mutant of the first relay that has it. */
export const DEVIATION_MUTANTS: readonly Mutant[] = Object.entries<Deviation>(DEVIATIONS).flatMap(
  ([id, { class: kind, of, title }]) => {
    const [relay] = of;
    const { checks = [], load = 'open', besides = [] } = CAUGHT_BY[id] ?? {};
    if (!relay || !isDeviationId(id)) return [];
    return [
      {
        id,
        breaks: title,
        caughtBy: checks,
        observed: kind === 'T',
        relay,
        load,
        how: { kind: 'deviation', deviations: [id, ...besides] },
      },
    ];
  },
);

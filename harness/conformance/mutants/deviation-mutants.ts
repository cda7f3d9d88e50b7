import { DEVIATIONS, type Deviation, type DeviationId, isDeviationId } from '../../../relays/relay.js';
import { type LoadName, type Mutant, made } from './mutant.js';
import type { StageName } from './stages.js';

/** Where a deviation shows, if not in a relay that serves everybody. */
const SHOWN: Readonly<Partial<Record<DeviationId, Shown>>> = {
  D2: { stage: 'narrow' },
  D5: { stage: 'auth-required' },
  D6: { stage: 'managed' },
  // With a CLOSED, which the original doesn't send (D12), the client would know that nothing more is coming.
  D8: { caughtBy: ['nip01/live/delivered'], besides: ['D12'] },
  D9: { stage: 'follows' },
  D10: { stage: 'follows' },
  D11: { stage: 'cached' },
  D12: { besides: ['D8'] },
  D16: { stage: 'auth-required' },
  D17: { stage: 'auth-required' },
  D18: { stage: 'narrow' },
  D22: { caughtBy: ['nip01/event/ephemeral'], load: 'ephemeral' },
  D25: { besides: ['D8'] },
  D26: { stage: 'cached-private' },
  D27: { stage: 'queued' },
  D30: { stage: 'two-sources' },
};

interface Shown {
  readonly caughtBy?: readonly string[];
  readonly load?: LoadName;
  readonly stage?: StageName;
  /** Deviations that are switched on too. */
  readonly besides?: readonly DeviationId[];
}

/** Every deviation that a reference relay can have, as a mutant of the first relay that has it. */
export const DEVIATION_MUTANTS: readonly Mutant[] = Object.entries<Deviation>(DEVIATIONS).flatMap(
  ([id, { class: kind, of, title }]) => {
    const [relay] = of;
    if (!relay || !isDeviationId(id)) return [];
    const { besides = [], ...shown } = SHOWN[id] ?? {};
    return [
      made(
        id,
        { breaks: title, observed: kind === 'T', relay, ...shown },
        { kind: 'deviation', deviations: [id, ...besides] },
      ),
    ];
  },
);

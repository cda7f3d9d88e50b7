import type { DeviationId } from '../../../relays/relay.js';
import type { Tamper } from '../../proxy/index.js';

/** The load under which the invariants catch a mutant; see {@link LOADS}. */
export type LoadName = 'open' | 'ephemeral' | 'auth';

/**
 * Makes the tampers of one start of a relay; what its connections share lives in the closure. A mutation breaks its
 * rule once, at a place that is the same every time, so that a check is shown to notice a single case.
 */
export type Mutation = () => () => Tamper;

/** A relay that is wrong in exactly one way: a reference relay behind a tamper, or with a deviation switched on. */
export interface Mutant {
  /** `eose-dropped`, or the row of docs/strategies.md: `D7`. */
  readonly id: string;
  /** What it does, in a sentence. */
  readonly breaks: string;
  /** Ids of the checks that must catch it, invariants and probes: each of them alone. */
  readonly caughtBy: readonly string[];
  /** True where it is allowed (INFO, class T): the check must observe it, not fail. */
  readonly observed: boolean;
  readonly relay: 'streaming' | 'batched';
  readonly load: LoadName;
  readonly how:
    | { readonly kind: 'tamper'; readonly mutation: Mutation }
    /** The first one is the mutant's; it may take others, as the real relay has them, to show. */
    | { readonly kind: 'deviation'; readonly deviations: readonly [DeviationId, ...DeviationId[]] };
}

/** A mutant by tamper, with what most of them have in common. */
export function tampered(
  id: string,
  given: Pick<Mutant, 'breaks' | 'caughtBy'> & Partial<Pick<Mutant, 'observed' | 'relay' | 'load'>>,
  mutation: Mutation,
): Mutant {
  return {
    id,
    observed: false,
    relay: 'streaming',
    load: 'open',
    ...given,
    how: { kind: 'tamper', mutation },
  };
}

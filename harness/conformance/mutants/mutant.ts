import type { IncomingHttpHeaders } from 'node:http';
import type { DeviationId } from '../../../relays/relay.js';
import type { HttpTamper, Tamper } from '../../proxy/index.js';
import type { StageName } from './stages.js';

/** The load under which the invariants catch a mutant; see `loads.ts`. */
export type LoadName = 'open' | 'ephemeral' | 'auth';

/**
 * Makes the tampers of one start of a relay; what its connections share lives in the closure. A mutation that invariants
 * must catch breaks its rule once, at a place that is the same every time, so that a check is shown to notice a single
 * case; one that probes must catch breaks it whenever it is asked to keep it.
 */
export type Mutation = () => (handshake: IncomingHttpHeaders) => Tamper;

/** How a mutant is made of a clean relay. */
export type Making =
  | {
      readonly kind: 'tamper';
      readonly mutation: Mutation;
      readonly http?: () => HttpTamper;
      readonly autoPong?: boolean;
    }
  /** First fragments of messages, and whatever follows them, don't reach the relay. */
  | { readonly kind: 'no-fragments' }
  /** The first one is the mutant's; it may take others, as the real relay has them, to show. */
  | { readonly kind: 'deviation'; readonly deviations: readonly [DeviationId, ...DeviationId[]] }
  /** Nothing is added: the strategy of its stage is wrong by itself. */
  | { readonly kind: 'strategy' };

/** A relay that is wrong in exactly one way: a reference relay behind a tamper, or with a deviation switched on. */
export interface Mutant {
  /** `eose-dropped`, or the row of docs/strategies.md: `D7`. */
  readonly id: string;
  /** What it does, in a sentence. */
  readonly breaks: string;
  /** Ids of the invariants that must catch it, each of them alone. The probes that must say so themselves: `catches`. */
  readonly caughtBy: readonly string[];
  /** True where it is allowed (INFO, class T): the check must observe it, not fail. */
  readonly observed: boolean;
  readonly relay: 'streaming' | 'batched';
  /** For the invariants. */
  readonly load: LoadName;
  /** For the probes. */
  readonly stage: StageName;
  readonly how: Making;
}

type Given = Pick<Mutant, 'breaks'> &
  Partial<Pick<Mutant, 'caughtBy' | 'observed' | 'relay' | 'load' | 'stage'>>;

/** A mutant by tamper, with what most of them have in common. */
export function tampered(
  id: string,
  given: Given,
  mutation: Mutation,
  more: { readonly http?: () => HttpTamper; readonly autoPong?: boolean } = {},
): Mutant {
  return made(id, given, { kind: 'tamper', mutation, ...more });
}

/** A mutant made in another way. */
export function made(id: string, given: Given, how: Making): Mutant {
  return {
    id,
    caughtBy: [],
    observed: false,
    relay: 'streaming',
    load: 'open',
    stage: 'open',
    ...given,
    how,
  };
}

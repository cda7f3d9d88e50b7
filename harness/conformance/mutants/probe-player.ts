/** What the suite says of a mutant. */
import type { Relay } from '../../../relays/relay.js';
import type { CheckResult } from '../../results.js';
import { conform } from '../conform.js';
import { select } from '../conform-selection.js';
import { STAGES, type StageName } from './stages.js';

/** Long on a machine that does nothing else for every answer of a reference relay; a mutant's may never come. */
const PATIENCE_WITH_MUTANTS_MS = 2_500;

export interface ProbePlay {
  readonly relay: Relay;
  readonly stage: StageName;
  /** Ids of the checks to hold it against; none: all. */
  readonly checks: readonly string[];
  readonly isMutant: boolean;
  readonly signal: AbortSignal;
}

/** Holds a relay of a stage against checks, as `reqbench conform` does. */
export async function playProbes(play: ProbePlay): Promise<readonly CheckResult[]> {
  const { settings, declared, allowedKeys, servedKinds } = STAGES[play.stage];
  const results = await conform({
    relays: [play.relay],
    selection: select(play.checks),
    settings: declared === undefined ? settings : { ...settings, access: declared },
    allowedKeys,
    servedKinds,
    leastPatienceMs: play.isMutant ? PATIENCE_WITH_MUTANTS_MS : undefined,
    strict: true,
    signal: play.signal,
    watch: { onRelay: () => {}, onResult: () => {}, onRelayDone: () => {} },
  });
  return results.relays[0]?.conformance?.checks ?? [];
}

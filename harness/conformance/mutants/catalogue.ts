import { PROBES } from '../probes/catalogue.js';
import { SURVIVAL, SURVIVAL_CATCHES } from '../probes/survival.js';
import { ACCESS_MUTANTS } from './access-mutants.js';
import { ANSWER_MUTANTS } from './answer-mutants.js';
import { DEVIATION_MUTANTS } from './deviation-mutants.js';
import { EVENT_MUTANTS } from './event-mutants.js';
import { LIVE_MUTANTS } from './live-mutants.js';
import { MESSAGE_MUTANTS } from './message-mutants.js';
import type { Mutant } from './mutant.js';
import { PUBLISH_MUTANTS } from './publish-mutants.js';
import { REQUEST_MUTANTS } from './request-mutants.js';
import { SERVICE_MUTANTS } from './service-mutants.js';
import { SUBSCRIPTION_MUTANTS } from './subscription-mutants.js';
import { SYNC_MUTANTS } from './sync-mutants.js';
import { VERSION_MUTANTS } from './version-mutants.js';

/** Mutants that a proxy makes of a clean relay for the invariants: each breaks its rule once. */
export const TAMPERED_MUTANTS: readonly Mutant[] = [
  ...SUBSCRIPTION_MUTANTS,
  ...ANSWER_MUTANTS,
  ...EVENT_MUTANTS,
  ...MESSAGE_MUTANTS,
];

/** Every mutant, in the order of documents. */
export const MUTANTS: readonly Mutant[] = [
  ...TAMPERED_MUTANTS,
  ...PUBLISH_MUTANTS,
  ...REQUEST_MUTANTS,
  ...LIVE_MUTANTS,
  ...VERSION_MUTANTS,
  ...ACCESS_MUTANTS,
  ...SERVICE_MUTANTS,
  ...SYNC_MUTANTS,
  ...DEVIATION_MUTANTS,
];

/** Ids of the probes that say that they catch it. */
export function probesThatCatch({ id }: Mutant): readonly string[] {
  const probes = PROBES.filter(({ catches }) => catches.includes(id)).map((probe) => probe.id);
  return SURVIVAL_CATCHES.some((one) => one === id) ? [...probes, SURVIVAL.id] : probes;
}

/** Ids of all checks that must catch it, invariants and probes. */
export function checksThatCatch(mutant: Mutant): readonly string[] {
  return [...mutant.caughtBy, ...probesThatCatch(mutant)];
}

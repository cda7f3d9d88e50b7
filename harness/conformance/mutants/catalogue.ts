import { ANSWER_MUTANTS } from './answer-mutants.js';
import { DEVIATION_MUTANTS } from './deviation-mutants.js';
import { EVENT_MUTANTS } from './event-mutants.js';
import { MESSAGE_MUTANTS } from './message-mutants.js';
import type { Mutant } from './mutant.js';
import { SUBSCRIPTION_MUTANTS } from './subscription-mutants.js';

/** Mutants that a proxy makes of a clean relay. */
export const TAMPERED_MUTANTS: readonly Mutant[] = [
  ...SUBSCRIPTION_MUTANTS,
  ...ANSWER_MUTANTS,
  ...EVENT_MUTANTS,
  ...MESSAGE_MUTANTS,
];

/** Every mutant, in the order of documents. */
export const MUTANTS: readonly Mutant[] = [...TAMPERED_MUTANTS, ...DEVIATION_MUTANTS];

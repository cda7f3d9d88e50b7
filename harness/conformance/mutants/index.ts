export { checksThatCatch, MUTANTS, TAMPERED_MUTANTS } from './catalogue.js';
export { selfTestRecord } from './matrix.js';
export type { Mutant } from './mutant.js';
export {
  type CleanOutcome,
  isCaughtByInvariant,
  type MutantOutcome,
  type SelfTestOptions,
  type SelfTestReport,
  selfTest,
} from './self-test.js';
export { startClean, startMutant } from './start.js';

export { INVARIANTS } from './checks/catalogue.js';
export type { CheckDefinition, CheckLevel } from './checks/check.js';
export { createScenarioChecks, type ScenarioChecks } from './expectations.js';
export type { Judge, JudgeContext, JudgeReport, OpenQuestion } from './judge.js';
export { matches } from './matching.js';
export { conformanceOf, mergeConformance } from './merge.js';
export { createOracle, type Oracle } from './oracle.js';
export type { Evidence } from './verdicts.js';
export { createJudge } from './wire-judge.js';

export { createScenarioChecks, type ScenarioChecks } from './expectations.js';
export type { Judge, JudgeReport } from './judge.js';
export { matches } from './matching.js';
export { conformanceOf, mergeConformance } from './merge.js';
export { createOracle, type Oracle } from './oracle.js';
export { createJudge } from './wire-judge.js';

export { isDuplicate } from './acknowledgements.js';
export { createScenarioChecks, type ScenarioChecks } from './expectations.js';
export type { DistantNotice, Judge, JudgeReport, OpenQuestion } from './judge.js';
export { matches } from './matching.js';
export { conformanceOf, mergeChecks, mergeConformance } from './merge.js';
export { createOracle, type Oracle } from './oracle.js';
export type { AnswerCounts } from './stored-answers.js';
export { createJudge } from './wire-judge.js';

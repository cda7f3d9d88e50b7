/** reqbench as a library: what the command line is made of. Reports are in `reqbench/reports`, relays in `reqbench/relay`. */

export { corpusCacheDir } from './corpus/cache.js';
export type { Corpus } from './corpus/corpus.js';
export { parseEpoch } from './corpus/epoch.js';
export { generateCorpus } from './corpus/generate.js';
export { importCorpus } from './corpus/import.js';
export { formatProblem, InputError, type InputProblem, type SourcePosition } from './errors.js';
export { EXIT, type ExitCode, exitCode, type RunOutcome } from './exit-codes.js';
export { readCompared, readGates } from './gates/scenario-rules.js';
export { type Results, resultsSchema } from './results.js';
export { run } from './run/run.js';
export type { RunOptions } from './run/run-options.js';
export type { RunWatch } from './run/run-watch.js';
export { libraryScenarios, resolveScenario } from './scenario/library.js';
export { loadScenario, parseScenario, type Scenario } from './scenario/loader.js';
export { roundsForVerdicts } from './stats/compare.js';

import type { BenchCase } from '../bench-case.js';
import { runCase } from '../run-case.js';
import type { CaseResult } from '../summary.js';
import { storedOut, timeToEose } from './answers.js';
import { engines } from './engines.js';
import { growthOfResult, growthOfStore } from './growth.js';
import { growthOfConnections, memoryOfConnections, memoryOfEvents } from './holding.js';
import { ingest, requestsUnderIngest } from './ingest.js';
import { fanOut, growthOfSubscriptions, liveMatching } from './live.js';
import { harnessCeiling } from './receiving.js';

/** A case whatever its subjects are. */
export interface RunnableCase {
  readonly name: string;
  readonly title: string;
  run(repetitions: number): Promise<CaseResult>;
}

/** All cases, in the order in which they run. */
export const CASES: readonly RunnableCase[] = [
  runnable(storedOut),
  runnable(timeToEose),
  runnable(fanOut),
  runnable(liveMatching),
  runnable(ingest),
  runnable(requestsUnderIngest),
  runnable(memoryOfEvents),
  runnable(memoryOfConnections),
  runnable(harnessCeiling),
  runnable(engines),
  runnable(growthOfStore),
  runnable(growthOfSubscriptions),
  runnable(growthOfConnections),
  runnable(growthOfResult),
];

function runnable<Subject extends string>(bench: BenchCase<Subject>): RunnableCase {
  const { name, title } = bench;
  return { name, title, run: (repetitions) => runCase(bench, repetitions) };
}

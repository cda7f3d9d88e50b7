import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CannedAnswers } from '../../relays/relay.js';
import { createOracle, matches, type Oracle } from '../conformance/index.js';
import type { Corpus } from '../corpus/corpus.js';
import { generateCorpus, generateWithOwnKeys } from '../corpus/generate.js';
import { importCorpus } from '../corpus/import.js';
import type { Scenario } from '../scenario/loader.js';
import { materialise } from '../scenario/materialise.js';
import type { Plan, Step } from '../scenario/plan.js';
import { buildPlan } from '../scenario/planner.js';
import type { Workload } from '../scenario/workload.js';
import type { RunWatch } from './run-watch.js';

export interface PrepareOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly epochS: number;
  /** Of keys that no other run has; undefined: the keys are those that the seed gives. */
  readonly keyNonce?: string | undefined;
  /** Scratch folder, for all that is made here. */
  readonly dir: string;
  readonly cacheDir: string;
  readonly onProgress: RunWatch['onPreparing'];
}

/** Everything that is the same in every round. */
export interface Prepared {
  readonly corpus: Corpus;
  readonly plan: Plan;
  readonly workload: Workload;
  /** JSON of the workload, for load workers. */
  readonly workloadFile: string;
  /** JSON of {@link CannedAnswers}, for the null relay. */
  readonly cannedFile: string;
}

/** Corpus, plan, expected answers and the null relay's script, all from the scenario and the seed. */
export async function prepare(options: PrepareOptions): Promise<Prepared> {
  const { scenario, seed, dir, onProgress } = options;
  const corpus = await openCorpus(options);
  onProgress('planning');
  const plan = buildPlan(scenario, corpus, seed);
  const oracle = createOracle(corpus.events);
  onProgress('asking the oracle');
  const workload = materialise(plan, corpus, corpus.file, (filter) => oracle.answer(filter));
  const workloadFile = join(dir, 'workload.json');
  const cannedFile = join(dir, 'canned.json');
  await writeFile(workloadFile, JSON.stringify(workload));
  await writeFile(cannedFile, JSON.stringify(cannedAnswers(workload, oracle)));
  return { corpus, plan, workload, workloadFile, cannedFile };
}

function openCorpus(options: PrepareOptions): Promise<Corpus> {
  const { scenario, seed, epochS, keyNonce, dir, cacheDir } = options;
  const { corpus } = scenario;
  if ('file' in corpus) return importCorpus(corpus.file, { seed, cacheDir });
  const { events, authors } = corpus.generate;
  const wanted = { events, authors, seed, epochS };
  const onProgress = (done: number, total: number): void =>
    options.onProgress('signing the corpus', done, total);
  return keyNonce === undefined
    ? generateCorpus(wanted, { cacheDir, onProgress })
    : generateWithOwnKeys(wanted, { nonce: keyNonce, file: join(dir, 'corpus.jsonl'), onProgress });
}

/** What the null relay sends: the oracle's answers, and what is published to the requests that stay open for it. */
function cannedAnswers(workload: Workload, oracle: Oracle): CannedAnswers {
  const staying = [...new Set(workload.sessions.flatMap((session) => stayingRequests(session.steps)))];
  return {
    corpusFile: workload.corpusFile,
    answers: workload.requests.map(({ filters, filtersJson }) => ({
      filters: filtersJson,
      events: [...oracle.expected(filters)],
    })),
    deliveries: workload.publishes.map(({ event }) => ({
      id: event.id,
      to: staying.filter((index) =>
        workload.requests[index]?.filters.some((filter) => matches(filter, event)),
      ),
    })),
  };
}

function stayingRequests(steps: readonly Step[]): number[] {
  return steps.flatMap((step) => {
    if (step.do === 'repeat') return step.iterations.flatMap((iteration) => stayingRequests(iteration.steps));
    return step.do === 'req' && step.then === 'keep' ? [step.request] : [];
  });
}

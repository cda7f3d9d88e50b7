import { loadWorkersIn, type Results } from './results.js';

/** What a run asks, where, and with how many load workers: more of them leave the relay less of the machine. */
export interface Question extends Pick<Results, 'scenario' | 'corpus' | 'environment'> {
  readonly workers: number;
}

/** What saved results asked. */
export function questionIn({ scenario, corpus, environment, harness }: Results): Question {
  return { scenario, corpus, environment, workers: loadWorkersIn({ harness }) };
}

/** Something that two runs don't have in common. */
export interface Differing {
  readonly what: string;
  readonly a: string;
  readonly b: string;
}

/** What two runs must have in common to have answered the same question, where they have not. */
export function differingQuestion(a: Question, b: Question): Differing[] {
  const parts = [
    ['scenario', a.scenario.name, b.scenario.name],
    ['plan', a.scenario.planFingerprint, b.scenario.planFingerprint],
    ['corpus', a.corpus.fingerprint, b.corpus.fingerprint],
    ['number of load workers', a.workers, b.workers],
  ] as const;
  return parts.flatMap(([what, ofA, ofB]) => (ofA === ofB ? [] : [{ what, a: short(ofA), b: short(ofB) }]));
}

/** The machine of a run, in words; two runs with different words were measured on different machines. */
export function machineOf({ environment: { cpu, cores, os } }: Pick<Question, 'environment'>): string {
  return `${cpu}, ${cores} cores, ${os}`;
}

function short(text: string | number): string {
  if (typeof text === 'number') return String(text);
  return /^[0-9a-f]{64}$/.test(text) ? `${text.slice(0, 12)}…` : JSON.stringify(text);
}

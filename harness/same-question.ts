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
    ['corpus', ...corporaOf(a, b)],
    ['number of load workers', a.workers, b.workers],
  ] as const;
  return parts.flatMap(([what, ofA, ofB]) => (ofA === ofB ? [] : [{ what, a: short(ofA), b: short(ofB) }]));
}

/**
 * Two corpora as words that are equal if they say the same. Keys of a run alone change every id: then the plan, which names
 * events by position, the number of events and the epoch have to tell.
 */
function corporaOf(a: Question, b: Question): readonly [string, string] {
  if (a.corpus.keyNonce === undefined && b.corpus.keyNonce === undefined) {
    return [a.corpus.fingerprint, b.corpus.fingerprint];
  }
  const words = ({ corpus, scenario }: Question): string =>
    `${corpus.events} events, epoch ${scenario.epoch}, seed ${scenario.seed}`;
  return [words(a), words(b)];
}

/** The machine of a run, in words; two runs with different words were measured on different machines. */
export function machineOf({ environment: { cpu, cores, os } }: Pick<Question, 'environment'>): string {
  return `${cpu}, ${cores} cores, ${os}`;
}

function short(text: string | number): string {
  if (typeof text === 'number') return String(text);
  return /^[0-9a-f]{64}$/.test(text) ? `${text.slice(0, 12)}…` : JSON.stringify(text);
}

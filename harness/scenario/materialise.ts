import { createHash } from 'node:crypto';
import type { Filter } from 'nostr-tools/filter';
import type { Corpus } from '../corpus/corpus.js';
import { signEvent } from '../corpus/signature.js';
import type { Plan, PlanFilter, PlannedEvent, PlanValue, Step } from './plan.js';
import { RawMeanings } from './raw-meaning.js';
import type { StaticAnswer, Workload, WorkloadPublish, WorkloadRequest } from './workload.js';

/**
 * Makes a plan concrete against its corpus: names become ids and keys, offsets become times, publishes are signed
 * (with a nonce from the seed, so the bytes are the same every time), and REQs that come out equal become one.
 * `answer` is the oracle over the corpus alone; it is asked once for each distinct filter.
 */
export function materialise(
  plan: Plan,
  corpus: Corpus,
  corpusFile: string,
  answer: (filter: Filter) => StaticAnswer,
): Workload {
  const requests = new ConcreteRequests(answer);
  const indexOf = plan.requests.map((planned) =>
    requests.add(planned.map((filter) => concreteFilter(filter, corpus))),
  );
  const secretKeys = cached((identity: number) => corpus.identitySecretKey(identity));
  const publishes = plan.publishes.map((event, index) =>
    signedPublish(event, index, plan.seed, corpus, secretKeys),
  );
  const raw = new RawMeanings({
    addRequest: (filters) => requests.add(filters),
    corpusIds: corpus.events.map(({ id }) => id),
    publishes,
  });
  const sessions = plan.sessions.map(({ client, phase, startUs, identity, steps }) => ({
    client,
    phase,
    startUs,
    secretKey: secretKeys(identity),
    steps: concreteSteps(steps, indexOf, raw),
  }));
  return {
    planFingerprint: plan.fingerprint,
    corpusFile,
    phases: plan.phases,
    requests: requests.all,
    publishes,
    sessions,
  };
}

/** The distinct requests of a workload, each with its expected answer. */
class ConcreteRequests {
  readonly all: WorkloadRequest[] = [];
  readonly #known = new Map<string, number>();
  readonly #answers: (json: string, filter: Filter) => StaticAnswer;

  constructor(answer: (filter: Filter) => StaticAnswer) {
    this.#answers = cached((_json: string, filter: Filter) => answer(filter));
  }

  /** Gives the index of the request with these filters. */
  add(filters: readonly Filter[]): number {
    const parts = filters.map((filter) => JSON.stringify(filter));
    const filtersJson = parts.join(',');
    const before = this.#known.get(filtersJson);
    if (before !== undefined) return before;
    const answers = filters.map((filter, index) => this.#answers(parts[index] ?? '', filter));
    this.#known.set(filtersJson, this.all.length);
    return this.all.push({ filters, filtersJson, answers }) - 1;
  }
}

function concreteFilter(filter: PlanFilter, corpus: Corpus): Filter {
  const entries = Object.entries(filter).map(([key, value]) => {
    // References that differ in the plan can be one value here: an author and an identity.
    return [
      key,
      isList(value) ? [...new Set(value.map((one) => resolve(one, corpus)))] : resolve(value, corpus),
    ];
  });
  return Object.fromEntries(entries);
}

function isList(value: PlanValue | readonly PlanValue[]): value is readonly PlanValue[] {
  return Array.isArray(value);
}

function resolve(value: PlanValue, corpus: Corpus): string | number {
  if (typeof value !== 'object') return value;
  if ('event' in value) return at(corpus.events, value.event).id;
  if ('author' in value) return at(corpus.authors, value.author);
  return 'identity' in value ? corpus.identityPublicKey(value.identity) : corpus.epochS + value.epochPlusS;
}

function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined)
    throw new RangeError(`the plan names ${index} of ${items.length}: it is of another corpus`);
  return item;
}

/** Name of the tag that keeps publishes apart that would else be the same event. */
const DISTINCTION_TAG = 'reqbench';

function signedPublish(
  { identity, kind, createdAtEpochPlusS, tags: planned, content }: PlannedEvent,
  index: number,
  seed: number,
  corpus: Corpus,
  secretKeys: (identity: number) => string,
): WorkloadPublish {
  const created_at = corpus.epochS + createdAtEpochPlusS;
  const tags = [
    ...planned.map((tag) => tag.map((value) => String(resolve(value, corpus)))),
    [DISTINCTION_TAG, String(index)],
  ];
  const nonce = createHash('sha256')
    .update(JSON.stringify([seed, 'publish', index]))
    .digest();
  const key = { secretKey: secretKeys(identity), publicKey: corpus.identityPublicKey(identity) };
  const event = signEvent({ kind, created_at, tags, content }, key, nonce);
  return { event, json: JSON.stringify(event) };
}

function concreteSteps(
  steps: readonly Step[],
  indexOf: readonly number[],
  raw: RawMeanings,
): readonly Step[] {
  return steps.map((step): Step => {
    switch (step.do) {
      case 'req':
      case 'count':
        return { ...step, request: at(indexOf, step.request) };
      case 'raw':
        return { ...step, means: raw.of(step) };
      case 'repeat': {
        const iterations = step.iterations.map(({ atUs, steps: inner }) => ({
          atUs,
          steps: concreteSteps(inner, indexOf, raw),
        }));
        return { do: 'repeat', iterations };
      }
      default:
        return step;
    }
  });
}

/** The function with its results kept by its first argument. */
function cached<Key, Rest extends readonly unknown[], Value>(compute: (key: Key, ...rest: Rest) => Value) {
  const values = new Map<Key, Value>();
  return (key: Key, ...rest: Rest): Value => {
    const known = values.get(key);
    if (known !== undefined) return known;
    const value = compute(key, ...rest);
    values.set(key, value);
    return value;
  };
}

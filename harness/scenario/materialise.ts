import { createHash } from 'node:crypto';
import type { Filter } from 'nostr-tools/filter';
import type { Corpus } from '../corpus/corpus.js';
import { signEvent } from '../corpus/signature.js';
import type { Plan, PlanFilter, PlannedEvent, PlanValue, Step } from './plan.js';
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
  const { requests, indexOf } = concreteRequests(plan, corpus, answer);
  const secretKeys = cached((identity: number) => corpus.identitySecretKey(identity));
  return {
    planFingerprint: plan.fingerprint,
    corpusFile,
    phases: plan.phases,
    requests,
    publishes: plan.publishes.map((event, index) =>
      signedPublish(event, index, plan.seed, corpus, secretKeys),
    ),
    sessions: plan.sessions.map(({ client, phase, startUs, identity, steps }) => ({
      client,
      phase,
      startUs,
      secretKey: secretKeys(identity),
      steps: withRequests(steps, indexOf),
    })),
  };
}

/** The requests with what their references stand for, and where each of the plan's is among them. */
function concreteRequests(
  plan: Plan,
  corpus: Corpus,
  answer: (filter: Filter) => StaticAnswer,
): { requests: readonly WorkloadRequest[]; indexOf: readonly number[] } {
  const answers = cached((_json: string, filter: Filter) => answer(filter));
  const requests: WorkloadRequest[] = [];
  const known = new Map<string, number>();
  const indexOf = plan.requests.map((planned) => {
    const filters = planned.map((filter) => concreteFilter(filter, corpus));
    const parts = filters.map((filter) => JSON.stringify(filter));
    const filtersJson = parts.join(',');
    const before = known.get(filtersJson);
    if (before !== undefined) return before;
    const expected = filters.map((filter, index) => answers(parts[index] ?? '', filter));
    known.set(filtersJson, requests.length);
    return requests.push({ filters, filtersJson, answers: expected }) - 1;
  });
  return { requests, indexOf };
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

function withRequests(steps: readonly Step[], indexOf: readonly number[]): readonly Step[] {
  return steps.map((step): Step => {
    if (step.do === 'req' || step.do === 'count') return { ...step, request: at(indexOf, step.request) };
    if (step.do !== 'repeat') return step;
    const iterations = step.iterations.map(({ atUs, steps: inner }) => ({
      atUs,
      steps: withRequests(inner, indexOf),
    }));
    return { do: 'repeat', iterations };
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

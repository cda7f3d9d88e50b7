import type { Corpus } from '../corpus/corpus.js';
import { arrivalTimesUs, atRandom, inTurn } from './arrivals.js';
import { canonicalJson, sha256Hex } from './canonical.js';
import { indexCorpus } from './corpus-index.js';
import { requireDrawable } from './drawable.js';
import type { Scenario } from './loader.js';
import { areIndependent } from './open-arrivals.js';
import type { Plan, PlanFilter, PlannedEvent, PlannedPhase, PlannedSession } from './plan.js';
import { randomStream } from './random.js';
import { requireIdentity } from './reference-settings.js';
import type { ScenarioPhase } from './schema.js';
import { SessionPlanner } from './session.js';
import { hasSlices } from './slices.js';

/** How many identities sessions are drawn from where the corpus doesn't hold its authors' secret keys. */
const DERIVED_IDENTITIES = 1_000;

/**
 * Draws every client, step, filter and publish of a scenario. Deterministic: the same scenario, corpus size and
 * seed give the same plan on any machine, and for every epoch. Each client draws from streams of its own, split by
 * phase, kind and how many of that kind came before it, so another kind or phase changes nothing for it.
 * @throws {InputError} when a generator finds nothing to draw from in this corpus
 */
export function buildPlan(scenario: Scenario, corpus: Corpus, seed: number): Plan {
  const index = indexCorpus(corpus);
  requireDrawable(scenario, index);
  const identities = identitiesOf(corpus);
  const requests = new RequestList();
  const publishes: PlannedEvent[] = [];
  const sessions: PlannedSession[] = [];
  const phases: PlannedPhase[] = [];
  let phaseStartMs = 0;
  for (const phase of scenario.phases) {
    const ordinals = new Map<string, number>();
    const nextArrivals = arrivalsOf(phase, scenario, seed);
    for (let slice = 0; slice < phase.slices; slice += 1) {
      for (const { client, startUs } of nextArrivals()) {
        const ordinal = ordinals.get(client) ?? 0;
        ordinals.set(client, ordinal + 1);
        const stream = (purpose: string) => randomStream(seed, purpose, phase.name, client, ordinal);
        const identity = scenario.clients[client]?.identity ?? stream('identity').below(identities);
        requireIdentity(identity, identities, scenario.file);
        const planner = new SessionPlanner({
          corpus,
          index,
          identity,
          deadlineMs: scenario.deadlineMs,
          values: stream('values'),
          times: stream('times'),
          addRequest: (filters) => requests.add(filters),
          addPublish: (event) => publishes.push(event) - 1,
        });
        const script = scenario.clients[client]?.script ?? [];
        const iterations = phase.arrivals.process === 'closed' ? phase.arrivals.iterations : 1;
        const steps = planner.steps(script, iterations, phaseStartMs + startUs / 1_000);
        sessions.push({ client, phase: phases.length, startUs, identity, steps });
      }
      phases.push(plannedPhase(phase, scenario));
      phaseStartMs += phase.durationMs ?? 0;
    }
  }
  const content = { seed, phases, sessions, requests: requests.all, publishes, identities };
  return { ...content, fingerprint: sha256Hex(canonicalJson(content)) };
}

function plannedPhase({ name, measure, durationMs }: ScenarioPhase, scenario: Scenario): PlannedPhase {
  return { name, measure, durationMs, ...(hasSlices(scenario) ? { inTurns: true } : {}) };
}

interface Arrival {
  readonly client: string;
  readonly startUs: number;
}

/** Draws the arrivals of a phase, slice by slice. */
function arrivalsOf(phase: ScenarioPhase, scenario: Scenario, seed: number): () => readonly Arrival[] {
  const kinds = Object.entries(scenario.clients)
    .filter(([name]) => phase.clients?.includes(name) ?? true)
    .map(([name, { weight }]) => ({ name, weight }))
    .filter(({ weight }) => weight > 0);
  const { arrivals } = phase;
  if (arrivals.process === 'closed') {
    const next = inTurn(kinds);
    return () => Array.from({ length: arrivals.clients }, () => ({ client: next(), startUs: 0 }));
  }
  const random = randomStream(seed, 'kinds', phase.name);
  const next = areIndependent(arrivals) ? atRandom(kinds, random) : inTurn(kinds);
  const times = randomStream(seed, 'arrivals', phase.name);
  return () =>
    arrivalTimesUs(arrivals, phase.durationMs ?? 0, times).map((startUs) => ({ client: next(), startUs }));
}

/** Corpus authors where their keys are known, so that `$me` has a profile; else identities of their own. */
function identitiesOf(corpus: Corpus): number {
  const [first] = corpus.authors;
  const known = first !== undefined && corpus.identityPublicKey(0) === first;
  return known ? corpus.authors.length : DERIVED_IDENTITIES;
}

/** The distinct filter lists, in order of first use. */
class RequestList {
  readonly all: (readonly PlanFilter[])[] = [];
  readonly #known = new Map<string, number>();

  /** Index of an equal list, which is added if there is none. */
  add(filters: readonly PlanFilter[]): number {
    const key = JSON.stringify(filters);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#known.set(key, this.all.length);
    return this.all.push(filters) - 1;
  }
}

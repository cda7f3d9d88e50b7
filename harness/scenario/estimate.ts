import type { InputProblem } from '../errors.js';
import { expectedArrivals } from './open-arrivals.js';
import { meanPauseMs } from './pacing.js';
import type { ParsedScenario, ScenarioPhase } from './schema.js';
import type { Source } from './source.js';
import type { ScriptStep } from './steps.js';

/** How much a run does; expected values where arrivals are random. */
export interface LoadCounts {
  readonly steps: number;
  readonly reqs: number;
  readonly publishes: number;
  readonly counts: number;
}

/** What a phase will do. */
export interface PhaseEstimate extends LoadCounts {
  readonly phase: ScenarioPhase;
  /** Clients that start, by kind, in all slices. */
  readonly clients: readonly { readonly kind: string; readonly sessions: number }[];
  /** Least time until its last client has ended, as far as the schedule tells; answers add to it. */
  readonly leastMs: number;
}

/** So many steps make a plan that still fits in memory; more is surely a slip of the pen. */
const MAX_STEPS = 2_000_000;
const NOTHING: LoadCounts = { steps: 0, reqs: 0, publishes: 0, counts: 0 };

/** What each phase of a scenario will do. Needs no corpus. */
export function estimateLoad(scenario: Pick<ParsedScenario, 'phases' | 'clients'>): readonly PhaseEstimate[] {
  return scenario.phases.map((phase) => {
    const kinds = phase.clients ?? Object.keys(scenario.clients);
    const weights = kinds.map((kind) => scenario.clients[kind]?.weight ?? 0);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const clients = kinds.map((kind, index) => ({
      kind,
      sessions: (sessionsOf(phase) * (weights[index] ?? 0)) / (total || 1),
    }));
    const iterations = phase.arrivals.process === 'closed' ? phase.arrivals.iterations : 1;
    const counts = clients.reduce((sum, { kind, sessions }) => {
      return plus(sum, scriptCounts(scenario.clients[kind]?.script ?? []), sessions * iterations);
    }, NOTHING);
    const longest = Math.max(0, ...kinds.map((kind) => scriptMs(scenario.clients[kind]?.script ?? [])));
    const startsWithin = phase.arrivals.process === 'closed' ? 0 : (phase.durationMs ?? 0);
    const sliceMs = Math.max(phase.durationMs ?? 0, startsWithin + longest * iterations);
    const leastMs = sliceMs * phase.slices;
    return { phase, clients, ...counts, leastMs };
  });
}

/** How long the phases take at least, one after another, with the last one's clients run out. */
export function scheduledMs(phases: readonly PhaseEstimate[]): number {
  let begin = 0;
  let end = 0;
  for (const { phase, leastMs } of phases) {
    end = Math.max(end, begin + leastMs);
    begin += (phase.slices > 1 ? undefined : phase.durationMs) ?? leastMs;
  }
  return Math.max(begin, end);
}

/** Refuses loads that no machine could plan. */
export function loadProblems(scenario: ParsedScenario, source: Source): readonly InputProblem[] {
  return estimateLoad(scenario).flatMap(({ phase, steps, clients }, index) => {
    const sessions = clients.reduce((sum, client) => sum + client.sessions, 0);
    if (steps + sessions <= MAX_STEPS) return [];
    const message = `phase "${phase.name}" would take some ${Math.round(steps)} steps; at most ${MAX_STEPS} can be planned`;
    const hint = 'lower the rate, the duration or the repeats';
    return [{ message, at: source.at(['phases', index, 'arrivals']), hint }];
  });
}

function sessionsOf({ arrivals, durationMs, slices }: ScenarioPhase): number {
  const ofOne =
    arrivals.process === 'closed' ? arrivals.clients : expectedArrivals(arrivals, durationMs ?? 0);
  return ofOne * slices;
}

function scriptCounts(script: readonly ScriptStep[]): LoadCounts {
  return script.reduce((sum, step) => plus(sum, stepCounts(step), 1), NOTHING);
}

function stepCounts(step: ScriptStep): LoadCounts {
  switch (step.do) {
    case 'req':
      return { ...NOTHING, steps: 1, reqs: 1 };
    case 'publish':
      return { ...NOTHING, steps: 1, publishes: 1 };
    case 'count':
      return { ...NOTHING, steps: 1, counts: 1 };
    case 'repeat':
      return plus(NOTHING, scriptCounts(step.steps), step.times);
    case 'repeat-every':
      return plus(NOTHING, scriptCounts(step.steps), expectedArrivals(step.arrivals, step.forMs));
    case 'parallel':
      return step.branches.reduce((sum, branch) => plus(sum, scriptCounts(branch), 1), NOTHING);
    default:
      return { ...NOTHING, steps: 1 };
  }
}

function plus(sum: LoadCounts, counts: LoadCounts, times: number): LoadCounts {
  return {
    steps: sum.steps + counts.steps * times,
    reqs: sum.reqs + counts.reqs * times,
    publishes: sum.publishes + counts.publishes * times,
    counts: sum.counts + counts.counts * times,
  };
}

/** How long a script takes when every answer comes at once; pauses count by their mean. */
function scriptMs(script: readonly ScriptStep[]): number {
  return script.reduce((sum, step) => sum + stepMs(step), 0);
}

function stepMs(step: ScriptStep): number {
  switch (step.do) {
    case 'wait':
      return step.ms;
    case 'think':
      return meanPauseMs(step.pause);
    case 'reconnect':
      return step.afterMs;
    case 'repeat':
      return step.times * scriptMs(step.steps);
    case 'repeat-every':
    case 'http':
      return step.forMs;
    case 'parallel':
      return Math.max(...step.branches.map(scriptMs));
    default:
      return 0;
  }
}

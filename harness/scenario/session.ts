import type { Corpus } from '../corpus/corpus.js';
import { arrivalTimesUs } from './arrivals.js';
import type { CorpusIndex } from './corpus-index.js';
import { type DrawContext, drawFilter, drawValues, epochOffsetS } from './draw.js';
import type { PlanFilter, PlannedEvent, Step } from './plan.js';
import type { RandomStream } from './random.js';
import type { ScriptStep } from './steps.js';

/** What the steps of one session are drawn from, and where their requests and publishes go. */
export interface SessionContext {
  readonly corpus: Pick<Corpus, 'identityPublicKey'>;
  readonly index: CorpusIndex;
  readonly identity: number;
  /** What `expect` means when it says no time. */
  readonly deadlineMs: number;
  /** Draws values. */
  readonly values: RandomStream;
  /** Draws schedules; apart from `values`, so that a rate can change and the values stay. */
  readonly times: RandomStream;
  /** Give the index of what they add. */
  addRequest(filters: readonly PlanFilter[]): number;
  addPublish(event: PlannedEvent): number;
}

/** Turns a script into the steps of one session, drawing its values. */
export class SessionPlanner {
  readonly #context: SessionContext;
  #connected = false;

  constructor(context: SessionContext) {
    this.#context = context;
  }

  /** The script so many times on end, each on a connection of its own. `beginMs` counts from the start of the run. */
  steps(script: readonly ScriptStep[], iterations: number, beginMs: number): readonly Step[] {
    const all: Step[] = [];
    let atMs = beginMs;
    for (let iteration = 0; iteration < iterations; iteration += 1) {
      if (this.#connected) all.push({ do: 'disconnect' });
      this.#connected = false;
      atMs = this.#append(script, atMs, all);
    }
    return all;
  }

  /** Adds the planned steps to `out`; gives the planned moment of what comes after them. */
  #append(script: readonly ScriptStep[], beginMs: number, out: Step[]): number {
    let atMs = beginMs;
    for (const step of script) {
      if (step.do === 'repeat') {
        for (let time = 0; time < step.times; time += 1) atMs = this.#append(step.steps, atMs, out);
        continue;
      }
      out.push(this.#step(step, atMs));
      if (step.do === 'wait') atMs += step.ms;
      if (step.do === 'repeat-every') atMs += step.forMs;
    }
    return atMs;
  }

  #step(step: Exclude<ScriptStep, { do: 'repeat' }>, atMs: number): Step {
    switch (step.do) {
      case 'connect':
      case 'disconnect':
        this.#connected = step.do === 'connect';
        return step;
      case 'req': {
        const { filters, ...rest } = step;
        const draw = this.#drawContext(atMs);
        return {
          ...rest,
          request: this.#context.addRequest(filters.map((filter) => drawFilter(filter, draw))),
        };
      }
      case 'publish':
        return { do: 'publish', as: step.as, await: step.await, publish: this.#publish(step, atMs) };
      case 'expect':
        return { ...step, withinMs: step.withinMs ?? this.#context.deadlineMs };
      case 'repeat-every':
        return this.#schedule(step, atMs);
      case 'auth':
      case 'close':
      case 'wait':
        return step;
    }
  }

  #publish({ kind, content, tags }: Extract<ScriptStep, { do: 'publish' }>, atMs: number): number {
    const { identity, addPublish } = this.#context;
    const draw = this.#drawContext(atMs);
    const drawn = tags.map((tag) => drawValues(tag, draw));
    return addPublish({ identity, kind, createdAtEpochPlusS: epochOffsetS(atMs), tags: drawn, content });
  }

  #schedule(step: Extract<ScriptStep, { do: 'repeat-every' }>, atMs: number): Step {
    const times = arrivalTimesUs(step.arrivals, step.forMs, this.#context.times);
    const iterations = times.map((atUs) => {
      const steps: Step[] = [];
      this.#append(step.steps, atMs + atUs / 1_000, steps);
      return { atUs, steps };
    });
    // An empty last iteration keeps the next step from being due before the schedule is over.
    const end = { atUs: Math.floor(step.forMs * 1_000), steps: [] };
    return { do: 'repeat', iterations: [...iterations, end] };
  }

  #drawContext(atMs: number): DrawContext {
    const { corpus, index, values: random, identity } = this.#context;
    return { corpus, index, random, identity, atMs, drawn: new Map() };
  }
}

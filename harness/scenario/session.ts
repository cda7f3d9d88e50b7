import type { Corpus } from '../corpus/corpus.js';
import { arrivalTimesUs } from './arrivals.js';
import type { CorpusIndex } from './corpus-index.js';
import { type DrawContext, drawFilter, drawValues, epochOffsetS } from './draw.js';
import type { Pause } from './pacing.js';
import type { PlanFilter, PlannedEvent, Step } from './plan.js';
import { exponential, type RandomStream } from './random.js';
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
      } else if (step.do === 'parallel') {
        atMs = this.#branches(step, atMs, out);
      } else if (step.do === 'reconnect') {
        out.push({ do: 'disconnect' }, { do: 'wait', ms: step.afterMs }, { do: 'connect' });
        atMs += step.afterMs;
      } else {
        const planned = this.#step(step, atMs);
        out.push(planned);
        if (planned.do === 'wait') atMs += planned.ms;
        if (step.do === 'repeat-every' || step.do === 'http') atMs += step.forMs;
      }
    }
    return atMs;
  }

  /** Branches are a schedule on which everything is due at once. */
  #branches({ branches }: Extract<ScriptStep, { do: 'parallel' }>, beginMs: number, out: Step[]): number {
    let endMs = beginMs;
    const iterations = branches.map((branch) => {
      const steps: Step[] = [];
      endMs = Math.max(endMs, this.#append(branch, beginMs, steps));
      return { atUs: 0, steps };
    });
    out.push({ do: 'repeat', iterations });
    return endMs;
  }

  #step(step: Exclude<ScriptStep, { do: 'repeat' | 'parallel' | 'reconnect' }>, atMs: number): Step {
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
      case 'count': {
        const draw = this.#drawContext(atMs);
        const filters = step.filters.map((filter) => drawFilter(filter, draw));
        return { do: 'count', as: step.as, await: step.await, request: this.#context.addRequest(filters) };
      }
      case 'publish':
        return { do: 'publish', as: step.as, await: step.await, publish: this.#publish(step, atMs) };
      case 'expect':
        return { ...step, withinMs: step.withinMs ?? this.#context.deadlineMs };
      case 'repeat-every':
        return this.#schedule(step, atMs);
      case 'think':
        return { do: 'wait', ms: drawPauseMs(step.pause, this.#context.times) };
      case 'auth':
      case 'close':
      case 'http':
      case 'raw':
      case 'slow-read':
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

/** In whole µs, so that a plan reads the same everywhere. */
function drawPauseMs(pause: Pause, times: RandomStream): number {
  const ms =
    pause.spread === 'exponential'
      ? exponential(times) * pause.meanMs
      : pause.fromMs + times.unit() * (pause.toMs - pause.fromMs);
  return Math.floor(ms * 1_000) / 1_000;
}

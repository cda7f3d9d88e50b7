import { NS_PER_MS } from '../clock.js';
import type { Step } from '../scenario/plan.js';
import type { WorkloadSession } from '../scenario/workload.js';
import { Dialogue } from './dialogue.js';
import { LocalLimitError } from './local-limit.js';
import { newRequest, type Request, until } from './request.js';
import type { SessionContext } from './session-context.js';

type StepOf<Name extends Step['do']> = Extract<Step, { do: Name }>;

/** The session can't go on: its connection is gone or the round is over. */
const ENDED = Number.NaN;

/**
 * One virtual client: carries out its script, each step when it is due (contracts.md, "When a step is due"): at
 * the previous step's due time plus its wait, or when the answer that it awaits came, if that is later.
 */
export class Session {
  #dialogue: Dialogue | undefined;
  #answersRefusals = false;
  readonly #latest = new Map<string, Request>();

  constructor(
    private readonly script: WorkloadSession,
    private readonly context: SessionContext,
  ) {}

  /**
   * Runs the script from `startNs`; resolves when it is done, the connection is lost or the round is over.
   * @throws {LocalLimitError} when this machine opens no further connection
   */
  async run(startNs: number): Promise<void> {
    await this.#steps(this.script.steps, startNs);
    this.#leave();
  }

  /** Ends all waiting for answers; for the end of a round. The connection stays open until {@link disconnect}. */
  abandon(): void {
    this.#dialogue?.abandon();
  }

  /** Ends the connection. One that has ended owes nothing, so while an event or an OK is overdue on it, it stays until that can be judged. */
  #leave(): void {
    const connection = this.#dialogue?.connectionNumber;
    if (connection !== undefined && this.context.isOwed(connection)) this.#dialogue?.retire();
    else this.#dialogue?.close();
  }

  /** Runs steps in order; returns when the one after them would be due, or {@link ENDED}. */
  async #steps(steps: readonly Step[], startNs: number): Promise<number> {
    let dueNs = startNs;
    for (const step of steps) {
      if (step.do === 'wait') {
        dueNs += step.ms * NS_PER_MS;
        continue;
      }
      if (!(await this.context.at(dueNs))) return ENDED;
      dueNs = Math.max(dueNs, await this.#step(step, dueNs));
      if (Number.isNaN(dueNs)) return ENDED;
    }
    // A script may end in a wait: that is how it keeps its subscriptions open.
    return (await this.context.at(dueNs)) ? dueNs : ENDED;
  }

  #step(step: Exclude<Step, { do: 'wait' }>, dueNs: number): number | Promise<number> {
    switch (step.do) {
      case 'connect':
        return this.#connect(dueNs);
      case 'auth':
        return this.#auth(step, dueNs);
      case 'req':
        return this.#req(step, dueNs);
      case 'count':
        return this.#count(step, dueNs);
      case 'publish':
        return this.#publish(step, dueNs);
      case 'http':
        return this.#http(step, dueNs);
      case 'raw':
        return this.#raw(step, dueNs);
      case 'close':
        return this.#close(step, dueNs);
      case 'expect':
        return this.#expect(step, dueNs);
      case 'repeat':
        return this.#repeat(step, dueNs);
      case 'slow-read':
        this.#dialogue?.readAt(step.rate);
        return dueNs;
      case 'disconnect':
        this.#leave();
        return dueNs;
    }
  }

  async #connect(dueNs: number): Promise<number> {
    const { context, script } = this;
    this.#leave();
    const dialogue = new Dialogue(script, context);
    dialogue.answersRefusals = this.#answersRefusals;
    this.#dialogue = dialogue;
    context.samples.sample('lateness', context.clock() - dueNs, dueNs, script.client);
    try {
      await dialogue.open();
    } catch (error) {
      if (error instanceof LocalLimitError) throw error;
      const detail = error instanceof Error ? error.message : String(error);
      context.connectionLost({ client: script.client, stage: 'connect', detail });
      return ENDED;
    }
    const openNs = context.clock();
    context.samples.sample('connect', openNs - dueNs, dueNs, script.client);
    return openNs;
  }

  async #auth(step: StepOf<'auth'>, dueNs: number): Promise<number> {
    const dialogue = this.#dialogue;
    if (!dialogue?.isOpen()) return ENDED;
    this.#answersRefusals = true;
    dialogue.answersRefusals = true;
    const offered = await dialogue.challengeOffered(this.context.at(dueNs + step.withinMs * NS_PER_MS));
    if (offered) await dialogue.authenticate(dueNs);
    return this.context.clock();
  }

  async #req(step: StepOf<'req'>, dueNs: number): Promise<number> {
    const dialogue = this.#dialogue;
    if (!dialogue?.isOpen()) return ENDED;
    const request = newRequest({
      as: step.as,
      request: step.request,
      dueNs,
      closesAtEose: step.then === 'close',
      subscription: step.subscription ?? dialogue.nextSubscription(),
    });
    this.#latest.set(step.as, request);
    const sentNs = dialogue.sendRequest(request);
    if (sentNs === undefined) return ENDED;
    this.context.samples.sample('lateness', sentNs - dueNs, dueNs, this.script.client, step.as);
    if (step.await === 'none') return dueNs;
    await until(request, () => request.ended);
    return this.context.clock();
  }

  #close(step: StepOf<'close'>, dueNs: number): number {
    const request = this.#latest.get(step.of);
    if (request) this.#dialogue?.sendClose(request);
    return dueNs;
  }

  async #count(step: StepOf<'count'>, dueNs: number): Promise<number> {
    const { context } = this;
    const dialogue = this.#dialogue;
    if (!dialogue?.isOpen()) return ENDED;
    const settled = new Promise<void>((resolve) => {
      const sentNs = dialogue.sendCount({ as: step.as, request: step.request, dueNs, settled: resolve });
      if (sentNs === undefined) resolve();
      else context.samples.sample('lateness', sentNs - dueNs, dueNs, this.script.client, step.as);
    });
    if (step.await === 'none') return dueNs;
    await settled;
    return context.clock();
  }

  async #http(step: StepOf<'http'>, dueNs: number): Promise<number> {
    const { context, script } = this;
    const { as, request, connections, perS, forMs } = step;
    if (!context.http) return dueNs;
    context.samples.sample('lateness', context.clock() - dueNs, dueNs, script.client, as);
    const report = await context.http({ request, connections, perS, durationMs: forMs });
    const endNs = context.clock();
    context.samples.http(report, dueNs, endNs, script.client, as);
    return endNs;
  }

  async #publish(step: StepOf<'publish'>, dueNs: number): Promise<number> {
    const { context } = this;
    if (!context.writable) return dueNs;
    const dialogue = this.#dialogue;
    if (!dialogue?.isOpen()) return ENDED;
    context.deliveryTimes.due(step.publish, dueNs);
    const settled = new Promise<void>((resolve) => {
      const pending = { publish: step.publish, dueNs, as: step.as, settled: resolve };
      const sentNs = dialogue.sendEvent(pending);
      if (sentNs === undefined) resolve();
      else context.samples.sample('lateness', sentNs - dueNs, dueNs, this.script.client, step.as);
    });
    if (step.await === 'none') return dueNs;
    await settled;
    return context.clock();
  }

  /** Nothing is awaited: what comes of it, if anything, nobody knows beforehand. */
  #raw(step: StepOf<'raw'>, dueNs: number): number {
    if (!this.context.writable && !isReading(step)) return dueNs;
    const dialogue = this.#dialogue;
    if (!dialogue) return ENDED;
    const sentNs = dialogue.sendRaw(step);
    if (sentNs === undefined) return ENDED;
    this.context.samples.sample('lateness', sentNs - dueNs, dueNs, this.script.client, step.as);
    return dueNs;
  }

  async #expect(step: StepOf<'expect'>, dueNs: number): Promise<number> {
    const { context } = this;
    const request = this.#latest.get(step.of);
    if (!request) return dueNs;
    const deadline = context.at(request.dueNs + step.withinMs * NS_PER_MS);
    const met = await until(request, () => isMet(step, request), deadline);
    const message = met ? '' : describeUnmet(step, request);
    context.expectation({
      step,
      met,
      message,
      connection: this.#dialogue?.connectionNumber,
      subscription: request.subscription,
    });
    return context.clock();
  }

  async #repeat(step: StepOf<'repeat'>, startNs: number): Promise<number> {
    const ends = await Promise.all(
      step.iterations.map(({ atUs, steps }) => this.#steps(steps, startNs + atUs * 1_000)),
    );
    return Math.max(startNs, ...ends);
  }
}

const READING: readonly string[] = ['REQ', 'COUNT', 'CLOSE'];

function isReading({ means }: StepOf<'raw'>): boolean {
  return means !== undefined && READING.includes(means.label);
}

/** A subscription that is closed at EOSE must have exactly the events, one that goes on at least so many. */
function isMet(step: StepOf<'expect'>, request: Request): boolean {
  if (step.closed !== undefined) {
    return request.refusals.some((reason) => reason.startsWith(`${step.closed}:`));
  }
  if (request.eoseNs === undefined) return false;
  if (step.events === undefined) return true;
  return request.closesAtEose ? request.events === step.events : request.events >= step.events;
}

function describeUnmet(step: StepOf<'expect'>, request: Request): string {
  const refusal = request.refusals.at(-1);
  const came = [
    `${request.events} events`,
    request.eoseNs === undefined ? 'no EOSE' : 'EOSE',
    ...(refusal === undefined ? [] : [`CLOSED "${refusal}"`]),
  ].join(', ');
  return `expected of ${step.of} within ${step.withinMs} ms: ${wanted(step, request)}; came: ${came}`;
}

function wanted(step: StepOf<'expect'>, request: Request): string {
  if (step.closed !== undefined) return `CLOSED with the prefix ${step.closed}:`;
  if (step.events === undefined) return 'EOSE';
  return `${step.events} events${request.closesAtEose ? '' : ' or more'} and EOSE`;
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { NostrEvent } from 'nostr-tools/pure';
import type { ClientConnection, WireListener } from '../client/connection.js';
import type { FrameReader } from '../client/frame.js';
import { Session } from '../client/session.js';
import type { AuthTemplate, SessionContext } from '../client/session-context.js';
import { NS_PER_MS, nowNs } from '../clock.js';
import {
  createScenarioChecks,
  type Judge,
  type JudgeReport,
  type ScenarioChecks,
} from '../conformance/index.js';
import { Recorder } from '../measure/recorder.js';
import type { PlannedPhase, Step } from '../scenario/plan.js';
import type { Workload, WorkloadSession } from '../scenario/workload.js';
import type { TraceSummary, TraceWriter } from '../trace/index.js';
import { createGeneratorWatch } from './generator-watch.js';
import { leastDurationMs } from './least-duration.js';
import { answerOpenQuestions, FRESH_SUBSCRIPTION } from './open-questions.js';
import { PhaseClock } from './phase-clock.js';
import type { RoundOrder, RoundProgress, RoundReport } from './protocol.js';
import { createRoundSamples } from './round-samples.js';
import { createScheduler } from './scheduler.js';

/** Time between the end of one phase without a duration and the start of the next, so that nothing starts late. */
const PHASE_GAP_NS = 2 * NS_PER_MS;

const PROGRESS_EVERY_MS = 200;

/** How long connections get for their closing handshake at the end of a round. */
const CLOSING_MS = 500;

/** What a round needs besides its order. */
export interface RoundParts {
  readonly workload: Workload;
  readonly reader: FrameReader;
  /** Judges what goes over the wire; undefined for the floor. */
  readonly judge: Judge | undefined;
  /** Writes down what goes over the wire until the judge has the last word. */
  readonly trace?: TraceWriter | undefined;
  /** Index of the workload's first publish among the known events. */
  readonly publishBase: number;
  readonly signAuth: (template: AuthTemplate) => NostrEvent;
  readonly progress: (progress: RoundProgress) => void;
  /** Called when the measured window opens, with the first measured phase, and closes, with the last. */
  readonly window: (open: boolean) => void;
}

/** One round against one relay: all phases and sessions of the workload, judged and measured. */
export class Round {
  readonly #scheduler = createScheduler(nowNs);
  readonly #phases = new PhaseClock();
  readonly #recorder = new Recorder();
  readonly #samples = createRoundSamples(this.#recorder, this.#phases);
  readonly #watch = createGeneratorWatch(() => this.#scheduler.idlePollNs(), nowNs);
  readonly #connections = new Map<number, ClientConnection>();
  readonly #running = new Set<Session>();
  readonly #losses = new Map<string, { stage: 'connect' | 'open'; detail: string; count: number }>();
  readonly #endings: Promise<void>[] = [];
  readonly #fresh = new Map<number, () => void>();
  readonly #expectations: ScenarioChecks;
  #connectionCount = 0;
  #lastGotNs = nowNs();
  #judged: JudgeReport | undefined;
  /** When the judge had the last word. */
  #endNs = Number.POSITIVE_INFINITY;
  #aborted = false;
  #windowNs = 0;

  constructor(
    private readonly order: RoundOrder,
    private readonly parts: RoundParts,
  ) {
    this.#expectations = createScenarioChecks(expectedLabels(parts.workload));
  }

  async run(): Promise<RoundReport> {
    const ticker = setInterval(() => this.#reportProgress(), PROGRESS_EVERY_MS);
    try {
      await this.#playPhases();
      await this.#settle();
    } finally {
      clearInterval(ticker);
      await this.#disconnectAll();
    }
    return this.#report(await this.parts.trace?.finish(Math.min(this.#endNs, nowNs())));
  }

  /** Ends the round as soon as possible; what was measured so far is reported. */
  abort(): void {
    this.#aborted = true;
    this.#scheduler.end();
    for (const session of this.#running) session.abandon();
  }

  async #playPhases(): Promise<void> {
    const context = this.#context();
    let startNs = nowNs() + PHASE_GAP_NS;
    const { phases, sessions } = this.parts.workload;
    const firstMeasured = phases.findIndex((phase) => phase.measure);
    const lastMeasured = phases.findLastIndex((phase) => phase.measure);
    for (const [index, phase] of phases.entries()) {
      if (this.#aborted) return;
      const ofPhase = sessions.filter((session) => session.phase === index);
      const endings = this.#begin(phase, ofPhase, startNs, context);
      await this.#scheduler.at(startNs);
      if (index === firstMeasured) this.parts.window(true);
      startNs = await this.#playPhase(phase, leastEndNs(ofPhase, startNs), startNs, endings);
      if (index === lastMeasured) this.parts.window(false);
    }
  }

  #begin(
    phase: PlannedPhase,
    sessions: readonly WorkloadSession[],
    startNs: number,
    context: SessionContext,
  ): readonly Promise<void>[] {
    this.#phases.begin(phase, startNs);
    const endings = sessions.map((session) => this.#start(session, startNs, context));
    this.#endings.push(...endings);
    return endings;
  }

  /** Waits until the phase is over; returns when the next one starts. */
  async #playPhase(
    phase: PlannedPhase,
    leastNs: number,
    startNs: number,
    endings: readonly Promise<void>[],
  ): Promise<number> {
    this.#setMeasuring(phase.measure);
    if (phase.durationMs !== undefined) {
      const endNs = startNs + phase.durationMs * NS_PER_MS;
      await this.#scheduler.at(endNs);
      this.#windowNs += phase.measure ? Math.min(nowNs(), endNs) - startNs : 0;
      this.#setMeasuring(false);
      return endNs;
    }
    await this.#allEnded(endings, leastNs);
    const endNs = nowNs();
    this.#phases.end(endNs);
    this.#windowNs += phase.measure ? endNs - startNs : 0;
    this.#setMeasuring(false);
    return endNs + PHASE_GAP_NS;
  }

  #setMeasuring(measuring: boolean): void {
    this.#samples.measuring = measuring;
    if (measuring) this.#watch.resume();
    else this.#watch.pause();
  }

  async #start(script: WorkloadSession, phaseStartNs: number, context: SessionContext): Promise<void> {
    const session = new Session(script, context);
    this.#running.add(session);
    try {
      await session.run(phaseStartNs + script.startUs * 1_000);
    } finally {
      this.#running.delete(session);
    }
  }

  /** Waits until the sessions have ended, or could have and the relay has been silent for a deadline. */
  async #allEnded(endings: readonly Promise<void>[], leastNs: number): Promise<void> {
    let ended = false;
    const all = Promise.all(endings).then(() => {
      ended = true;
    });
    while (!ended && !this.#aborted) {
      await Promise.race([all, sleep(50)]);
      const waitedNs = nowNs() - Math.max(leastNs, this.#lastGotNs);
      if (!ended && waitedNs > this.order.deadlineMs * NS_PER_MS) return;
    }
  }

  /** After the last phase: lets sessions finish, then asks what is still missing. */
  async #settle(): Promise<void> {
    const lastSessions = this.parts.workload.sessions;
    const starts = this.#phases.spans().map((span) => span.startNs);
    const leastNs = lastSessions.reduce(
      (latest, session) => Math.max(latest, leastEndNs([session], starts[session.phase] ?? 0)),
      0,
    );
    await this.#allEnded(this.#endings, leastNs);
    if (this.parts.judge && !this.#aborted) {
      await answerOpenQuestions(this.parts.judge, this.#connections, this.#fresh, {
        silenceMs: this.order.deadlineMs,
        answerMs: this.order.deadlineMs,
      });
    }
    // Before the connections close: one that has ended owes nothing.
    this.#endNs = nowNs();
    this.#judged = this.parts.judge?.finish(this.#endNs);
    this.#scheduler.end();
    for (const session of this.#running) session.abandon();
    await Promise.all(this.#endings);
  }

  async #disconnectAll(): Promise<void> {
    for (const connection of this.#connections.values()) connection.close();
    const untilNs = nowNs() + CLOSING_MS * NS_PER_MS;
    while (this.#connections.size > 0 && nowNs() < untilNs) await sleep(2);
    for (const connection of this.#connections.values()) connection.terminate();
  }

  #context(): SessionContext {
    const { workload, reader, publishBase, signAuth } = this.parts;
    return {
      workload,
      url: this.order.url,
      clock: nowNs,
      at: (dueNs) => this.#scheduler.at(dueNs),
      wallClockMs: Date.now,
      reader,
      wire: this.#wire(),
      samples: this.#samples,
      nextConnection: () => {
        this.#connectionCount += 1;
        return this.#connectionCount;
      },
      isOwedLive: (connection) => this.parts.judge?.isOwedLive(connection, nowNs()) ?? false,
      connectionOpened: (connection) => this.#connections.set(connection.connection, connection),
      publishBase,
      publishDueNs: new Map(),
      writable: this.order.writable,
      signAuth,
      expectation: ({ step, met, message, connection, subscription }) => {
        const { judge } = this.parts;
        if (met) this.#expectations.passed(step.of);
        else if (connection === undefined || !judge) this.#expectations.setAside(step.of);
        else {
          const excerpt = judge.excerpt(connection, subscription);
          this.#expectations.failed(step.of, message, { connection, excerpt: () => excerpt });
        }
      },
      connectionLost: ({ stage, detail }) => {
        const key = `${stage} ${detail}`;
        const loss = this.#losses.get(key) ?? { stage, detail, count: 0 };
        loss.count += 1;
        this.#losses.set(key, loss);
      },
    };
  }

  #wire(): WireListener {
    const { judge, trace } = this.parts;
    const scheduler = this.#scheduler;
    return {
      opened: (connection, atNs) => {
        judge?.opened(connection, atNs);
        if (!this.#judged) trace?.opened(connection, atNs);
      },
      sent: (connection, message, atNs, text) => {
        if (this.#judged) return;
        judge?.sent(connection, message, atNs);
        trace?.sent(connection, text, atNs);
      },
      got: (connection, message, atNs, raw) => {
        scheduler.busy();
        this.#lastGotNs = atNs;
        if (!this.#judged) {
          judge?.got(connection, message, atNs);
          if (raw) trace?.got(connection, raw.payload, raw.isBinary, atNs);
          else if (message.label === 'malformed') trace?.broken(connection, message.problem, atNs);
        }
        if (message.label === 'EOSE' && message.subscription === FRESH_SUBSCRIPTION) {
          this.#fresh.get(connection)?.();
        }
      },
      closed: (connection, by, detail, atNs) => {
        this.#connections.delete(connection);
        if (this.#judged) return;
        judge?.closed(connection, by, detail, atNs);
        trace?.closed(connection, by, detail, atNs);
      },
    };
  }

  #reportProgress(): void {
    const span = this.#phases.spans().at(-1);
    if (!span) return;
    this.parts.progress({
      phase: span.name,
      elapsedMs: Math.max(0, nowNs() - span.startNs) / NS_PER_MS,
      ofMs: Number.isFinite(span.endNs) ? (span.endNs - span.startNs) / NS_PER_MS : undefined,
      requests: this.#samples.requestsAnswered,
      failed: [...this.#losses.values()].reduce((sum, { count }) => sum + count, 0),
    });
  }

  #report(trace: TraceSummary | undefined): RoundReport {
    this.#samples.finish(this.#windowNs / 1e9);
    const judged = this.#judged;
    if (judged) {
      this.#recorder.count('lost', {}, judged.lost);
      this.#recorder.count('late', {}, judged.late);
    }
    this.#recorder.count('refused', {}, 0);
    return {
      phases: this.#phases.spans(),
      metrics: this.#recorder.snapshot(),
      judge: judged,
      expectations: this.#expectations.results(),
      losses: [...this.#losses.values()],
      generator: this.#watch.sample(),
      aborted: this.#aborted,
      trace,
    };
  }
}

function expectedLabels(workload: Workload): string[] {
  const labelsOf = (steps: readonly Step[]): string[] =>
    steps.flatMap((step) => {
      if (step.do === 'repeat') return step.iterations.flatMap((iteration) => labelsOf(iteration.steps));
      return step.do === 'expect' ? [step.of] : [];
    });
  return [...new Set(workload.sessions.flatMap((session) => labelsOf(session.steps)))];
}

function leastEndNs(sessions: readonly WorkloadSession[], phaseStartNs: number): number {
  return sessions.reduce(
    (latest, session) =>
      Math.max(latest, phaseStartNs + session.startUs * 1_000 + leastDurationMs(session.steps) * NS_PER_MS),
    phaseStartNs,
  );
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { NostrEvent } from 'nostr-tools/pure';
import type { FrameReader } from '../client/frame.js';
import { Session } from '../client/session.js';
import type { AuthTemplate, SessionContext } from '../client/session-context.js';
import { NS_PER_MS, nowNs } from '../clock.js';
import type { Judge, JudgeReport } from '../conformance/index.js';
import { Recorder } from '../measure/recorder.js';
import type { PlannedPhase } from '../scenario/plan.js';
import type { Workload, WorkloadSession } from '../scenario/workload.js';
import type { TraceSummary, TraceWriter } from '../trace/index.js';
import { SharedDeliveryTimes } from './delivery-times.js';
import { createGeneratorWatch } from './generator-watch.js';
import type { HttpLoad } from './http/http-load.js';
import { httpUrl } from './http/order.js';
import { leastEndNs } from './least-duration.js';
import { MOST_DEADLINES } from './open-questions.js';
import { NO_PEERS, type PeerListener, type PeerNews, type Peers } from './peers.js';
import { PhaseClock } from './phase-clock.js';
import type { RoundOrder, RoundProgress, RoundReport } from './protocol.js';
import { RoundOutcomes } from './round-outcomes.js';
import { createRoundSamples } from './round-samples.js';
import { RoundWire } from './round-wire.js';
import { createScheduler } from './scheduler.js';
import { sessionsOf, WHOLE } from './share.js';
import type { Turns } from './turns.js';

const PROGRESS_EVERY_MS = 200;

/** What a round needs besides its order. */
export interface RoundParts {
  readonly workload: Workload;
  readonly reader: FrameReader;
  /** Judges what goes over the wire; undefined for the floor. */
  readonly judge: Judge | undefined;
  /** Writes down what goes over the wire until the judge has the last word. */
  readonly trace?: TraceWriter | undefined;
  /** The other workers of the round; undefined: there is none. */
  readonly peers?: Peers | undefined;
  /** Among rounds of other relays; undefined: this one is played alone. */
  readonly turns?: Turns | undefined;
  /** Index of the workload's first publish among the known events. */
  readonly publishBase: number;
  /** Makes HTTP load; undefined where the workload has none. */
  readonly http?: HttpLoad | undefined;
  readonly signAuth: (template: AuthTemplate) => NostrEvent;
  readonly progress: (progress: RoundProgress) => void;
  /**
   * Called when the measured window opens, with the first measured phase, and closes, with the last. A round that takes turns
   * doesn't: whoever gives them knows.
   */
  readonly window: (open: boolean) => void;
}

/** One round against one relay: all phases of the workload and the sessions of a share, judged and measured. */
export class Round implements PeerListener {
  readonly #scheduler = createScheduler(nowNs);
  readonly #phases = new PhaseClock();
  readonly #recorder = new Recorder();
  readonly #samples = createRoundSamples(this.#recorder, this.#phases);
  readonly #watch = createGeneratorWatch(() => this.#scheduler.idlePollNs(), nowNs);
  readonly #running = new Set<Session>();
  readonly #endings: Promise<void>[] = [];
  readonly #outcomes: RoundOutcomes;
  readonly #wire: RoundWire;
  readonly #peers: Peers;
  readonly #sessions: readonly WorkloadSession[];
  readonly #deliveryTimes: SharedDeliveryTimes;
  #judged: JudgeReport | undefined;
  /** When the judge had the last word. */
  #endNs = Number.POSITIVE_INFINITY;
  #aborted = false;
  /** Whether this relay is being played now, and no other. */
  #hasTurn: boolean;
  /** The harness can't go on; never the relay's doing. */
  #failure: { readonly error: unknown } | undefined;
  #windowNs = 0;
  /** When a session last came to a step of its script. */
  #lastStepNs = 0;

  constructor(
    private readonly order: RoundOrder,
    private readonly parts: RoundParts,
  ) {
    const { judge, trace, workload } = parts;
    const share = order.share ?? WHOLE;
    this.#peers = parts.peers ?? NO_PEERS;
    this.#hasTurn = parts.turns === undefined;
    this.#sessions = sessionsOf(workload.sessions, share);
    this.#deliveryTimes = new SharedDeliveryTimes(this.#peers, share.of > 1 && order.writable);
    const onActivity = (): void => this.#scheduler.busy();
    this.#wire = new RoundWire({ judge, trace, peers: this.#peers, share, onActivity });
    this.#outcomes = new RoundOutcomes(workload, judge);
  }

  async run(): Promise<RoundReport> {
    const ticker = setInterval(() => this.#reportProgress(), PROGRESS_EVERY_MS);
    this.#peers.listen(this);
    try {
      await this.#playPhases();
      await this.#settle();
    } finally {
      clearInterval(ticker);
      this.#peers.end();
      await this.#wire.disconnectAll();
    }
    if (this.#failure) throw this.#failure.error;
    return this.#report(await this.parts.trace?.finish(Math.min(this.#endNs, nowNs())));
  }

  /** Ends the round as soon as possible; what was measured so far is reported. */
  abort(): void {
    this.#aborted = true;
    this.#scheduler.end();
    this.parts.http?.stop();
    this.#peers.abandon();
    this.parts.turns?.abandon();
    for (const session of this.#running) session.abandon();
  }

  /** Another worker told something. */
  heard(from: number, news: PeerNews): void {
    this.#deliveryTimes.heard(news);
    this.#wire.heard(from, news);
  }

  async #playPhases(): Promise<void> {
    const context = this.#context();
    const { workload, turns } = this.parts;
    const { phases } = workload;
    let startNs = (await this.#peers.meet('start', nowNs())) + this.#peers.noticeNs;
    const firstMeasured = phases.findIndex((phase) => phase.measure);
    const lastMeasured = phases.findLastIndex((phase) => phase.measure);
    for (const [index, phase] of phases.entries()) {
      startNs = (await this.#takeTurn(index)) ?? startNs;
      if (this.#aborted) return;
      const ofPhase = this.#sessions.filter((session) => session.phase === index);
      const endings = this.#begin(phase, ofPhase, startNs, context);
      await this.#scheduler.at(startNs);
      if (index === firstMeasured && !turns) this.parts.window(true);
      startNs = await this.#playPhase(phase, leastEndNs(ofPhase, startNs), startNs, endings);
      if (index === lastMeasured && !turns) this.parts.window(false);
      this.#passTurn();
    }
  }

  /** Waits for the turn where relays take turns; returns when what it is for can start. */
  async #takeTurn(turn: number): Promise<number | undefined> {
    const { turns } = this.parts;
    if (!turns) return undefined;
    await turns.take(turn);
    this.#hasTurn = true;
    return nowNs() + this.#peers.noticeNs;
  }

  #passTurn(): void {
    const { turns } = this.parts;
    if (!turns) return;
    this.#hasTurn = false;
    turns.pass();
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
      if (!phase.inTurns) return endNs;
      await this.#allEnded(endings, leastNs);
      return nowNs() + this.#peers.noticeNs;
    }
    await this.#allEnded(endings, leastNs);
    const endNs = await this.#peers.meet(`end of ${phase.name}`, nowNs());
    this.#phases.end(endNs);
    this.#windowNs += phase.measure ? endNs - startNs : 0;
    this.#setMeasuring(false);
    return endNs + this.#peers.noticeNs;
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
    } catch (error) {
      this.#failure ??= { error };
      this.abort();
    } finally {
      this.#running.delete(session);
    }
  }

  /**
   * Waits until the sessions have ended, or could have and the relay has been silent for a deadline. It may be talking and
   * answer nobody: then until no session has come any further for many deadlines.
   */
  async #allEnded(endings: readonly Promise<void>[], leastNs: number): Promise<void> {
    let ended = false;
    const all = Promise.all(endings).then(() => {
      ended = true;
    });
    while (!ended && !this.#aborted) {
      await Promise.race([all, sleep(50)]);
      const deadlineNs = this.order.deadlineMs * NS_PER_MS;
      const silentNs = nowNs() - Math.max(leastNs, this.#wire.lastGotNs);
      const stuckNs = nowNs() - Math.max(leastNs, this.#lastStepNs);
      if (!ended && (silentNs > deadlineNs || stuckNs > MOST_DEADLINES * deadlineNs)) return;
    }
  }

  /** After the last phase: lets sessions finish, then asks what is still missing. */
  async #settle(): Promise<void> {
    const starts = this.#phases.spans().map((span) => span.startNs);
    const leastNs = this.#sessions.reduce(
      (latest, session) => Math.max(latest, leastEndNs([session], starts[session.phase] ?? 0)),
      0,
    );
    await this.#allEnded(this.#endings, leastNs);
    await this.#peers.meet('end of the load', nowNs());
    await this.#takeTurn(this.parts.workload.phases.length);
    if (!this.#aborted) await this.#wire.answerOpenQuestions(this.order.deadlineMs, () => this.#aborted);
    await this.#peers.meet('end of the round', nowNs());
    const { report, atNs } = await this.#wire.conclude(this.#aborted);
    this.#judged = report;
    this.#endNs = atNs;
    this.#scheduler.end();
    this.parts.http?.stop();
    for (const session of this.#running) session.abandon();
    await Promise.all(this.#endings);
  }

  #context(): SessionContext {
    const { workload, reader, publishBase, signAuth, http } = this.parts;
    return {
      workload,
      url: this.order.url,
      authUrl: this.order.authUrl ?? this.order.url,
      sourceAddresses: this.order.sourceAddresses ?? [],
      clock: nowNs,
      at: (dueNs) => {
        this.#lastStepNs = nowNs();
        return this.#scheduler.at(dueNs);
      },
      wallClockMs: Date.now,
      reader,
      wire: this.#wire.listener(),
      samples: this.#samples,
      nextConnection: () => this.#wire.nextNumber(),
      isOwed: (connection) => this.#wire.isOwed(connection),
      connectionOpened: (connection) => this.#wire.add(connection),
      publishBase,
      deliveryTimes: this.#deliveryTimes,
      writable: this.order.writable,
      http: http && ((order) => http.play({ ...order, url: httpUrl(this.order.url) })),
      signAuth,
      expectation: (outcome) => this.#wire.inOrder(() => this.#outcomes.expectation(outcome)),
      connectionLost: (loss) => this.#outcomes.connectionLost(loss),
    };
  }

  #reportProgress(): void {
    const span = this.#phases.spans().at(-1);
    if (!span || !this.#hasTurn) return;
    this.parts.progress({
      phase: span.name,
      elapsedMs: Math.max(0, nowNs() - span.startNs) / NS_PER_MS,
      ofMs: Number.isFinite(span.endNs) ? (span.endNs - span.startNs) / NS_PER_MS : undefined,
      requests: this.#samples.requestsAnswered,
      failed: this.#outcomes.connectionsLost,
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
      expectations: this.#outcomes.expectations(),
      losses: this.#outcomes.losses(),
      generator: this.#watch.sample(),
      aborted: this.#aborted,
      trace,
    };
  }
}

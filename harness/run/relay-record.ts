import { isOwn, type Relay } from '../../relays/relay.js';
import { type AnswerCounts, conformanceOf, mergeConformance } from '../conformance/index.js';
import type { GeneratorSample, LoadReport, RoundReport } from '../load/protocol.js';
import { assembleMetrics, type RoundRecording } from '../measure/assemble.js';
import type { RoundStart } from '../measure/signatures/index.js';
import type { Conformance, MachineLoad, RelayResult, SeriesResult } from '../results.js';
import { roundStarts } from './artefacts.js';
import { corpusAccepted } from './corpus-check.js';
import { relayFigures } from './relay-figures.js';
import { measuredWindow, type RelayRound } from './relay-round.js';

export interface RecordOptions {
  /** SHOULD failures count as failed. */
  readonly strict: boolean;
  /** Nagle's algorithm is on between clients and relay. */
  readonly nagle: boolean;
  /** The scenario publishes the corpus, so a relay that refuses a part of it fails a check. */
  readonly publishesCorpus: boolean;
}

/** What a load worker saw of itself, round by round. */
export interface WorkerRecord {
  /** Undefined where it is the only one, whose lateness is the relay's metric. */
  readonly pid: number | undefined;
  readonly samples: GeneratorSample[];
  readonly lateness: RoundRecording[];
}

/** Everything that the rounds of one relay brought, and the part of results.json that it makes. */
export class RelayRecord {
  readonly #recordings: RoundRecording[] = [];
  readonly #series: SeriesResult[] = [];
  readonly #conformance: { round: number; conformance: Conformance }[] = [];
  readonly #generators: WorkerRecord[] = [];
  readonly #losses = new Map<string, number>();
  readonly #machine = new Map<number, MachineLoad>();
  readonly #starts = new Map<string, RoundStart[]>();
  readonly #answers = { judged: 0, equal: 0, foreign: 0 };
  readonly #messages = { came: 0, judged: 0 };
  /** Each once, in however many rounds it stood. */
  readonly #loads = new Set<LoadReport>();
  #leftBehind = 0;
  #status: RelayResult['status'] = 'ok';
  #error: RelayRound['error'];
  #target: RelayRound['target'];

  constructor(
    readonly relay: Relay,
    private readonly options: RecordOptions,
  ) {}

  get name(): string {
    return this.relay.name;
  }

  /** False once the relay didn't start, died or was interrupted: its part has ended. */
  get goesOn(): boolean {
    return this.#status === 'ok';
  }

  get status(): RelayResult['status'] {
    return this.#status;
  }

  /** How the stored answers were, over all rounds. */
  get answers(): AnswerCounts {
    return this.#answers;
  }

  /** Messages that came from the relay where several load workers judged it, and those that they could judge. */
  get messages(): { readonly came: number; readonly judged: number } {
    return this.#messages;
  }

  /** What the generator saw of itself: one, or each of the workers that shared the load. */
  get generators(): readonly WorkerRecord[] {
    return this.#generators;
  }

  /** Connections that the relay refused or ended: what was said (hostile text) and how often. */
  get losses(): ReadonlyMap<string, number> {
    return this.#losses;
  }

  /** Corpus events that the relay refused when it was loaded, with the first reason (hostile text). */
  get refusedToLoad(): { readonly count: number; readonly reason: string } | undefined {
    const latest = [...this.#loads].findLast(({ refused }) => refused.length > 0);
    return latest && { count: latest.refused.length, reason: latest.refused[0]?.reason ?? '' };
  }

  /** What an attached relay was loaded with; undefined for one that was only read, and for those that are started. */
  get loaded(): RelayResult['loaded'] {
    const loads = [...this.#loads];
    if (this.relay.kind !== 'attached' || loads.length === 0) return undefined;
    const sum = (count: (load: LoadReport) => number) =>
      loads.reduce((total, load) => total + count(load), 0);
    return {
      accepted: sum(({ accepted }) => accepted),
      refused: sum(({ refused }) => refused.length),
      times: loads.length,
    };
  }

  /** The most processes that a round left outside the relay's process group; they were ended. */
  get leftBehind(): number {
    return this.#leftBehind;
  }

  left(processes: number): void {
    this.#leftBehind = Math.max(this.#leftBehind, processes);
  }

  /** What else the machine did, by round. */
  get machine(): ReadonlyMap<number, MachineLoad> {
    return this.#machine;
  }

  /** How the rounds began, by metric. */
  get starts(): ReadonlyMap<string, readonly RoundStart[]> {
    return this.#starts;
  }

  add(round: number, outcome: RelayRound): void {
    this.#status = outcome.status;
    this.#error = outcome.error;
    this.#target = outcome.target ?? this.#target;
    this.#addLoad(outcome);
    if (!outcome.report || outcome.report.aborted) return;
    const { report } = outcome;
    this.#addGenerators(round, report);
    for (const { stage, detail, count } of report.losses) {
      const text = `${stage === 'connect' ? 'could not connect' : 'connection ended by the relay'}: ${detail}`;
      this.#losses.set(text, (this.#losses.get(text) ?? 0) + count);
    }
    if (outcome.machine) this.#machine.set(round, outcome.machine);
    for (const [metric, start] of roundStarts(report.metrics)) {
      this.#starts.set(metric, [...(this.#starts.get(metric) ?? []), start]);
    }
    this.#addConformance(round, outcome);
    this.#addFigures(round, outcome);
  }

  metrics(): RelayResult['metrics'] {
    return assembleMetrics(this.#recordings);
  }

  result(metrics: RelayResult['metrics']): RelayResult {
    const target = this.#target;
    const { loaded } = this;
    const { spec } = this.relay;
    return {
      name: this.name,
      ...(spec === undefined ? {} : { spec }),
      status: this.#status,
      ...(this.#error ? { error: { message: this.#error.message, logTail: [...this.#error.logTail] } } : {}),
      target: {
        kind: this.relay.kind,
        ...(target?.url === undefined ? {} : { url: target.url }),
        ...(target?.command === undefined ? {} : { command: target.command }),
        ...(target?.nip11 === undefined ? {} : { nip11: target.nip11 }),
        ...(target?.process === undefined ? {} : { process: { ...target.process } }),
        transport: {
          clientNoDelay: !this.options.nagle,
          relayNoDelay: isOwn(this.relay) ? true : null,
          permessageDeflate: false,
        },
      },
      work: {
        ...this.answers,
        connectionsLost: [...this.losses.values()].reduce((sum, times) => sum + times, 0),
      },
      ...(loaded ? { loaded } : {}),
      metrics,
      series: this.#series,
      conformance: this.#conformance.length === 0 ? null : mergeConformance(this.#conformance, this.options),
    };
  }

  #addLoad({ load }: RelayRound): void {
    if (load) this.#loads.add(load);
  }

  #addGenerators(round: number, { generator, workers }: RoundReport): void {
    for (const [index, one] of (workers ?? [{ pid: undefined, generator, lateness: [] }]).entries()) {
      if (!one.generator) continue;
      this.#generators[index] ??= { pid: one.pid, samples: [], lateness: [] };
      this.#generators[index].samples.push(one.generator);
      this.#generators[index].lateness.push({ round, recorded: one.lateness });
    }
  }

  #addConformance(round: number, { report, load }: RelayRound): void {
    if (!report?.judge) return;
    const { conformance, answers, messages } = report.judge;
    this.#messages.came += messages?.came ?? 0;
    this.#messages.judged += messages?.judged ?? 0;
    this.#answers.judged += answers.judged;
    this.#answers.equal += answers.equal;
    this.#answers.foreign += answers.foreign;
    const ofScenario = [
      ...(load ? [corpusAccepted(load, this.options.publishesCorpus)] : []),
      ...report.expectations,
    ];
    this.#conformance.push({
      round,
      conformance: conformanceOf([...conformance.checks, ...ofScenario], this.options),
    });
  }

  #addFigures(round: number, { report, process, inside }: RelayRound): void {
    const window = report && measuredWindow(report);
    if (!report || !window) return;
    const { metrics, series } = relayFigures(process, inside, window);
    this.#series.push(...series.map((line) => ({ ...line, round })));
    this.#recordings.push({ round, recorded: [...report.metrics, ...metrics] });
  }
}

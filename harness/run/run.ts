import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isOwn } from '../../relays/relay.js';
import { type Baseline, baselineFor } from '../gates/baseline.js';
import { startLoadWorkers } from '../load/load-crew.js';
import type { LoadWorker } from '../load/load-worker.js';
import type { Results } from '../results.js';
import { comparisonCount } from '../stats/compare.js';
import { roundOrders, turnOrders } from '../stats/order.js';
import { LOOKS, type StoppingRule, stoppingRule } from '../stats/stopping.js';
import { assembleResults, questionOf } from './assemble-results.js';
import { isDecided } from './decided.js';
import { RelayRecord } from './relay-record.js';
import {
  playRelayRound,
  RelayPart,
  type RelayRound,
  type RelayRoundOptions,
  roundDir,
} from './relay-round.js';
import type { RoundRecord, RunOptions } from './run-options.js';
import { isSetAnew, type Stage, setStage } from './stage.js';
import { traceProblem } from './traces.js';
import { Turns } from './turns.js';

/**
 * The main job: prepares the workload, plays every round against every relay in a counterbalanced order, each on a
 * fresh process, and returns the results. A relay that fails ends its own part alone; an abort of `signal` ends the
 * run and keeps what was measured.
 * @throws {InputError} for a bad corpus file, or a baseline of another question
 */
export async function run(options: RunOptions): Promise<Results> {
  const startedAt = new Date();
  const clock = stopwatch();
  const scratch = await mkdtemp(join(tmpdir(), 'reqbench-'));
  let worker: LoadWorker | undefined;
  try {
    const stage = await setStage(options, scratch, 1);
    worker = await startLoadWorkers(options.workers ?? 1);
    await worker.open(stage.prepared.workloadFile);
    return await new Run(options, stage, worker, scratch, startedAt).play(clock);
  } finally {
    await worker?.stop();
    await rm(scratch, { recursive: true, force: true });
  }
}

class Run {
  readonly #records: readonly RelayRecord[];
  readonly #rounds: RoundRecord[] = [];
  readonly #baseline: Baseline | undefined;
  #stage: Stage;
  /** Why a run that plays until it is decided ended. */
  #ending: NonNullable<Results['stopping']>['reason'] = 'budget';

  constructor(
    private readonly options: RunOptions,
    private readonly first: Stage,
    private readonly worker: LoadWorker,
    private readonly scratch: string,
    private readonly startedAt: Date,
  ) {
    this.#records = options.relays.map(
      (relay) =>
        new RelayRecord(relay, {
          strict: options.strict,
          nagle: options.scenario.network?.nagle === true,
          publishesCorpus: options.scenario.corpus.load === 'publish',
        }),
    );
    this.#stage = first;
    const { baseline, workers = 1 } = options;
    const question = { ...questionOf(options, first.prepared), workers };
    this.#baseline = baseline && baselineFor(question, baseline.results, baseline.file);
  }

  async play(elapsedMs: () => number): Promise<Results> {
    const { relays, rounds, seed, signal, watch } = this.options;
    const names = relays.map(({ name }) => name);
    const stopping = this.#stoppingRule(elapsedMs());
    for (const [index, order] of roundOrders(names, rounds, seed).entries()) {
      if (signal.aborted || !this.#contendersGoOn()) break;
      if (stopping?.isBudgetSpent(index, elapsedMs())) break;
      await this.#playRound(index + 1, order);
      // The last round's results are those of the run, which are returned.
      if (signal.aborted || index + 1 === rounds) break;
      const isLook = stopping?.isLook(index + 1) === true;
      if (!watch.onRound && !isLook) continue;
      const soFar = this.#results(false);
      await watch.onRound?.(soFar);
      if (isLook && isDecided(soFar)) {
        this.#ending = 'decided';
        break;
      }
    }
    if (signal.aborted) this.#ending = 'interrupted';
    return this.#results(!signal.aborted && this.#records.every((record) => record.goesOn));
  }

  /** New keys for the rounds from this one on, where they need them. */
  async #setStage(round: number): Promise<void> {
    if (round === 1 || !isSetAnew(this.options, this.first)) return;
    await this.#stage.clear();
    this.#stage = await setStage(this.options, this.scratch, round);
    await this.worker.open(this.#stage.prepared.workloadFile);
  }

  /** Undefined where the number of rounds is set. */
  #stoppingRule(preparedMs: number): StoppingRule | undefined {
    const { budgetMs, compare, gates, relays } = this.options;
    if (budgetMs === undefined) return undefined;
    const names = relays.map(({ name }) => name);
    // Where there are gates they decide, and each has the whole error rate.
    const comparisons = gates.length > 0 ? 1 : comparisonCount(compare.length, names);
    return stoppingRule(comparisons, budgetMs, preparedMs);
  }

  /** Without a relay to measure, the floor alone is no reason to go on. */
  #contendersGoOn(): boolean {
    return this.#records.some((record) => !record.relay.floor && record.goesOn);
  }

  async #playRound(round: number, order: readonly string[]): Promise<void> {
    await this.#setStage(round);
    const played: RoundRecord = { round, order: [], pids: {} };
    this.#rounds.push(played);
    const records = order.flatMap((name) => this.#records.find((one) => one.name === name) ?? []);
    const standing = records.filter((record) => record.goesOn);
    const firstPart = (round - 1) * order.length + 1;
    if (standing.length > 1 && this.#stage.prepared.plan.phases.some((phase) => phase.inTurns)) {
      this.options.watch.onRelay({
        round,
        relay: standing.map(({ name }) => name).join(', '),
        part: firstPart,
      });
      await this.#playInTurns(played, standing);
    } else {
      for (const record of standing) {
        if (this.options.signal.aborted) break;
        const part = firstPart + played.order.length;
        this.options.watch.onRelay({ round, relay: record.name, part });
        played.order.push(record.name);
        this.#add(played, record, await playRelayRound(this.#partOptions(round, record)));
      }
    }
  }

  /** All relays are started, then played turn by turn, then stopped. */
  async #playInTurns(played: RoundRecord, records: readonly RelayRecord[]): Promise<void> {
    const parts: StandingPart[] = [];
    try {
      await this.#startAll(played, records, parts);
      const standing = records.flatMap((record) => parts.find((one) => one.record === record) ?? []);
      const names = standing.map(({ record }) => record.name);
      // One more than there are phases: what is done after the last.
      const turns = new Turns(turnOrders(names, this.#stage.prepared.plan.phases.length + 1));
      const outcomes = await Promise.allSettled(standing.map(({ part }) => part.play(turns)));
      for (const [index, { record }] of standing.entries()) {
        const outcome = outcomes[index];
        if (outcome?.status === 'fulfilled') this.#add(played, record, outcome.value);
      }
      throwFirst(outcomes);
    } finally {
      await Promise.all(parts.map(stopPart));
    }
  }

  /** Puts the relays that stand, or that were being started when something failed, into `parts`. */
  async #startAll(
    played: RoundRecord,
    records: readonly RelayRecord[],
    parts: StandingPart[],
  ): Promise<void> {
    const begun = new Set<RelayRecord>();
    for (const group of this.#startGroups(records)) {
      if (this.options.signal.aborted) break;
      const starting = group.map((record) => {
        begun.add(record);
        return { record, part: new RelayPart(this.#partOptions(played.round, record)) };
      });
      parts.push(...starting);
      played.order = records.filter((one) => begun.has(one)).map(({ name }) => name);
      const outcomes = await Promise.allSettled(starting.map(({ part }) => part.start()));
      throwFirst(outcomes);
      for (const [index, one] of starting.entries()) {
        const outcome = outcomes[index];
        if (outcome?.status !== 'fulfilled' || !outcome.value) continue;
        this.#add(played, one.record, outcome.value);
        parts.splice(parts.indexOf(one), 1);
        await stopPart(one);
      }
    }
  }

  /** Relays that hold their events from the start, and choose their own port, are started at the same time; others one by one. */
  #startGroups(records: readonly RelayRecord[]): readonly (readonly RelayRecord[])[] {
    const isPreloaded = this.options.scenario.corpus.load === 'preload';
    const isAtOnce = ({ relay }: RelayRecord): boolean => isPreloaded && isOwn(relay);
    const together = records.filter(isAtOnce);
    const others = records.filter((record) => !isAtOnce(record)).map((record) => [record]);
    return together.length > 0 ? [...others, together] : others;
  }

  #partOptions(round: number, record: RelayRecord): RelayRoundOptions {
    const { relay } = record;
    const { scenario, strict, signal, watch } = this.options;
    const index = this.#records.findIndex((one) => one.relay === relay);
    const { prepared, settings, trace, loadedData: ofRelays } = this.#stage;
    const loadedData = ofRelays[index];
    if (!loadedData) throw new Error(`${relay.name} is not of this run`);
    return {
      relay,
      settings,
      prepared,
      worker: this.worker,
      preload: scenario.corpus.load === 'preload',
      sourceAddresses: scenario.sources,
      deadlineMs: scenario.deadlineMs,
      strict,
      checked: this.options.checked ?? true,
      network: scenario.network,
      seed: this.options.seed,
      trace,
      round,
      scenario: scenario.name,
      dir: roundDir(this.scratch, round, index),
      loadedData,
      onProgress: watch.onLoad,
      onWindow: watch.onWindow,
      onLeftBehind: (processes) => record.left(processes),
      signal,
    };
  }

  #add({ round, pids }: RoundRecord, record: RelayRecord, outcome: RelayRound): void {
    const { watch } = this.options;
    pids[record.name] = outcome.pid ?? null;
    record.add(round, outcome);
    const problem = traceProblem(outcome.report?.trace);
    if (problem !== undefined) watch.onNotice(problem);
    if (outcome.error) watch.onNotice(`${record.name}: ${outcome.error.message}`);
  }

  #results(complete: boolean): Results {
    return assembleResults({
      options: this.options,
      prepared: this.first.prepared,
      records: this.#records,
      rounds: this.#rounds,
      baseline: this.#baseline,
      stopping:
        this.options.budgetMs === undefined
          ? undefined
          : { looks: LOOKS, budgetMs: this.options.budgetMs, reason: this.#ending },
      startedAt: this.startedAt,
      complete,
    });
  }
}

/** A relay's part of a round, from when it is started until it is stopped. */
interface StandingPart {
  readonly record: RelayRecord;
  readonly part: RelayPart;
}

async function stopPart({ record, part }: StandingPart): Promise<void> {
  await part.stop();
  record.left(part.leftBehind);
}

function throwFirst(outcomes: readonly PromiseSettledResult<unknown>[]): void {
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
}

/** Milliseconds since it was made. */
function stopwatch(): () => number {
  const start = performance.now();
  return () => performance.now() - start;
}

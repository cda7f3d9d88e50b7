import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckResult } from '../../results.js';
import { SURVIVAL, SURVIVAL_SHOWN_BY } from '../probes/survival.js';
import { checksThatCatch, probesThatCatch } from './catalogue.js';
import { type LoadPlayers, openLoads } from './load-player.js';
import { LOAD_NAMES } from './loads.js';
import type { Mutant } from './mutant.js';
import { playProbes } from './probe-player.js';
import { STAGES, type StageName } from './stages.js';
import { CLEAN_OF, cleanRelay, mutantRelay, Upstreams } from './start.js';

const RELAYS: readonly Mutant['relay'][] = ['streaming', 'batched'];
/** A run waits more than it works. */
const DEFAULT_AT_ONCE = 8;

/**
 * A mutant breaks its rule once under a load, and where that one case crossed other messages no rule may decide it: it is set
 * aside, and played again. So is what only a crossing of messages shows to a probe, and this crossing may not come about.
 */
const MOST_PLAYS = 3;

export interface SelfTestOptions {
  readonly mutants: readonly Mutant[];
  /** `invariants`: no probe is played. */
  readonly which: 'invariants' | 'all';
  /** Each mutant against every check, not only against those that must catch it: the matrix. */
  readonly full: boolean;
  /** How often each clean relay is judged under each load; default once. */
  readonly cleanRuns?: number | undefined;
  /** Where the corpora of the loads are kept. */
  readonly cacheDir: string;
  /** Runs at the same time; default 8. */
  readonly atOnce?: number | undefined;
  /** Called as soon as a mutant, or a clean relay, was judged. */
  readonly onOutcome?: ((outcome: MutantOutcome | CleanOutcome) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What the checks said of one mutant. */
export interface MutantOutcome {
  readonly kind: 'mutant';
  readonly mutant: Mutant;
  /** Checks that failed, or observed something that the clean relay doesn't do. */
  readonly fired: readonly string[];
  /** Checks that had to catch it and didn't. Empty: caught. */
  readonly silent: readonly string[];
}

/** What the checks said of a relay that breaks nothing. */
export interface CleanOutcome {
  readonly kind: 'clean';
  readonly relay: Mutant['relay'];
  /** `load open`, `stage managed`. */
  readonly under: string;
  /** Checks that failed: false accusations. */
  readonly accused: readonly string[];
}

export interface SelfTestReport {
  readonly mutants: readonly MutantOutcome[];
  readonly clean: readonly CleanOutcome[];
  /** Ids of mutants that no invariant can catch, where only those were asked for. */
  readonly notRun: readonly string[];
  /** Every mutant that was run was caught, and no clean relay accused. */
  readonly passed: boolean;
}

/** Whether an invariant is named for it: the others are a matter of probes. */
export function isCaughtByInvariant({ caughtBy }: Mutant): boolean {
  return caughtBy.length > 0;
}

/**
 * Shows that the checks notice what they should, and accuse nobody else. The invariants listen to a short load against each
 * mutant that they must catch, the probes that must catch it are played against it as `reqbench conform` does, and
 * the clean relays stand in between.
 */
export async function selfTest(options: SelfTestOptions): Promise<SelfTestReport> {
  const dir = await mkdtemp(join(tmpdir(), 'reqbench-self-test-'));
  const upstreams = new Upstreams(() => mkdtemp(join(dir, 'shared-')));
  try {
    const run = new SelfTest(options, dir, await openLoads(dir, options.cacheDir), upstreams);
    return await run.report();
  } finally {
    await upstreams.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

type Task = () => Promise<void>;

class SelfTest {
  readonly #signal: AbortSignal;
  readonly #mutants: readonly Mutant[];
  readonly #clean: CleanOutcome[] = [];
  readonly #caught = new Map<Mutant, MutantOutcome>();
  /** What traits a clean relay shows in a stage, in words, by `stage relay` and the id of the check. */
  readonly #traits = new Map<string, ReadonlyMap<string, string>>();
  /** What fired under load, for those that probes have to catch too. */
  readonly #underLoad = new Map<Mutant, readonly string[]>();

  constructor(
    private readonly options: SelfTestOptions,
    private readonly dir: string,
    private readonly loads: LoadPlayers,
    private readonly upstreams: Upstreams,
  ) {
    this.#signal = options.signal ?? new AbortController().signal;
    this.#mutants = options.mutants.filter(
      (mutant) => options.which === 'all' || isCaughtByInvariant(mutant),
    );
  }

  async report(): Promise<SelfTestReport> {
    const { mutants, which } = this.options;
    const probed =
      which === 'all' ? this.#mutants.filter((mutant) => this.#probesFor(mutant) !== undefined) : [];
    const loaded = this.#mutants.filter((mutant) => this.options.full || isCaughtByInvariant(mutant));
    const first = [
      ...this.#cleanStages(probed),
      ...(loaded.length > 0 ? this.#cleanLoads() : []),
      ...loaded.map((mutant) => () => this.#underLoadOf(mutant, probed.includes(mutant))),
    ];
    const second = probed.map((mutant) => () => this.#probe(mutant));
    const done = (await this.#inParallel(first)) && (await this.#inParallel(second));
    const outcomes = this.#mutants.flatMap((mutant) => this.#caught.get(mutant) ?? []);
    return {
      mutants: outcomes,
      clean: this.#clean,
      notRun: mutants.filter((mutant) => !this.#mutants.includes(mutant)).map(({ id }) => id),
      passed:
        done &&
        outcomes.every(({ silent }) => silent.length === 0) &&
        this.#clean.every(({ accused }) => accused.length === 0),
    };
  }

  /** Ids to hold a mutant against, none for all; undefined: no probe is about it. */
  #probesFor(mutant: Mutant): readonly string[] | undefined {
    return this.options.full && isOrdinary(mutant.stage) ? [] : this.#ownProbes(mutant);
  }

  #ownProbes(mutant: Mutant): readonly string[] | undefined {
    const probes = probesThatCatch(mutant);
    if (probes.includes(SURVIVAL.id)) return [...probes, SURVIVAL_SHOWN_BY];
    return probes.length > 0 ? probes : undefined;
  }

  #cleanLoads(): readonly Task[] {
    const times = Array.from({ length: this.options.cleanRuns ?? 1 });
    return times.flatMap(() =>
      LOAD_NAMES.flatMap((load) =>
        RELAYS.map((relay) => async () => {
          const accused = failed(await this.loads[load].clean(relay, await this.#folder()));
          this.#say({ kind: 'clean', relay, under: `load ${load}`, accused });
        }),
      ),
    );
  }

  /** Clean relays in the stages of these mutants; of a strategy of its own there is one. */
  #cleanStages(probed: readonly Mutant[]): readonly Task[] {
    const stages = [...new Set(probed.map(({ stage }) => stage))];
    return stages.flatMap((stage) => {
      const ofStage = probed.filter((mutant) => mutant.stage === stage && mutant.how.kind !== 'strategy');
      const checks = [...new Set(ofStage.flatMap((mutant) => this.#probesFor(mutant) ?? []))];
      const [first] = ofStage;
      const relays = STAGES[stage].module === undefined ? RELAYS : first ? [first.relay] : [];
      return relays.map((relay) => () => this.#cleanStage(relay, stage, checks));
    });
  }

  async #cleanStage(relay: Mutant['relay'], stage: StageName, checks: readonly string[]): Promise<void> {
    const results = await playProbes({
      relay: cleanRelay(relay, stage),
      stage,
      checks,
      isMutant: false,
      signal: this.#signal,
    });
    this.#traits.set(`${stage} ${relay}`, traitsOf(results));
    this.#say({ kind: 'clean', relay, under: `stage ${stage}`, accused: failed(results) });
  }

  async #underLoadOf(mutant: Mutant, isProbed: boolean): Promise<void> {
    let fired: readonly string[] = [];
    for (let play = 0; play < MOST_PLAYS && !this.#signal.aborted; play += 1) {
      const checks = await this.loads[mutant.load].mutant(mutant, await this.#folder());
      // No clean load shows a trait that a mutant is there to show.
      fired = [...failed(checks), ...(mutant.observed ? [...traitsOf(checks).keys()] : [])];
      if (mutant.caughtBy.every((id) => fired.includes(id))) break;
    }
    if (isProbed) this.#underLoad.set(mutant, fired);
    else this.#judge(mutant, fired);
  }

  async #probe(mutant: Mutant): Promise<void> {
    const named = checksThatCatch(mutant);
    const fired = new Set<string>();
    for (let play = 0; play < MOST_PLAYS && !this.#signal.aborted; play += 1) {
      // What other probes do may hide the fault from its own: they empty a cache, or find the relay deaf before them.
      const checks = (play === 0 ? this.#probesFor(mutant) : this.#ownProbes(mutant)) ?? [];
      for (const id of await this.#firedByProbes(mutant, checks)) fired.add(id);
      if (named.every((id) => fired.has(id))) break;
    }
    this.#judge(mutant, [...fired]);
  }

  async #firedByProbes(mutant: Mutant, checks: readonly string[]): Promise<readonly string[]> {
    const results = await playProbes({
      relay: mutantRelay(mutant, this.options.full ? undefined : this.upstreams),
      stage: mutant.stage,
      checks,
      isMutant: true,
      signal: this.#signal,
    });
    const clean = this.#traits.get(`${mutant.stage} ${mutant.relay}`);
    const shown = [...traitsOf(results)].filter(([id, words]) => words !== clean?.get(id)).map(([id]) => id);
    const underLoad = this.#underLoad.get(mutant) ?? [];
    return [...new Set([...underLoad, ...failed(results), ...shown])];
  }

  #judge(mutant: Mutant, fired: readonly string[]): void {
    const named = this.options.which === 'all' ? checksThatCatch(mutant) : mutant.caughtBy;
    const outcome: MutantOutcome = {
      kind: 'mutant',
      mutant,
      fired,
      silent: named.filter((id) => !fired.includes(id)),
    };
    this.#caught.set(mutant, outcome);
    this.options.onOutcome?.(outcome);
  }

  #say(outcome: CleanOutcome): void {
    this.#clean.push(outcome);
    this.options.onOutcome?.(outcome);
  }

  #folder(): Promise<string> {
    return mkdtemp(join(this.dir, 'run-'));
  }

  /** False when an abort left out some. */
  async #inParallel(tasks: readonly Task[]): Promise<boolean> {
    const queue = tasks.values();
    const lane = async (): Promise<void> => {
      for (const task of queue) {
        if (this.#signal.aborted) return;
        await task();
      }
    };
    await Promise.all(Array.from({ length: this.options.atOnce ?? DEFAULT_AT_ONCE }, lane));
    return !this.#signal.aborted;
  }
}

/** Whether a clean relay of the stage passes everything: strategies made for one question break other rules. */
export function isOrdinary(stage: StageName): boolean {
  return STAGES[stage].module === undefined && !(stage in CLEAN_OF);
}

function failed(checks: readonly CheckResult[]): string[] {
  return checks.filter(({ result }) => result === 'failed').map(({ id }) => id);
}

/** Traits that were shown, by the id of their check, in words. */
function traitsOf(checks: readonly CheckResult[]): ReadonlyMap<string, string> {
  const traits = checks.filter(({ level, failedCases }) => level === 'INFO' && failedCases > 0);
  return new Map(traits.map(({ id, failures }) => [id, failures[0]?.message ?? '']));
}

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEpoch } from '../../corpus/epoch.js';
import { type OpenedWorkload, openWorkload } from '../../load/opened-workload.js';
import type { RoundOrder } from '../../load/protocol.js';
import { Round } from '../../load/round.js';
import type { CheckResult } from '../../results.js';
import { type Prepared, prepare } from '../../run/prepare.js';
import { supportedNips } from '../../run/relay-round.js';
import { INVARIANTS } from '../checks/catalogue.js';
import { accessOf, LOAD_NAMES, scenarioOf } from './loads.js';
import type { LoadName, Mutant } from './mutant.js';
import { type RunningMutant, startClean, startMutant } from './start.js';

const INVARIANT_IDS: ReadonlySet<string> = new Set(INVARIANTS.map(({ id }) => id));
const RELAYS: readonly Mutant['relay'][] = ['streaming', 'batched'];
/** A run waits more than it works. */
const DEFAULT_AT_ONCE = 4;

export interface SelfTestOptions {
  readonly mutants: readonly Mutant[];
  /** Each tampered mutant on both reference relays, not only on its own. */
  readonly full: boolean;
  /** How often each clean relay is judged under each load; default once. */
  readonly cleanRuns?: number | undefined;
  /** Where the corpora of the loads are kept. */
  readonly cacheDir: string;
  /** Runs at the same time; default 4. */
  readonly atOnce?: number | undefined;
  /** Called as soon as a mutant, or a clean relay, was judged. */
  readonly onOutcome?: ((outcome: MutantOutcome | CleanOutcome) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What the invariants said of one mutant. */
export interface MutantOutcome {
  readonly kind: 'mutant';
  readonly mutant: Mutant;
  readonly relay: Mutant['relay'];
  /** Checks that failed, or observed something that the clean relay doesn't do. */
  readonly fired: readonly string[];
  /** Checks that had to catch it and didn't. Empty: caught. */
  readonly silent: readonly string[];
}

/** What the invariants said of a relay that breaks nothing. */
export interface CleanOutcome {
  readonly kind: 'clean';
  readonly relay: Mutant['relay'];
  readonly load: LoadName;
  /** Checks that failed: false accusations. */
  readonly accused: readonly string[];
}

export interface SelfTestReport {
  readonly mutants: readonly MutantOutcome[];
  readonly clean: readonly CleanOutcome[];
  /** Ids of mutants that no invariant can catch: they need a probe, and were not run. */
  readonly notRun: readonly string[];
  /** Every mutant that was run was caught, and no clean relay accused. */
  readonly passed: boolean;
}

/** Whether an invariant is named for it: the others are a matter of probes. */
export function isCaughtByInvariant({ caughtBy }: Mutant): boolean {
  return caughtBy.some((id) => INVARIANT_IDS.has(id));
}

/**
 * Shows that the judge that listens to every run notices what it should, and accuses nobody else: plays a short load
 * against each mutant and against the clean relays, each a fresh process behind the same proxy.
 */
export async function selfTest(options: SelfTestOptions): Promise<SelfTestReport> {
  const runnable = options.mutants.filter(isCaughtByInvariant);
  const dir = await mkdtemp(join(tmpdir(), 'reqbench-self-test-'));
  try {
    const players = await openLoads(options, dir);
    const tasks = [
      ...LOAD_NAMES.flatMap((load) => cleanTasks(load, options.cleanRuns ?? 1)),
      ...runnable.flatMap((mutant) => relaysOf(mutant, options.full).map((relay) => ({ mutant, relay }))),
    ];
    const outcomes = await inParallel(tasks, options, async (task, index) => {
      const load = 'mutant' in task ? task.mutant.load : task.load;
      const outcome = await players[load].play(task, join(dir, `run-${index}`));
      options.onOutcome?.(outcome);
      return outcome;
    });
    const mutants = outcomes.filter((outcome) => outcome.kind === 'mutant');
    const clean = outcomes.filter((outcome) => outcome.kind === 'clean');
    return {
      mutants,
      clean,
      notRun: options.mutants.filter((mutant) => !runnable.includes(mutant)).map(({ id }) => id),
      passed:
        outcomes.length === tasks.length &&
        mutants.every(({ silent }) => silent.length === 0) &&
        clean.every(({ accused }) => accused.length === 0),
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

type Task =
  | { readonly mutant: Mutant; readonly relay: Mutant['relay'] }
  | { readonly load: LoadName; readonly relay: Mutant['relay'] };

function cleanTasks(load: LoadName, times: number): Task[] {
  return Array.from({ length: times }, () => RELAYS.map((relay) => ({ load, relay }))).flat();
}

function relaysOf(mutant: Mutant, full: boolean): readonly Mutant['relay'][] {
  return full && mutant.how.kind === 'tamper' ? RELAYS : [mutant.relay];
}

async function openLoads(
  { cacheDir }: SelfTestOptions,
  dir: string,
): Promise<Readonly<Record<LoadName, Player>>> {
  const open = async (load: LoadName): Promise<Player> => {
    const scenario = scenarioOf(load);
    const folder = join(dir, load);
    await mkdir(folder);
    const prepared = await prepare({
      scenario,
      seed: scenario.seed,
      epochS: parseEpoch(undefined),
      dir: folder,
      cacheDir,
      onProgress: () => {},
    });
    return new Player(load, scenario.deadlineMs, prepared, await openWorkload(prepared.workloadFile));
  };
  return { open: await open('open'), ephemeral: await open('ephemeral'), auth: await open('auth') };
}

/** Plays one load against one relay after another. */
class Player {
  constructor(
    private readonly load: LoadName,
    private readonly deadlineMs: number,
    private readonly prepared: Prepared,
    private readonly opened: OpenedWorkload,
  ) {}

  async play(task: Task, dir: string): Promise<MutantOutcome | CleanOutcome> {
    await mkdir(dir);
    const start = { dir, access: accessOf(this.load), preloadFile: this.prepared.corpus.file };
    const relay = task.relay;
    if (!('mutant' in task)) {
      const accused = failed(await this.#judge(await startClean(relay, start)));
      return { kind: 'clean', relay, load: this.load, accused };
    }
    const mutant = { ...task.mutant, relay };
    const checks = await this.#judge(await startMutant(mutant, start));
    const fired = mutant.observed ? [...failed(checks), ...shown(checks)] : failed(checks);
    const silent = mutant.caughtBy.filter((id) => INVARIANT_IDS.has(id) && !fired.includes(id));
    return { kind: 'mutant', mutant: task.mutant, relay, fired, silent };
  }

  async #judge(running: RunningMutant): Promise<readonly CheckResult[]> {
    const { workload, createReader, createJudge, publishBase, signAuth } = this.opened;
    const order: RoundOrder = {
      relay: 'self-test',
      url: running.url,
      judged: true,
      writable: true,
      access: accessOf(this.load),
      supportedNips: supportedNips(running.nip11),
      deadlineMs: this.deadlineMs,
      holdingsKnown: true,
      notLoaded: [],
      strict: true,
    };
    try {
      const round = new Round(order, {
        workload,
        reader: createReader(),
        judge: createJudge(order),
        publishBase,
        signAuth,
        progress: () => {},
        window: () => {},
      });
      const { judge } = await round.run();
      return judge?.conformance.checks ?? [];
    } finally {
      await running.stop();
    }
  }
}

function failed(checks: readonly CheckResult[]): string[] {
  return checks.filter(({ result }) => result === 'failed').map(({ id }) => id);
}

/** Traits that were shown. */
function shown(checks: readonly CheckResult[]): string[] {
  return checks.filter(({ level, failedCases }) => level === 'INFO' && failedCases > 0).map(({ id }) => id);
}

/** Results in the order of the tasks; an abort leaves out what was not begun. */
async function inParallel<Input, Output>(
  inputs: readonly Input[],
  { atOnce = DEFAULT_AT_ONCE, signal }: SelfTestOptions,
  work: (input: Input, index: number) => Promise<Output>,
): Promise<Output[]> {
  const outputs: { index: number; output: Output }[] = [];
  const queue = inputs.entries();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const [index, input] of queue) {
        if (signal?.aborted) return;
        outputs.push({ index, output: await work(input, index) });
      }
    }),
  );
  return outputs.sort((a, b) => a.index - b.index).map(({ output }) => output);
}

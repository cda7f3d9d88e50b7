/** What the invariants say of a mutant under load. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunningRelay } from '../../../relays/relay.js';
import { parseEpoch } from '../../corpus/epoch.js';
import { type OpenedWorkload, openWorkload } from '../../load/opened-workload.js';
import type { RoundOrder } from '../../load/protocol.js';
import { Round } from '../../load/round.js';
import type { CheckResult } from '../../results.js';
import { type Prepared, prepare } from '../../run/prepare.js';
import { supportedNips } from '../../run/relay-round.js';
import { accessOf, LOAD_NAMES, scenarioOf } from './loads.js';
import type { LoadName, Mutant } from './mutant.js';
import { startClean, startMutant } from './start.js';

export type LoadPlayers = Readonly<Record<LoadName, LoadPlayer>>;

/** Makes the corpora and the plans of all loads. */
export async function openLoads(dir: string, cacheDir: string): Promise<LoadPlayers> {
  const players = await Promise.all(LOAD_NAMES.map(async (load) => [load, await open(load, dir, cacheDir)]));
  return Object.fromEntries(players);
}

async function open(load: LoadName, dir: string, cacheDir: string): Promise<LoadPlayer> {
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
  return new LoadPlayer(load, scenario.deadlineMs, prepared, await openWorkload(prepared.workloadFile));
}

/** Plays one load against one relay after another, each a fresh process. */
export class LoadPlayer {
  constructor(
    private readonly load: LoadName,
    private readonly deadlineMs: number,
    private readonly prepared: Prepared,
    private readonly opened: OpenedWorkload,
  ) {}

  /** @param dir scratch folder of this play alone; exists */
  async clean(relay: Mutant['relay'], dir: string): Promise<readonly CheckResult[]> {
    return this.#judge(await startClean(relay, this.#start(dir)));
  }

  async mutant(mutant: Mutant, dir: string): Promise<readonly CheckResult[]> {
    return this.#judge(await startMutant(mutant, this.#start(dir)));
  }

  #start(dir: string) {
    return { dir, settings: { access: accessOf(this.load) }, preloadFile: this.prepared.corpus.file };
  }

  async #judge({ target, stop }: RunningRelay): Promise<readonly CheckResult[]> {
    const { workload, createReader, createJudge, publishBase, signAuth } = this.opened;
    const order: RoundOrder = {
      relay: 'self-test',
      url: target.url,
      judged: true,
      writable: true,
      access: accessOf(this.load),
      // The reference relays are started without members.
      admins: [],
      supportedNips: supportedNips(target.nip11),
      deadlineMs: this.deadlineMs,
      holdingsKnown: true,
      shared: false,
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
      await stop();
    }
  }
}

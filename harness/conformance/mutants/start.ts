import { resolveRelay } from '../../../relays/catalog.js';
import { type AccessMode, type RelayTarget, relaySettings } from '../../../relays/relay.js';
import { startMessageProxy, type Tamper } from '../../proxy/index.js';
import type { Mutant } from './mutant.js';

const READY_WITHIN_MS = 30_000;

/** What a mutant, or the clean relay that it is made of, is started with. */
export interface MutantStart {
  /** Scratch folder of this start alone; exists. */
  readonly dir: string;
  readonly access: AccessMode;
  readonly preloadFile?: string | undefined;
}

/** A relay that listens, in a process of its own. */
export interface RunningMutant {
  /** Where clients connect. */
  readonly url: string;
  readonly nip11: RelayTarget['nip11'];
  /** Ends proxy and process. */
  stop(): Promise<void>;
}

/**
 * Starts a mutant on loopback.
 * @throws {RelayNotReadyError} when its relay doesn't start
 */
export function startMutant(mutant: Mutant, options: MutantStart): Promise<RunningMutant> {
  return start(mutant.relay, mutant, options);
}

/** Starts the same relay with nothing broken. It stands behind the same proxy. */
export function startClean(relay: Mutant['relay'], options: MutantStart): Promise<RunningMutant> {
  return start(relay, undefined, options);
}

async function start(
  name: Mutant['relay'],
  mutant: Mutant | undefined,
  { dir, access, preloadFile }: MutantStart,
): Promise<RunningMutant> {
  const how = mutant?.how;
  const relay = resolveRelay(name, { allowRemote: false, cwd: dir });
  const deviations = how?.kind === 'deviation' ? how.deviations : [];
  const settings = relaySettings({ access, deviations });
  const running = await relay.start({ dir, settings, preloadFile, readyWithinMs: READY_WITHIN_MS });
  const tamperOf = how?.kind === 'tamper' ? how.mutation() : undefined;
  const proxy = await startMessageProxy({
    upstream: running.target.url,
    tamperOf: () => tamperOf?.() ?? UNTOUCHED,
  });
  return {
    url: proxy.url,
    nip11: running.target.nip11,
    async stop() {
      await proxy.close();
      await running.stop();
    },
  };
}

const UNTOUCHED: Tamper = {
  fromClient: (message, way) => way.toRelay(message),
  fromRelay: (message, way) => way.toClient(message),
};

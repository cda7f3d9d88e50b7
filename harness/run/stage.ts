import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type RelaySettings, relaySettings } from '../../relays/relay.js';
import { concreteMembers } from '../scenario/reference-settings.js';
import { LoadedData } from './loaded-data.js';
import { type Prepared, prepare } from './prepare.js';
import type { RunOptions } from './run-options.js';
import { openTraces, type RunTrace } from './traces.js';

/** All that rounds are played with and that the keys of the corpus are in. */
export interface Stage {
  readonly prepared: Prepared;
  readonly settings: RelaySettings;
  /** By relay, in the order of the run. */
  readonly loadedData: readonly LoadedData[];
  readonly trace: RunTrace | undefined;
  /** Removes what it wrote. */
  clear(): Promise<void>;
}

/**
 * Prepares the rounds from this one on, in a folder of its own below `scratch`.
 * @throws {InputError} for a bad corpus file
 */
export async function setStage(options: RunOptions, scratch: string, round: number): Promise<Stage> {
  const { scenario, relays, keyNonce, traceDir } = options;
  const dir = join(scratch, `from-round-${round}`);
  await mkdir(dir, { recursive: true });
  const prepared = await prepare({
    ...options,
    keyNonce: keyNonce === undefined ? undefined : nonceFrom(keyNonce, round),
    dir,
    onProgress: options.watch.onPreparing,
  });
  const { relay, file } = scenario;
  const members = concreteMembers(relay.members, prepared.corpus, prepared.plan.identities, file);
  const corpusName = round === 1 ? undefined : `corpus-round-${round}.jsonl`;
  return {
    prepared,
    settings: relaySettings({ ...relay, members }),
    loadedData: relays.map((_, index) => new LoadedData(join(dir, `loaded-${index}`))),
    trace: traceDir === undefined ? undefined : await openTraces(traceDir, prepared.corpus.file, corpusName),
    clear: () => rm(dir, { recursive: true, force: true }),
  };
}

/**
 * An attached relay keeps what a round published: with the same keys the next one would ask it another question. A round that
 * publishes nothing leaves it as it was.
 */
export function isSetAnew({ keyNonce }: RunOptions, { prepared }: Stage): boolean {
  return keyNonce !== undefined && prepared.plan.publishes.length > 0;
}

/** The first round has the nonce that results name; later ones that need keys of their own derive theirs from it. */
function nonceFrom(nonce: string, round: number): string {
  return round === 1 ? nonce : `${nonce}-${round}`;
}

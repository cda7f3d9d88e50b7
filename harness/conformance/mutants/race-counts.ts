/** How often probes that depend on how messages cross find what they are there to find, and how often they accuse the clean. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Relay, relaySettings } from '../../../relays/relay.js';
import { MUTANTS } from './catalogue.js';
import { playProbes } from './probe-player.js';
import type { StageName } from './stages.js';
import { bareRelay } from './start.js';

const READY_WITHIN_MS = 30_000;
/** A process serves so many runs; what they publish stays in it: some 15 MB of `race/during-answer`. */
const RUNS_A_PROCESS = 20;

/** A relay and the probe that it is held against, many times. */
export interface Race {
  /** `D7`, `clean batched`. */
  readonly name: string;
  readonly check: string;
  readonly stage: StageName;
  readonly isMutant: boolean;
  readonly relay: () => Relay;
}

export interface RaceCount {
  readonly name: string;
  readonly check: string;
  readonly runs: number;
  /** Runs in which the check failed. */
  readonly failed: number;
  /** Runs in which the question could not be put. */
  readonly notTested: number;
}

/** The deviations that only a crossing of messages shows, each with its probe, and the clean relays with the same probes. */
export function races(): {
  readonly mutants: readonly Race[];
  readonly clean: readonly Race[];
} {
  const probes = [
    ['D2', 'nip01/req/refused/bad-filter-last'],
    ['D7', 'race/hand-over'],
    ['D7', 'race/during-answer'],
  ] as const;
  const mutants = probes.flatMap(([id, check]) =>
    MUTANTS.filter((mutant) => mutant.id === id).map((mutant) => ({
      name: id,
      check,
      stage: mutant.stage,
      isMutant: true,
      relay: () => bareRelay(mutant),
    })),
  );
  const clean = (['streaming', 'batched'] as const).flatMap((relay) =>
    probes.map(([, check]) => ({
      name: `clean ${relay}`,
      check,
      stage: 'open' as const,
      isMutant: false,
      relay: () => bareRelay({ relay, stage: 'open' }),
    })),
  );
  return { mutants, clean };
}

/**
 * Plays one race so many times.
 *
 * @param lanes relay processes that are raced at the same time, each by one run after another
 */
export async function countRace(
  race: Race,
  runs: number,
  lanes: number,
  signal: AbortSignal,
): Promise<RaceCount> {
  let [begun, played, failed, notTested] = [0, 0, 0, 0];
  const isOver = () => begun >= runs || signal.aborted;
  const playOn = async (relay: Relay): Promise<void> => {
    for (let turn = 0; turn < RUNS_A_PROCESS && !isOver(); turn++) {
      begun += 1;
      const [result] = await playProbes({ ...race, relay, checks: [race.check], signal });
      if (result === undefined || signal.aborted) return;
      played += 1;
      failed += result.result === 'failed' ? 1 : 0;
      notTested += result.result === 'not-tested' ? 1 : 0;
    }
  };
  const lane = async (): Promise<void> => {
    while (!isOver()) await withRunning(race.relay(), playOn);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return { name: race.name, check: race.check, runs: played, failed, notTested };
}

/** Keeps one process for several plays: each of them starts and stops a view of it. */
async function withRunning(relay: Relay, use: (kept: Relay) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'reqbench-races-'));
  const running = await relay.start({ dir, settings: relaySettings(), readyWithinMs: READY_WITHIN_MS });
  try {
    await use({ ...relay, start: async () => ({ ...running, stop: async () => {} }) });
  } finally {
    await running.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

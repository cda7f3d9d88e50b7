import { setTimeout as sleep } from 'node:timers/promises';
import { diskProblem } from '../../relays/catalog.js';
import { RelayNotReadyError, type RunningRelay } from '../../relays/relay.js';
import type { LoadReport } from '../load/protocol.js';
import { CopyError } from './loaded-data.js';
import type { RelayRoundOptions } from './relay-round.js';

/** How long a relay may take until a WebSocket upgrade on it succeeds (contracts.md, exit code 3). */
const READY_WITHIN_MS = 30_000;

/** EVENTs in flight while a relay is loaded: enough to keep it busy, few enough for any relay's queue. */
const LOAD_IN_FLIGHT = 64;

const EXIT_TOLD_WITHIN_MS = 200;

/** A relay that isn't ours and refuses so many in a row, from the first on, is not asked any further. */
const REFUSALS_TO_GIVE_UP = 200;

/** Starts a fresh process of the relay on its scratch folder. */
export function startRelay(
  { relay, settings, preload, prepared, dir }: RelayRoundOptions,
  holdsEvents = false,
): Promise<RunningRelay> {
  return relay.start({
    dir,
    settings,
    preloadFile: preload ? prepared.corpus.file : undefined,
    cannedFile: relay.floor ? prepared.cannedFile : undefined,
    readyWithinMs: READY_WITHIN_MS,
    holdsEvents,
  });
}

/** Starts on a copy of the loaded folder; the first time, a relay is loaded and ended to make it. */
export async function startLoaded(options: RelayRoundOptions): Promise<RunningRelay> {
  const { loadedData, dir, preload } = options;
  if (!preload) return startRelay(options);
  if (loadedData.report) {
    await asNotReady(options, loadedData.restore(dir));
    return startRelay(options, true);
  }
  const first = await startRelay(options);
  let report: LoadReport | undefined;
  try {
    report = await guardedLoad(first, options);
  } finally {
    await first.stop();
  }
  await asNotReady(options, loadedData.keep(dir, report ?? NOTHING_REFUSED));
  return startRelay(options, true);
}

/** A folder that can't be copied ends the part of its relay alone. */
async function asNotReady({ relay }: RelayRoundOptions, copied: Promise<void>): Promise<void> {
  try {
    await copied;
  } catch (error) {
    if (error instanceof CopyError) throw new RelayNotReadyError(relay.name, error.message, []);
    throw error;
  }
}

/** What a relay that was loaded by its own import is taken to hold. */
const NOTHING_REFUSED: LoadReport = { accepted: 0, refused: [], stopped: undefined, durationMs: 0 };

/** @throws {RelayNotReadyError} when the relay ends meanwhile */
async function guardedLoad(
  running: RunningRelay,
  options: RelayRoundOptions,
): Promise<LoadReport | undefined> {
  const during = { isOver: false };
  void running.exited.then(() => {
    if (!during.isOver) options.worker.abort(options.relay.name);
  });
  try {
    return await loadIfNeeded(running, options);
  } finally {
    during.isOver = true;
  }
}

/** Whether the process has ended, or is seen to in a moment: that it has is told after its connections are cut. */
function endsNow({ exited }: RunningRelay): Promise<boolean> {
  return Promise.race([exited.then(() => true), sleep(EXIT_TOLD_WITHIN_MS, false)]);
}

/**
 * Publishes the corpus to a relay that doesn't hold it yet; undefined where nothing had to be published.
 * @throws {RelayNotReadyError} when its process ends meanwhile, its disk is full, or an attached relay takes nothing in: then
 *   there is nothing of the run to ask it for
 */
export async function loadIfNeeded(
  running: RunningRelay,
  { relay, prepared, worker, preload, deadlineMs, loadedData, dir }: RelayRoundOptions,
): Promise<LoadReport | undefined> {
  if (loadedData.report) return loadedData.report;
  if (relay.floor || !relay.writable || (preload && running.preloaded)) return undefined;
  const isAttached = relay.kind === 'attached';
  const report = await worker.loadCorpus({
    relay: relay.name,
    url: running.target.url,
    inFlight: LOAD_IN_FLIGHT,
    silenceMs: Math.max(deadlineMs, 10_000),
    refusalsToGiveUp: isAttached ? REFUSALS_TO_GIVE_UP : undefined,
    secretKey: relay.declared?.allowedKeys?.[0] ?? prepared.corpus.identitySecretKey(0),
    authUrl: running.authUrl,
  });
  if (!isAttached) {
    const problem = await loadingProblem(running, report, dir);
    if (problem === undefined) return report;
    throw new RelayNotReadyError(relay.name, problem, running.logTail());
  }
  const { accepted, stopped } = report;
  if (accepted === 0 && (stopped === undefined || stopped === 'refused' || stopped === 'disconnected')) {
    throw notTakingAnything(relay.name, report);
  }
  loadedData.stays(report);
  return report;
}

/** What kept a relay from taking the corpus that isn't an answer of its own: its end, or a full disk. */
async function loadingProblem(
  running: RunningRelay,
  { stopped, refused: [first] }: LoadReport,
  dir: string,
): Promise<string | undefined> {
  if (stopped === undefined && first === undefined) return undefined;
  const disk = await diskProblem(dir);
  const hasEnded = stopped !== undefined && (await endsNow(running));
  if (!hasEnded && disk === undefined) return undefined;
  const refused = first && `it refused events with ${JSON.stringify(first.reason)}`;
  const ended = hasEnded ? 'its process ended while it was loaded' : undefined;
  return [ended ?? refused ?? 'it stopped answering while it was loaded', disk].filter(Boolean).join('; ');
}

function notTakingAnything(name: string, { refused }: LoadReport): RelayNotReadyError {
  const reason = JSON.stringify(refused[0]?.reason ?? '');
  return new RelayNotReadyError(
    name,
    `it took none of the ${refused.length} events of the corpus, the first with ${reason}; ` +
      'let it admit keys that it doesn’t know, give it one that it does as auth.keys in reqbench.config.yaml, ' +
      'sign for today with --epoch today where it wants new events, or leave --load out to read what it holds',
    [],
  );
}

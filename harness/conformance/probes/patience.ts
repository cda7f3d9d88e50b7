/** When what has not come may be called missing: a relay that is slow just now, as on a busy machine, gets the time it needs. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scene } from './scene.js';
import { patienceMs, type Subject } from './subject.js';

/** No relay is waited for any longer. */
const LONGEST_PATIENCE_MS = 60_000;

/** What patience depends on. */
type Answering = Pick<Subject, 'roundTripMs' | 'leastPatienceMs' | 'pulse'>;

/**
 * Resolves when an answer is missing: the patience is spent, and is no less than 100 round trips as they are by then, up
 * to 60 s. The milliseconds that were waited.
 *
 * @throws {Error} an `AbortError` when `over` is aborted before
 */
export async function patienceSpent(subject: Answering, over?: AbortSignal): Promise<number> {
  const options = over ? { signal: over } : {};
  let waitedMs = patienceMs(subject);
  await sleep(waitedMs, undefined, options);
  for (;;) {
    const neededMs = await patienceNowMs(subject);
    over?.throwIfAborted();
    if (neededMs <= waitedMs) return waitedMs;
    await sleep(neededMs - waitedMs, undefined, options);
    waitedMs = neededMs;
  }
}

/** Does something that may be given up when the relay's answer is missing. */
export async function withPatience<Result>(
  subject: Subject,
  act: (missing: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const [missing, over] = [new AbortController(), new AbortController()];
  patienceSpent(subject, over.signal).then(
    (waitedMs) => missing.abort(new Error(`no answer within ${waitedMs} ms`)),
    () => undefined,
  );
  try {
    return await act(missing.signal);
  } finally {
    over.abort();
  }
}

/** Waits until nothing is left to come, or what is left has not become less for as long as an answer is waited for. */
export async function untilNothingComes(scene: Scene, left: () => number): Promise<void> {
  for (let least = left(); least > 0; least = left()) {
    const over = new AbortController();
    const spent = patienceSpent(scene.subject, over.signal).then(
      () => true,
      () => false,
    );
    while (left() >= least) {
      const isSpent = await Promise.race([spent, scene.settle().then(() => false)]);
      if (isSpent && left() >= least) return;
    }
    over.abort();
  }
}

/** 0 where the relay answers nobody, and waiting any longer is of no use. */
async function patienceNowMs(subject: Answering): Promise<number> {
  const roundTripMs = await subject.pulse.take(patienceMs(subject));
  return roundTripMs === undefined ? 0 : Math.round(Math.min(LONGEST_PATIENCE_MS, 100 * roundTripMs));
}

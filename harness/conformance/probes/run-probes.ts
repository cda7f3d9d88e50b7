import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckResult, ExcerptLine } from '../../results.js';
import { Broken, NEEDS, type Need, NotArranged, type Probe } from './probe.js';
import { Scene } from './scene.js';
import type { Subject } from './subject.js';

/** The note of a probe that was being played when the relay's process ended, or the user stopped the run. */
export const ENDED_DURING = 'the run ended during it';

/** The note of a probe that was not begun when that happened. */
export const NOT_BEGUN = 'the run ended before';

/** The end of a process is known a little later than that of its connections. */
const AFTERMATH_MS = 100;

/** No probe takes longer unless the relay is out of its mind. */
const LONGEST_PROBE_MS = 120_000;

export interface ProbeRun {
  readonly subject: Subject;
  readonly probes: readonly Probe[];
  /** Probes that are played at the same time. */
  readonly parallel: number;
  /** Ends the run: probes that have not begun are not tested. */
  readonly signal: AbortSignal;
  /** Resolves when the relay's process is known to have ended, so that `signal` says so, or to live after so many ms. */
  readonly toldOrAlive: (withinMs: number) => Promise<void>;
  /** In the order in which they end. */
  readonly onResult: (result: CheckResult) => void;
}

/**
 * Plays probes, each on connections of its own; those that put load on the relay at the end, one by one. Those that wait
 * for the clock go on beside all of them.
 */
export async function runProbes(run: ProbeRun): Promise<readonly CheckResult[]> {
  const results = new Map<string, CheckResult>();
  const play = async (probe: Probe): Promise<void> => {
    const result = await outcomeOf(probe, run);
    results.set(probe.id, result);
    run.onResult(result);
  };
  const waiting = Promise.all(run.probes.filter(({ waits }) => waits).map(play));
  const queue = run.probes.filter(({ alone, waits }) => !alone && !waits);
  const lane = async (): Promise<void> => {
    for (let probe = queue.shift(); probe; probe = queue.shift()) await play(probe);
  };
  await Promise.all(Array.from({ length: run.parallel }, lane));
  for (const probe of run.probes.filter(({ alone }) => alone)) await play(probe);
  await waiting;
  return run.probes.flatMap(({ id }) => results.get(id) ?? []);
}

async function outcomeOf(probe: Probe, run: ProbeRun): Promise<CheckResult> {
  const { subject, signal } = run;
  if (probe.claim !== undefined && !subject.claims.has(probe.claim)) {
    return result(probe, 'not-supported', { note: `NIP-${probe.claim} is not claimed` });
  }
  const missing = probe.needs.filter((need) => !isMet(need, subject));
  if (missing.length > 0) {
    return result(probe, 'not-tested', {
      note: `needs ${missing.map((need) => NEEDS[need]).join(', and ')}`,
    });
  }
  if (signal.aborted) return result(probe, 'not-tested', { note: NOT_BEGUN });
  return playScene(probe, run);
}

async function playScene(probe: Probe, { subject, signal, toldOrAlive }: ProbeRun): Promise<CheckResult> {
  const scene = new Scene(subject);
  const over = new AbortController();
  const tooLong = sleep(LONGEST_PROBE_MS, undefined, { signal: over.signal, ref: false }).then(() => {
    throw new NotArranged(`it took more than ${LONGEST_PROBE_MS / 1000} s`);
  });
  tooLong.catch(() => undefined);
  try {
    const shown = await Promise.race([probe.run(scene), tooLong]);
    return passed(probe, typeof shown === 'string' ? shown : undefined, scene.record.excerpt());
  } catch (error) {
    if (!signal.aborted) await toldOrAlive(AFTERMATH_MS);
    // What a relay does while its process ends, or the user stops the run, says nothing about the requirement.
    if (signal.aborted) return result(probe, 'not-tested', { note: ENDED_DURING });
    if (error instanceof NotArranged) return result(probe, 'not-tested', { note: error.message });
    if (error instanceof Broken) return failed(probe, error.message, scene.record.excerpt(error.about));
    throw error;
  } finally {
    over.abort();
    await scene.end();
  }
}

function passed(probe: Probe, shown: string | undefined, excerpt: ExcerptLine[]): CheckResult {
  const note = shown === undefined ? {} : { note: shown };
  if (probe.level !== 'INFO') return result(probe, 'passed', { ...note, seen: 1 });
  const evidence = shown === undefined ? {} : { failedCases: 1, failures: [{ message: shown, excerpt }] };
  return result(probe, 'observed', { ...note, seen: 1, ...evidence });
}

/** A rule of level INFO can't be broken: what it couldn't show is what it observed. */
function failed(probe: Probe, message: string, excerpt: ExcerptLine[]): CheckResult {
  const outcome = probe.level === 'INFO' ? 'observed' : 'failed';
  return result(probe, outcome, { seen: 1, failedCases: 1, failures: [{ message, excerpt }] });
}

function result(
  { id, level, title, requirement, reference }: Probe,
  outcome: CheckResult['result'],
  counts: Partial<Pick<CheckResult, 'seen' | 'failedCases' | 'failures' | 'note'>>,
): CheckResult {
  const none = { seen: 0, setAside: 0, failedCases: 0, failures: [] };
  return { id, level, title, requirement, reference, result: outcome, ...none, ...counts };
}

function isMet(need: Need, subject: Subject): boolean {
  const { writable, access, allowedKeys } = subject;
  switch (need) {
    case 'writing':
      return writable;
    case 'second-key':
      return allowedKeys.length !== 1;
    case 'auth-required':
      return access === 'auth-required' || access === 'managed';
    case 'open':
      return access === 'open';
    case 'allowlist':
      return access === 'managed' && allowedKeys.length > 0;
    case 'private':
      return subject.keepsPrivate;
    case 'served-kinds':
      return subject.servedKinds.length > 0;
    case 'failing-kind':
      return subject.failingKind !== undefined;
    case 'held-bytes':
      return subject.heldBytes !== undefined;
  }
}

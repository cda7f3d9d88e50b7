/**
 * Where signatures are verified: on the relay's own thread, or on threads beside it. Strategies and policy know
 * {@link Verifier} alone.
 */
import { availableParallelism } from 'node:os';
import type { MaybePromise } from '../hooks/maybe-promise.js';
import type { NostrEvent } from '../protocol/event.js';
import { forgery } from '../protocol/signature.js';
import type { RelaySettings, VerifyThreads } from '../relay.js';
import { VerificationThreads } from './threads.js';

/** Tells whether events are authentic. */
export interface Verifier {
  /** Threads beside the relay's own. 0: a verdict is there at once, and nothing else goes on meanwhile. */
  readonly threads: number;
  /**
   * Why `event` isn't authentic, with its prefix (as the text of an OK), or undefined if it is. Verdicts come in the order
   * in which they were asked for, over all connections.
   */
  forgery(event: NostrEvent): MaybePromise<string | undefined>;
  /** As {@link forgery}, for an AUTH event, which is looked at even where EVENTs are taken as they come. */
  forgeryOfAuth(event: NostrEvent): MaybePromise<string | undefined>;
  /** Ends the threads and waits for them; who still waits for a verdict is refused by `error:`. */
  close(): Promise<void>;
}

/** @param failed told, for the operator, when a thread ends that shouldn't. */
export function openVerifier(
  { verifySignatures, verifyThreads }: Pick<RelaySettings, 'verifySignatures' | 'verifyThreads'>,
  failed: (reason: string) => void,
): Verifier {
  if (!verifySignatures) return { ...onThisThread, forgery: () => undefined };
  const threads = threadCount(verifyThreads, availableParallelism());
  return threads === 0 ? onThisThread : new VerificationThreads(threads, failed);
}

const onThisThread: Verifier = {
  threads: 0,
  forgery,
  forgeryOfAuth: forgery,
  close: async () => undefined,
};

/** Most threads that `auto` takes: what they verify, one relay thread can still read, store and answer. */
const MOST_THREADS = 4;

/** `auto` leaves a core to the relay's own thread (docs/performance.md). */
export function threadCount(wanted: VerifyThreads, cores: number): number {
  return wanted === 'auto' ? Math.min(MOST_THREADS, cores - 1) : wanted;
}

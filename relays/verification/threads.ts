import { join } from 'node:path';
import type { MaybePromise } from '../hooks/maybe-promise.js';
import { PACKAGE_ROOT } from '../process/package-root.js';
import type { NostrEvent } from '../protocol/event.js';
import { forgedSignature, hasOwnId, isSignedByAuthor, WRONG_ID } from '../protocol/signature.js';
import { ThreadHandle } from './thread-handle.js';
import type { Verifier } from './verifier.js';

/** Events of a message to a thread: a message costs the relay's thread a tenth of a verification. */
const MOST_A_BATCH = 8;

/** With more than this waiting, whoever comes has one verified on the relay's thread first, and thus reads on later. */
const MOST_WAITING = 1_024;

/** A thread that failed is replaced, but not in a loop. */
const REPLACE_AFTER_MS = 1_000;

/** An event that waits for its verdict. */
interface Job {
  readonly event: NostrEvent;
  readonly settle: (refusal: string | undefined) => void;
  isDecided: boolean;
  refusal: string | undefined;
}

/**
 * Verification on threads beside the relay's own. They are started with the first event. While they have all that they can
 * hold, the relay's thread verifies too, one event in each pass of the event loop, so that sockets are served in between;
 * so it does while they start, and when they have failed.
 */
export class VerificationThreads implements Verifier {
  readonly threads: number;
  readonly #failed: (reason: string) => void;
  readonly #file: string;
  #running: ThreadHandle<Job>[] = [];
  /** All without a verdict, and those with one that others come before. */
  readonly #inOrder: Job[] = [];
  /** Those that no thread was given yet. */
  readonly #waiting: Job[] = [];
  #isHandOutScheduled = false;
  #isHelpScheduled = false;
  #isClosed = false;
  #startAgainMs = 0;

  /**
   * @param failed told why a thread ended.
   * @param file the compiled entry of a thread.
   */
  constructor(
    threads: number,
    failed: (reason: string) => void,
    file = join(PACKAGE_ROOT, 'dist', 'relays', 'verification', 'thread.js'),
  ) {
    this.threads = threads;
    this.#failed = failed;
    this.#file = file;
  }

  forgery(event: NostrEvent): MaybePromise<string | undefined> {
    if (this.#isClosed) return SHUTTING_DOWN;
    this.#startThreads();
    return new Promise((settle) => {
      const job: Job = { event, settle, isDecided: false, refusal: undefined };
      this.#inOrder.push(job);
      if (hasOwnId(event)) this.#wait(job);
      else this.#decide(job, WRONG_ID);
    });
  }

  forgeryOfAuth(event: NostrEvent): MaybePromise<string | undefined> {
    return this.forgery(event);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#waiting.length = 0;
    this.#decideAll(
      this.#inOrder.filter(({ isDecided }) => !isDecided),
      () => SHUTTING_DOWN,
    );
    await Promise.all(this.#running.map((thread) => thread.close()));
  }

  #wait(job: Job): void {
    this.#waiting.push(job);
    if (this.#waiting.length > MOST_WAITING) this.#verifyHere();
    if (this.#isHandOutScheduled) return;
    // At the end of what the loop does now: what was read at once goes out at once.
    this.#isHandOutScheduled = true;
    queueMicrotask(() => {
      this.#isHandOutScheduled = false;
      this.#handOut();
    });
  }

  #handOut(): void {
    for (let thread = this.#idlest(); thread !== undefined; thread = this.#idlest()) {
      if (this.#waiting.length === 0) return;
      const share = Math.ceil(this.#waiting.length / this.threads);
      thread.verify(this.#waiting.splice(0, Math.min(share, MOST_A_BATCH)));
    }
    if (this.#waiting.length > 0) this.#scheduleHelp();
  }

  #idlest(): ThreadHandle<Job> | undefined {
    let idlest: ThreadHandle<Job> | undefined;
    for (const thread of this.#running) {
      if (thread.hasRoom && (idlest === undefined || thread.batches < idlest.batches)) idlest = thread;
    }
    return idlest;
  }

  #scheduleHelp(): void {
    if (this.#isHelpScheduled) return;
    this.#isHelpScheduled = true;
    setImmediate(() => {
      this.#isHelpScheduled = false;
      this.#verifyHere();
      this.#handOut();
    });
  }

  #verifyHere(): void {
    const job = this.#waiting.shift();
    if (job !== undefined) this.#decide(job, forgedSignature(isSignedByAuthor(job.event)));
  }

  #decide(job: Job, refusal: string | undefined): void {
    this.#decideAll([job], () => refusal);
  }

  /** Then gives out the verdicts that none is before. */
  #decideAll(jobs: readonly Job[], refusalOf: (index: number) => string | undefined): void {
    for (const [index, job] of jobs.entries()) {
      job.isDecided = true;
      job.refusal = refusalOf(index);
    }
    while (this.#inOrder[0]?.isDecided) {
      const job = this.#inOrder.shift();
      job?.settle(job.refusal);
    }
  }

  #startThreads(): void {
    if (this.#running.length === this.threads || performance.now() < this.#startAgainMs) return;
    while (this.#running.length < this.threads) this.#running.push(this.#startThread());
  }

  #startThread(): ThreadHandle<Job> {
    const thread: ThreadHandle<Job> = new ThreadHandle<Job>(this.#file, {
      ready: () => this.#handOut(),
      verified: (jobs, verdicts) => {
        this.#decideAll(jobs, (index) => forgedSignature(verdicts[index] === 1));
        this.#handOut();
      },
      failed: (jobs, reason) => {
        this.#running = this.#running.filter((other) => other !== thread);
        this.#startAgainMs = performance.now() + REPLACE_AFTER_MS;
        this.#failed(reason);
        this.#decideAll(jobs, () => NOT_VERIFIED);
        this.#handOut();
      },
    });
    return thread;
  }
}

const NOT_VERIFIED = 'error: the signature could not be verified; send the event again';
const SHUTTING_DOWN = 'error: relay is shutting down';

import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { InputError } from '../errors.js';
import { PACKAGE_ROOT } from '../package.js';
import type {
  LoadOrder,
  LoadReport,
  RoundOrder,
  RoundProgress,
  RoundReport,
  WorkerMessage,
  WorkerOrder,
} from './protocol.js';
import { WorkerDeathError, WorkerError } from './worker-error.js';

/** A load worker's process, seen from the run. */
export interface LoadWorker {
  readonly pid: number;
  /** Gives it the workload; to be called first. */
  open(workloadFile: string): Promise<void>;
  loadCorpus(order: LoadOrder): Promise<LoadReport>;
  /** Plays a round against a relay; several at once, of different relays, where they take turns. */
  round(order: RoundOrder, watch: RoundWatch): Promise<RoundReport>;
  /** Ends the running round of this relay early; its promise then resolves with what there is. */
  abort(relay: string): void;
  stop(): Promise<void>;
}

/** Who follows a round while it runs. */
export interface RoundWatch {
  onProgress(progress: RoundProgress): void;
  /** The measured window opens or closes; a round that takes turns does not say so. */
  onWindow(open: boolean): void;
  /** A round that takes turns waits for one, and goes on when it may begin. */
  onTurn?(turn: number, begin: () => void): void;
  /** Its turn is over. */
  onPass?(): void;
}

/** A worker that shares its rounds with others, which it reaches by way of whoever started it. */
export interface SharingWorker extends LoadWorker {
  /** What it says to the others of a round. */
  onPeerMessage: ((message: PeerMessage) => void) | undefined;
  /** Hands on what another one said. */
  hand(message: PeerOrder): void;
}

export type PeerMessage = Extract<WorkerMessage, { type: 'meet' | 'news' }>;
export type PeerOrder = Extract<WorkerOrder, { type: 'met' | 'news' }>;

/** A worker that doesn't end when it is told to is killed after this time. */
const ENDS_WITHIN_MS = 2_000;

/** Node flags of the worker's process, recorded in results. */
export const WORKER_FLAGS: readonly string[] = [];

type Done = Exclude<Extract<WorkerMessage, { type: `${string}-done` }>, { type: 'round-done' }>;

/**
 * Starts a load worker; resolves once it takes orders.
 * @param name in errors
 */
export async function startLoadWorker(name = 'the load worker'): Promise<SharingWorker> {
  const child = fork(join(PACKAGE_ROOT, 'dist/harness/load/worker.js'), [], { execArgv: [...WORKER_FLAGS] });
  const mailbox = new Mailbox(child, name);
  // What can't be given any more is answered by the end of the process, which the mailbox hears of.
  const give = (order: WorkerOrder): void => {
    if (child.connected) child.send(order, () => {});
  };
  await mailbox.next('ready');
  const ask = async <Type extends Done['type']>(
    order: WorkerOrder,
    type: Type,
  ): Promise<Extract<Done, { type: Type }>> => {
    const answer = mailbox.next(type);
    give(order);
    return answer;
  };
  return {
    pid: child.pid ?? 0,
    get onPeerMessage() {
      return mailbox.onPeerMessage;
    },
    set onPeerMessage(listener) {
      mailbox.onPeerMessage = listener;
    },
    hand(message) {
      give(message);
    },
    async open(file) {
      await ask({ type: 'workload', file }, 'workload-done');
    },
    async loadCorpus(order) {
      return (await ask({ type: 'load-corpus', order }, 'load-corpus-done')).report;
    },
    async round(order, watch) {
      const report = mailbox.roundOf(order.relay, watch, () => give({ type: 'turn', relay: order.relay }));
      give({ type: 'round', order });
      return report;
    },
    abort(relay) {
      give({ type: 'abort', relay });
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      if (child.connected) child.disconnect();
      const killing = setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN_MS);
      await exited;
      clearTimeout(killing);
    },
  };
}

/** A round that is being played. */
interface PlayedRound {
  readonly watch: RoundWatch;
  /** Begins the turn that it waits for. */
  readonly begin: () => void;
  readonly resolve: (report: RoundReport) => void;
  readonly reject: (error: Error) => void;
}

/** Hands what a worker says to who waits for it: one who waits for the next message, and the rounds. */
class Mailbox {
  onPeerMessage: ((message: PeerMessage) => void) | undefined;
  readonly #rounds = new Map<string, PlayedRound>();
  /** Why nothing comes any more. */
  #ended: WorkerDeathError | undefined;
  #waiting:
    | { type: string; resolve: (message: WorkerMessage) => void; reject: (error: Error) => void }
    | undefined;

  constructor(child: ChildProcess, name: string) {
    child.on('message', (message: WorkerMessage) => this.#got(message));
    child.once('exit', (code, signal) => {
      const how = signal ?? `exit code ${code}`;
      this.#ended = new WorkerDeathError(
        `${name} (process ${child.pid}) ended early (${how}): what it measured is lost, so the run can't go on`,
      );
      this.#rejectAll(this.#ended);
    });
    child.on('error', (error) => this.#rejectAll(error));
  }

  #got(message: WorkerMessage): void {
    switch (message.type) {
      case 'meet':
      case 'news':
        this.onPeerMessage?.(message);
        break;
      case 'progress':
      case 'window':
      case 'turn':
      case 'pass':
      case 'round-done':
        this.#gotOfRound(message);
        break;
      case 'failed':
        this.#gotFailure(message);
        break;
      default:
        if (message.type === this.#waiting?.type) this.#waiting.resolve(message);
    }
  }

  #gotOfRound(message: Exclude<Extract<WorkerMessage, { relay: string }>, { type: 'failed' }>): void {
    const round = this.#rounds.get(message.relay);
    switch (message.type) {
      case 'progress':
        round?.watch.onProgress(message.progress);
        break;
      case 'window':
        round?.watch.onWindow(message.open);
        break;
      case 'turn':
        round?.watch.onTurn?.(message.turn, round.begin);
        break;
      case 'pass':
        round?.watch.onPass?.();
        break;
      case 'round-done':
        this.#rounds.delete(message.relay);
        round?.resolve(message.report);
    }
  }

  #gotFailure({ relay, message, stack, hint }: Extract<WorkerMessage, { type: 'failed' }>): void {
    const error =
      hint === undefined ? new WorkerError(message, { cause: stack }) : new InputError([{ message, hint }]);
    if (relay === undefined) {
      this.#waiting?.reject(error);
      return;
    }
    this.#rounds.get(relay)?.reject(error);
    this.#rounds.delete(relay);
  }

  #rejectAll(error: Error): void {
    this.#waiting?.reject(error);
    for (const round of this.#rounds.values()) round.reject(error);
    this.#rounds.clear();
  }

  next<Type extends WorkerMessage['type']>(type: Type): Promise<Extract<WorkerMessage, { type: Type }>> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#waiting = {
        type,
        resolve: (message) => resolve(message as Extract<WorkerMessage, { type: Type }>),
        reject,
      };
    });
  }

  /** The report of a round that is ordered now. @param begin begins a turn of it */
  roundOf(relay: string, watch: RoundWatch, begin: () => void): Promise<RoundReport> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#rounds.set(relay, { watch, begin, resolve, reject });
    });
  }
}

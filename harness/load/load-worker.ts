import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
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

/** A load worker's process, seen from the run. */
export interface LoadWorker {
  readonly pid: number;
  /** Gives it the workload; to be called first. */
  open(workloadFile: string): Promise<void>;
  loadCorpus(order: LoadOrder): Promise<LoadReport>;
  round(order: RoundOrder, watch: RoundWatch): Promise<RoundReport>;
  /** Ends the running round early; its promise then resolves with what there is. */
  abort(): void;
  stop(): Promise<void>;
}

/** Who follows a round while it runs. */
export interface RoundWatch {
  onProgress(progress: RoundProgress): void;
  /** The measured window opens or closes. */
  onWindow(open: boolean): void;
}

/** The load worker failed: a defect of the harness, or of what it was given; never the relay's doing. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError';
}

/** Node flags of the worker's process, recorded in results. */
export const WORKER_FLAGS: readonly string[] = [];

type Done = Extract<WorkerMessage, { type: `${string}-done` }>;

/** Starts a load worker; resolves once it takes orders. */
export async function startLoadWorker(): Promise<LoadWorker> {
  const child = fork(join(PACKAGE_ROOT, 'dist/harness/load/worker.js'), [], { execArgv: [...WORKER_FLAGS] });
  const mailbox = new Mailbox(child);
  await mailbox.next('ready');
  const ask = async <Type extends Done['type']>(
    order: WorkerOrder,
    type: Type,
  ): Promise<Extract<Done, { type: Type }>> => {
    child.send(order);
    return mailbox.next(type);
  };
  return {
    pid: child.pid ?? 0,
    async open(file) {
      await ask({ type: 'workload', file }, 'workload-done');
    },
    async loadCorpus(order) {
      return (await ask({ type: 'load-corpus', order }, 'load-corpus-done')).report;
    },
    async round(order, watch) {
      mailbox.watch = watch;
      return (await ask({ type: 'round', order }, 'round-done')).report;
    },
    abort() {
      if (child.connected) child.send({ type: 'abort' } satisfies WorkerOrder);
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.disconnect();
      await exited;
    },
  };
}

/** Waits for the one message that is expected next. */
class Mailbox {
  watch: RoundWatch | undefined;
  #waiting:
    | { type: string; resolve: (message: WorkerMessage) => void; reject: (error: Error) => void }
    | undefined;

  constructor(child: ChildProcess) {
    child.on('message', (message: WorkerMessage) => {
      if (message.type === 'progress') this.watch?.onProgress(message.progress);
      else if (message.type === 'window') this.watch?.onWindow(message.open);
      else if (message.type === 'failed')
        this.#waiting?.reject(new WorkerError(message.message, { cause: message.stack }));
      else if (message.type === this.#waiting?.type) this.#waiting.resolve(message);
    });
    child.once('exit', (code, signal) => {
      this.#waiting?.reject(
        new WorkerError(`the load worker ended early (${signal ?? `exit code ${code}`})`),
      );
    });
    child.once('error', (error) => this.#waiting?.reject(error));
  }

  next<Type extends WorkerMessage['type']>(type: Type): Promise<Extract<WorkerMessage, { type: Type }>> {
    return new Promise((resolve, reject) => {
      this.#waiting = {
        type,
        resolve: (message) => resolve(message as Extract<WorkerMessage, { type: Type }>),
        reject,
      };
    });
  }
}

import { nowNs } from '../clock.js';
import { mergeTraces } from '../trace/index.js';
import {
  type LoadWorker,
  type PeerMessage,
  type RoundWatch,
  type SharingWorker,
  startLoadWorker,
} from './load-worker.js';
import { mergeReports, type WorkerPart } from './merge-reports.js';
import type { RoundOrder, RoundProgress, RoundReport } from './protocol.js';

/** Starts as many load workers as are asked for, which then act as one. */
export async function startLoadWorkers(count: number): Promise<LoadWorker> {
  if (count === 1) return startLoadWorker();
  const starting = Array.from({ length: count }, (_, index) =>
    startLoadWorker(`load worker ${index + 1} of ${count}`),
  );
  try {
    return new LoadCrew(await Promise.all(starting));
  } catch (error) {
    const started = (await Promise.allSettled(starting)).filter((one) => one.status === 'fulfilled');
    await Promise.all(started.map(({ value }) => value.stop()));
    throw error;
  }
}

/** Several load workers that play every round together, each its share. */
class LoadCrew implements LoadWorker {
  constructor(private readonly workers: readonly SharingWorker[]) {}

  get pid(): number {
    return this.#first.pid;
  }

  async open(workloadFile: string): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.open(workloadFile)));
  }

  /** One connection loads, so one worker does. */
  loadCorpus(order: Parameters<LoadWorker['loadCorpus']>[0]): ReturnType<LoadWorker['loadCorpus']> {
    return this.#first.loadCorpus(order);
  }

  async round(order: RoundOrder, watch: RoundWatch): Promise<RoundReport> {
    const { trace } = order;
    const startNs = nowNs();
    this.#connect();
    const shared = new SharedWatch(watch, this.workers.length);
    const parts = await Promise.all(
      this.workers.map(async (worker, index): Promise<WorkerPart> => {
        const share = { index, of: this.workers.length };
        const partOfTrace = trace && { ...trace, file: `${trace.file}.worker-${index + 1}`, startNs };
        const report = await worker.round({ ...order, share, trace: partOfTrace }, shared.of(index));
        return { pid: worker.pid, report };
      }),
    );
    const [first, ...others] = parts;
    if (!first) throw new RangeError('no load worker');
    const report = mergeReports([first, ...others], order.strict);
    const traces = parts.flatMap((part) => part.report.trace ?? []);
    return trace ? { ...report, trace: await mergeTraces(traces, trace.file) } : report;
  }

  abort(relay: string): void {
    for (const worker of this.workers) worker.abort(relay);
  }

  async stop(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop()));
  }

  get #first(): SharingWorker {
    const [first] = this.workers;
    if (!first) throw new RangeError('no load worker');
    return first;
  }

  /** What one says in a round that begins now, the others hear. */
  #connect(): void {
    const meetings = new Map<string, number[]>();
    for (const [from, worker] of this.workers.entries()) {
      worker.onPeerMessage = (message) => {
        if (message.type === 'news') this.#pass(from, message);
        else this.#meet(meetings, message);
      };
    }
  }

  #pass(from: number, { news }: Extract<PeerMessage, { type: 'news' }>): void {
    for (const [to, worker] of this.workers.entries()) {
      if (to !== from) worker.hand({ type: 'news', from, news });
    }
  }

  #meet(meetings: Map<string, number[]>, { point, atNs }: Extract<PeerMessage, { type: 'meet' }>): void {
    const stamps = [...(meetings.get(point) ?? []), atNs];
    meetings.set(point, stamps);
    if (stamps.length < this.workers.length) return;
    for (const worker of this.workers) worker.hand({ type: 'met', point, atNs: Math.max(...stamps) });
  }
}

/** Makes one progress of that of several workers, and one window: from the first that opens to the last that closes. */
class SharedWatch {
  readonly #progress = new Map<number, RoundProgress>();
  #opened = 0;
  #closed = 0;

  constructor(
    private readonly watch: RoundWatch,
    private readonly count: number,
  ) {}

  of(index: number): RoundWatch {
    return {
      onProgress: (progress) => this.#took(index, progress),
      onWindow: (open) => this.#turned(open),
    };
  }

  #took(index: number, progress: RoundProgress): void {
    this.#progress.set(index, progress);
    // One of them sets the pace: as many lines as of a single worker.
    if (index !== 0 && this.#progress.has(0)) return;
    const all = [...this.#progress.values()];
    this.watch.onProgress({
      ...progress,
      requests: all.reduce((sum, { requests }) => sum + requests, 0),
      failed: all.reduce((sum, { failed }) => sum + failed, 0),
    });
  }

  #turned(open: boolean): void {
    if (open) this.#opened += 1;
    else this.#closed += 1;
    if (open && this.#opened === 1) this.watch.onWindow(true);
    if (!open && this.#closed === this.count) this.watch.onWindow(false);
  }
}

/** Verification alone, on as many threads as asked for: the yardstick of EVENT ingest. This file is also the thread. */
import { once } from 'node:events';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { PACKAGE_ROOT } from '../harness/package.js';
import type { NostrEvent } from '../relays/protocol/event.js';
import { forgery } from '../relays/protocol/signature.js';

export interface VerificationRate {
  /** Events per second. */
  readonly rate: number;
  /** Time of a core for each event, in milliseconds. */
  readonly cpu: number;
}

interface Share {
  readonly warmUp: readonly string[];
  readonly events: readonly string[];
}

/** Verifies `events`, already parsed, after `warmUp`, the same number of them on each thread. */
export async function verificationRate(
  threads: number,
  warmUp: readonly string[],
  events: readonly string[],
): Promise<VerificationRate> {
  const file = join(PACKAGE_ROOT, 'dist', 'bench', 'verification-loop.js');
  const workers = Array.from({ length: threads }, (_, thread) => {
    const share: Share = { warmUp, events: events.filter((_, i) => i % threads === thread) };
    return new Worker(file, { workerData: share });
  });
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  const done = workers.map((worker) => once(worker, 'message'));
  for (const worker of workers) worker.postMessage('go');
  await Promise.all(done);
  const ms = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(cpuBefore);
  await Promise.all(workers.map((worker) => worker.terminate()));
  return { rate: events.length / (ms / 1_000), cpu: (user + system) / 1_000 / events.length };
}

if (!isMainThread) verifyShare(workerData);

function verifyShare({ warmUp, events }: Share): void {
  const parsed = events.map((line): NostrEvent => JSON.parse(line));
  for (const line of warmUp) forgery(JSON.parse(line));
  parentPort?.on('message', () => {
    for (const event of parsed) {
      if (forgery(event) !== undefined) throw new Error(`${event.id} does not verify`);
    }
    parentPort?.postMessage('done');
  });
  parentPort?.postMessage('ready');
}

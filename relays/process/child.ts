import type { ChildMessage } from './messages.js';
import { type RelayCounts, startSampling } from './sampler.js';

/** A relay that listens, as its process sees it. */
export interface ListeningRelay extends RelayCounts {
  readonly port: number;
  close(): Promise<void>;
}

/** A store may need a moment to close; the parent waits longer than this before it kills. */
const CLOSE_WITHIN_MS = 1_000;

/**
 * Runs a relay as the child of a harness: tells it the port and, every 50 ms, a sample. SIGTERM, SIGINT and the
 * loss of the parent end the process, so that a harness that was killed leaves no relay behind.
 */
export function runUnderParent(start: () => Promise<ListeningRelay>): void {
  let relay: ListeningRelay | undefined;
  const end = () => {
    setTimeout(() => process.exit(0), CLOSE_WITHIN_MS).unref();
    closed(relay).finally(() => process.exit(0));
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  process.once('disconnect', end);
  start().then(
    (started) => {
      relay = started;
      tell({ type: 'ready', port: started.port });
      startSampling(started, (sample) => tell({ type: 'sample', sample }));
    },
    (error: unknown) => fail(error),
  );
}

async function closed(relay: ListeningRelay | undefined): Promise<void> {
  await relay?.close();
}

function fail(error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  process.exitCode = 1;
  if (!process.send) throw error;
  process.send({ type: 'failed', reason } satisfies ChildMessage, () => process.exit(1));
}

function tell(message: ChildMessage): void {
  if (!process.connected) return;
  process.send?.(message, undefined, undefined, ignoreLostParent);
}

/** The loss of the parent arrives as `disconnect`; a message that was on its way then is of no use. */
function ignoreLostParent(): void {}

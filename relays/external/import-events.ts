import type { ProcessGroup } from '../process/process-group.js';
import { howItEnded } from '../process/readiness.js';
import { RelayNotReadyError } from '../relay.js';

/** Importing 100,000 events takes the slowest known relay less. */
const IMPORT_WITHIN_MS = 300_000;

/**
 * Waits until an import command has ended.
 * @throws {RelayNotReadyError} with its output when it fails or takes longer than five minutes
 */
export async function awaitImport(name: string, group: ProcessGroup): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), IMPORT_WITHIN_MS);
  });
  const exit = await Promise.race([group.exited, late]);
  clearTimeout(timer);
  await group.stop();
  if (exit?.code === 0) return;
  const ended = exit ? howItEnded(exit) : `was not done within ${IMPORT_WITHIN_MS / 1000} s`;
  throw new RelayNotReadyError(
    name,
    `its import command ${ended}; try it by hand, or leave "import" out: the relay is then loaded over EVENT`,
    group.log.lines(),
  );
}

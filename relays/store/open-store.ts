import type { StoreSettings } from '../relay.js';
import { type EventStore, StoreError } from './event-store.js';
import { MemoryEventStore } from './memory-store.js';

/** Most expired events that are removed before others get their turn. */
const SWEPT_AT_ONCE = 500;
const SWEEP_EVERY_MS = 60_000;

/**
 * The store that `settings` ask for. LMDB, a native module, is loaded by those who use it.
 * @param dataDir the data folder of a store on disk.
 * @throws {StoreError} when it can't be opened.
 */
export async function openStore(
  { engine, sync }: StoreSettings,
  dataDir: string | undefined,
): Promise<EventStore> {
  if (engine === 'memory') return new MemoryEventStore();
  if (dataDir === undefined) throw new StoreError('the LMDB store needs a data folder');
  const { LmdbEventStore } = await import('./lmdb/lmdb-store.js');
  return new LmdbEventStore({ dir: dataDir, sync });
}

/**
 * Removes what has expired, now and every minute, a little at a time.
 * @param failed told what a sweep could not do; the next one tries again.
 * @returns ends it.
 */
export function sweepExpired(store: EventStore, failed: (error: unknown) => void): () => void {
  let again: NodeJS.Immediate | undefined;
  const sweep = (): void => {
    try {
      if (store.removeExpired(SWEPT_AT_ONCE) === SWEPT_AT_ONCE) again = setImmediate(sweep);
    } catch (error) {
      failed(error);
    }
  };
  const timer = setInterval(sweep, SWEEP_EVERY_MS).unref();
  sweep();
  return () => {
    clearInterval(timer);
    clearImmediate(again);
  };
}

import type { Filter } from '../protocol/filter.js';
import { jsonBytes } from '../server/held-bytes.js';
import type { Query } from '../store/event-source.js';
import type { StoredEvent } from '../store/event-store.js';
import type { Connection, Substrate } from '../strategy.js';

/** Stored events that a source looks at before the clock is read again. */
const EXAMINED_A_PULL = 64;

/** The deadline of a REQ has passed. */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';
}

/** What a filter without `limit`, or with a higher one, gets at most. */
export function effectiveLimit({ limit }: Filter, { settings }: Pick<Substrate, 'settings'>): number {
  return Math.min(limit ?? settings.limits.maxLimit, settings.limits.maxLimit);
}

/** One filter's answer. */
export interface Collected {
  readonly events: readonly StoredEvent[];
  /** Nothing that is stored and matches was left out. */
  readonly isComplete: boolean;
}

/**
 * One filter's whole answer. Its bytes are counted as held; it is the caller who lets go of what is returned.
 * @param deadlineMs on the substrate's monotonic clock.
 * @throws {DeadlinePassed}; what the source throws.
 */
export async function collect(
  filter: Filter,
  upToSequence: number,
  deadlineMs: number,
  connection: Connection,
  substrate: Substrate,
): Promise<Collected> {
  const { source, turns, clock, held } = substrate;
  const limit = effectiveLimit(filter, substrate);
  const found: StoredEvent[] = [];
  if (limit === 0) return { events: found, isComplete: false };
  const query = source.query(filter, { limit, upToSequence });
  await inTime(query, deadlineMs - clock.monotonicMs());
  const turn = turns.begin();
  let heldBytes = 0;
  try {
    let more = true;
    while (more && connection.isOpen) {
      if (turn.isOver) await turn.next();
      if (clock.monotonicMs() > deadlineMs) throw new DeadlinePassed();
      const before = found.length;
      more = query.pull(found, EXAMINED_A_PULL);
      const bytes = jsonBytes(found, before);
      held.add('answers', bytes);
      heldBytes += bytes;
      if (more && query.ready !== undefined) await inTime(query, deadlineMs - clock.monotonicMs());
    }
  } catch (error) {
    held.add('answers', -heldBytes);
    throw error;
  }
  return { events: found, isComplete: query.isComplete };
}

/** Waits for a source, but not for ever: one that hangs would hold up its client. */
async function inTime(query: Query, withinMs: number): Promise<void> {
  if (query.ready === undefined) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DeadlinePassed()), withinMs);
  });
  try {
    await Promise.race([query.ready, late]);
  } catch (error) {
    query.cancel();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

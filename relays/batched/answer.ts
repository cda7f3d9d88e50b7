import type { Filter } from '../protocol/filter.js';
import { jsonBytes } from '../server/held-bytes.js';
import type { StoredEvent } from '../store/event-store.js';
import type { Connection, Substrate } from '../strategy.js';
import type { BatchedSubscription } from './subscription.js';

/** Stored events that a source looks at before the clock is read again. */
const EXAMINED_A_PULL = 64;

/** How long all filters of a REQ may take together. */
const DEADLINE_MS = 30_000;

/**
 * Collects the answers of all filters, one filter after another, into one list without duplicates, and then sends it. A
 * filter whose source fails is skipped, and the operator is told.
 * @returns why the REQ can't be answered, with its prefix, or undefined.
 */
export async function answerStored(
  subscription: BatchedSubscription,
  filters: readonly Filter[],
  connection: Connection,
  substrate: Substrate,
): Promise<string | undefined> {
  const list: StoredEvent[] = [];
  try {
    return await answerInto(list, subscription, filters, connection, substrate);
  } finally {
    substrate.held.add('answers', -jsonBytes(list));
  }
}

async function answerInto(
  list: StoredEvent[],
  subscription: BatchedSubscription,
  filters: readonly Filter[],
  connection: Connection,
  substrate: Substrate,
): Promise<string | undefined> {
  const deadlineMs = substrate.clock.monotonicMs() + DEADLINE_MS;
  for (const filter of filters) {
    try {
      await collect(filter, list, subscription.sequence, connection, substrate);
    } catch (error) {
      substrate.warn(`a filter was skipped: ${error instanceof Error ? error.message : error}`);
    }
    if (!connection.isOpen) return undefined;
    if (substrate.clock.monotonicMs() > deadlineMs) return 'error: the query took more than 30 s';
  }
  await sendAll(
    filters.length > 1 ? withoutDuplicates(list) : list,
    subscription.head,
    connection,
    substrate,
  );
  return undefined;
}

async function collect(
  filter: Filter,
  list: StoredEvent[],
  upToSequence: number,
  connection: Connection,
  { source, settings, turns, held }: Substrate,
): Promise<void> {
  const limit = Math.min(filter.limit ?? settings.limits.maxLimit, settings.limits.maxLimit);
  if (limit === 0) return;
  const query = source.query(filter, { limit, upToSequence });
  if (query.ready !== undefined) await query.ready;
  const turn = turns.begin();
  let more = true;
  while (more && connection.isOpen) {
    if (turn.isOver) await turn.next();
    const before = list.length;
    more = query.pull(list, EXAMINED_A_PULL);
    held.add('answers', jsonBytes(list, before));
  }
}

function withoutDuplicates(events: readonly StoredEvent[]): readonly StoredEvent[] {
  const ids = new Set<string>();
  return events.filter(({ id }) => ids.size < ids.add(id).size);
}

async function sendAll(
  events: readonly StoredEvent[],
  head: Uint8Array,
  { outbox }: Connection,
  { turns }: Substrate,
): Promise<void> {
  const turn = turns.begin();
  for (const [index, event] of events.entries()) {
    if (index % EXAMINED_A_PULL === 0 && turn.isOver) await turn.next();
    if (!outbox.hasRoom) await outbox.room();
    outbox.event(head, event.json);
  }
}

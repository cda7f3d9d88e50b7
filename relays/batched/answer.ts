import type { Filter } from '../protocol/filter.js';
import type { StoredEvent } from '../store/event-store.js';
import type { Connection, Substrate } from '../strategy.js';
import type { BatchedSubscription } from './subscription.js';

/** Stored events that a source looks at before the clock is read again. */
const EXAMINED_A_PULL = 64;

/** `failure`: why the REQ can't be answered, with its prefix. `isComplete`: everything that matches was sent (NIP-67). */
export type StoredAnswer = { readonly failure: string } | { readonly isComplete: boolean };

/** How long all filters of a REQ may take together. */
const DEADLINE_MS = 30_000;

/**
 * Collects the answers of all filters, one filter after another, into one list without duplicates, and then sends it. A
 * filter whose source fails is skipped, and the operator is told.
 */
export async function answerStored(
  subscription: BatchedSubscription,
  filters: readonly Filter[],
  connection: Connection,
  substrate: Substrate,
): Promise<StoredAnswer> {
  let isComplete = true;
  const list: StoredEvent[] = [];
  const deadlineMs = substrate.clock.monotonicMs() + DEADLINE_MS;
  for (const filter of filters) {
    try {
      const collected = await collect(filter, subscription.sequence, connection, substrate);
      isComplete &&= collected.isComplete;
      list.push(...collected.events);
    } catch (error) {
      isComplete = false;
      substrate.warn(`a filter was skipped: ${error instanceof Error ? error.message : error}`);
    }
    if (!connection.isOpen) return { isComplete: false };
    if (substrate.clock.monotonicMs() > deadlineMs) {
      return { failure: 'error: the query took more than 30 s' };
    }
  }
  await sendAll(
    filters.length > 1 ? withoutDuplicates(list) : list,
    subscription.head,
    connection,
    substrate,
  );
  return { isComplete };
}

async function collect(
  filter: Filter,
  upToSequence: number,
  connection: Connection,
  { source, settings, turns }: Substrate,
): Promise<{ readonly events: readonly StoredEvent[]; readonly isComplete: boolean }> {
  const limit = Math.min(filter.limit ?? settings.limits.maxLimit, settings.limits.maxLimit);
  const found: StoredEvent[] = [];
  if (limit === 0) return { events: found, isComplete: false };
  const query = source.query(filter, { limit, upToSequence });
  if (query.ready !== undefined) await query.ready;
  const turn = turns.begin();
  let more = true;
  while (more && connection.isOpen) {
    if (turn.isOver) await turn.next();
    more = query.pull(found, EXAMINED_A_PULL);
  }
  return { events: found, isComplete: query.isComplete };
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

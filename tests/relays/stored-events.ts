import { readFilter } from '../../relays/protocol/filter-form.js';
import type { EventStore, StoredEvent } from '../../relays/store/event-store.js';

/** Everything in `store` that a filter matches, newest first. */
export function storedEvents(store: EventStore, json: object = {}): readonly StoredEvent[] {
  const filter = readFilter(json);
  if (!filter.ok) throw new Error(filter.reason);
  const found: StoredEvent[] = [];
  const everything = { limit: Number.POSITIVE_INFINITY, upToSequence: Number.POSITIVE_INFINITY };
  const scan = store.scan(filter.value, everything);
  while (scan.pull(found, 1_000));
  return found;
}

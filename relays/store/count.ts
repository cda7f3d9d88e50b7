import type { Filter } from '../protocol/filter.js';
import { closedMessage, countMessage } from '../protocol/relay-message.js';
import type { Turns } from '../strategy.js';
import type { Query } from './event-source.js';
import type { StoredEvent } from './event-store.js';

/** Stored events that a source looks at before the clock is read again. */
const EXAMINED_A_PULL = 64;

/** What a count is taken from. */
export interface CountRequest {
  readonly filters: readonly Filter[];
  /** The whole answer to a filter, whatever its `limit`. */
  query(filter: Filter): Query;
  /** Whether a match counts: what the client may not see doesn't. */
  counts(event: StoredEvent): boolean;
  readonly turns: Turns;
  /** Ends the count, hanging sources included. */
  readonly signal: AbortSignal;
}

/**
 * NIP-45, for both strategies: how many stored events that count match at least one filter, exactly. Filters are counted in turn,
 * in slices; only with several filters are ids remembered, so that none counts twice.
 * @returns undefined when the signal ended it.
 * @throws {Error} when a source fails: a count without it would be wrong.
 */
export async function countMatches(request: CountRequest): Promise<number | undefined> {
  const ids = request.filters.length > 1 ? new Set<string>() : undefined;
  let total = 0;
  for (const filter of request.filters) {
    await eachMatch(request, filter, (event) => {
      if (!request.counts(event)) return;
      if (ids === undefined) total += 1;
      else total = ids.add(event.id).size;
    });
    if (request.signal.aborted) return undefined;
  }
  return total;
}

async function eachMatch(
  { query: ask, turns, signal }: CountRequest,
  filter: Filter,
  visit: (event: StoredEvent) => void,
): Promise<void> {
  const query = ask(filter);
  const cancel = (): void => query.cancel();
  signal.addEventListener('abort', cancel);
  try {
    const turn = turns.begin();
    const found: StoredEvent[] = [];
    let more = true;
    while (more && !signal.aborted) {
      if (query.ready !== undefined) await query.ready;
      if (turn.isOver) await turn.next();
      more = query.pull(found, EXAMINED_A_PULL);
      for (const event of found.splice(0)) visit(event);
    }
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** What ends a count before it is done. */
export interface CountBounds {
  /** The connection has ended. */
  readonly ended: AbortSignal;
  /** How long the count may take, in milliseconds. */
  readonly deadlineMs: number;
}

/**
 * The answer to a COUNT whose filters were admitted, as the text that is sent: the count, or CLOSED when there is none to
 * give. Undefined when `ended` came first.
 */
export async function countAnswer(
  query: string,
  count: (signal: AbortSignal) => Promise<number | undefined>,
  { ended, deadlineMs }: CountBounds,
): Promise<string | undefined> {
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  const timer = setTimeout(abort, deadlineMs).unref();
  ended.addEventListener('abort', abort);
  try {
    const total = await count(stop.signal);
    if (ended.aborted) return undefined;
    if (total !== undefined) return countMessage(query, total);
    return closedMessage(query, `error: the count took more than ${deadlineMs} ms`);
  } catch (error) {
    if (ended.aborted) return undefined;
    const reason = error instanceof Error ? error.message : String(error);
    return closedMessage(query, `error: ${reason}`);
  } finally {
    clearTimeout(timer);
    ended.removeEventListener('abort', abort);
  }
}

import type { Filter } from 'nostr-tools/filter';
import type { NostrEvent } from 'nostr-tools/pure';
import type { StaticAnswer } from '../scenario/workload.js';
import { addressOf, isEphemeral, matches, newestFirst } from './matching.js';

/**
 * Knows the right answer to a REQ over a fixed set of events, by plain loops and nostr-tools alone: nothing of
 * the relays' own filter, store or policy code.
 */
export interface Oracle {
  /**
   * What a relay that holds all events answers to one filter.
   * @param keep events kept beyond `limit`, for what a run replaces or publishes; without a limit all are kept.
   */
  answer(filter: Filter, keep?: number): StaticAnswer;
  /** The stored answer to a whole REQ: positions, each once, newest first. */
  expected(filters: readonly Filter[]): readonly number[];
  /** Whether the event at this position counts as stored: not ephemeral, not replaced by a newer version. */
  isStored(position: number): boolean;
}

/** Enough for what a run replaces or publishes around the end of a limited answer. */
const DEFAULT_KEEP = 64;
const FIRST_WINDOW = 512;

/** @param events those that a relay was loaded with; results name them by position. */
export function createOracle(events: readonly NostrEvent[]): Oracle {
  const stored = new Set(storedPositions(events));
  // Matching works on ranks: 0 is the newest stored event, so every list below is in the order of answers.
  const byRank = [...stored].sort((a, b) => newestFirst(at(events, a), at(events, b)));
  const partitions = partition(byRank.map((position) => at(events, position)));

  const ranks = (filter: Filter, wanted: number) =>
    newestMatches(candidates(filter, partitions), partitions.events, wanted);

  return {
    answer(filter, keep = DEFAULT_KEEP) {
      const wanted = filter.limit === undefined ? Number.POSITIVE_INFINITY : filter.limit + keep;
      const found = ranks(filter, wanted + 1);
      const newest = found.slice(0, wanted).map((rank) => at(byRank, rank));
      return { newest, complete: found.length <= wanted };
    },
    expected(filters) {
      const union = new Set(
        filters.flatMap((filter) => {
          const limit = filter.limit ?? Number.POSITIVE_INFINITY;
          return ranks(filter, limit).slice(0, limit);
        }),
      );
      return [...union].sort((a, b) => a - b).map((rank) => at(byRank, rank));
    },
    isStored: (position) => stored.has(position),
  };
}

/** Positions of the events that are stored: of each address the newest version, nothing ephemeral, no id twice. */
function storedPositions(events: readonly NostrEvent[]): Iterable<number> {
  const holders = new Map<string, number>();
  for (const [position, event] of events.entries()) {
    if (isEphemeral(event)) continue;
    const place = addressOf(event) ?? event.id;
    const holder = holders.get(place);
    if (holder === undefined || newestFirst(event, at(events, holder)) < 0) holders.set(place, position);
  }
  return holders.values();
}

/** The stored events in the order of answers, and where to look for those with a given field. */
interface Partitions {
  readonly events: readonly NostrEvent[];
  readonly all: readonly number[];
  readonly byId: ReadonlyMap<string, readonly number[]>;
  readonly byAuthor: ReadonlyMap<string, readonly number[]>;
  readonly byKind: ReadonlyMap<number, readonly number[]>;
}

function partition(events: readonly NostrEvent[]): Partitions {
  const byId = new Map<string, number[]>();
  const byAuthor = new Map<string, number[]>();
  const byKind = new Map<number, number[]>();
  for (const [rank, event] of events.entries()) {
    append(byId, event.id, rank);
    append(byAuthor, event.pubkey, rank);
    append(byKind, event.kind, rank);
  }
  return { events, all: [...events.keys()], byId, byAuthor, byKind };
}

function append<Key>(lists: Map<Key, number[]>, key: Key, rank: number): void {
  const list = lists.get(key);
  if (list) list.push(rank);
  else lists.set(key, [rank]);
}

/**
 * The newest matches, at least `wanted` of them if there are. All lists are in the order of answers, so they are
 * read in step: a window of ranks at a time, each twice as deep as the one before.
 */
function newestMatches(
  lists: readonly Candidates[],
  events: readonly NostrEvent[],
  wanted: number,
): readonly number[] {
  const found: number[] = [];
  const next = lists.map(() => 0);
  for (let end = FIRST_WINDOW; ; end *= 2) {
    const inWindow: number[] = [];
    for (const [list, { filter, ranks }] of lists.entries()) {
      for (let rank = ranks[next[list] ?? 0]; rank !== undefined && rank < end; ) {
        if (matches(filter, at(events, rank))) inWindow.push(rank);
        next[list] = (next[list] ?? 0) + 1;
        rank = ranks[next[list] ?? 0];
      }
    }
    found.push(...inWindow.sort((a, b) => a - b));
    if (found.length >= wanted || end >= events.length) return found;
  }
}

interface Candidates {
  /** The filter, with the list that chose these candidates cut down to the one value that they all have. */
  readonly filter: Filter;
  readonly ranks: readonly number[];
}

/** Lists that together hold every event that could match; matching them all is left to nostr-tools. */
function candidates(filter: Filter, partitions: Partitions): readonly Candidates[] {
  const { ids, authors, kinds } = filter;
  if (ids) return each(ids, partitions.byId, (id) => ({ ...filter, ids: [id] }));
  if (authors) return each(authors, partitions.byAuthor, (author) => ({ ...filter, authors: [author] }));
  if (kinds) return each(kinds, partitions.byKind, (kind) => ({ ...filter, kinds: [kind] }));
  return [{ filter, ranks: partitions.all }];
}

function each<Key>(
  keys: readonly Key[],
  lists: ReadonlyMap<Key, readonly number[]>,
  narrow: (key: Key) => Filter,
): readonly Candidates[] {
  return [...new Set(keys)].map((key) => ({ filter: narrow(key), ranks: lists.get(key) ?? [] }));
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new RangeError(`nothing at ${index}`);
  return item;
}

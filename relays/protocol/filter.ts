import type { RelayEvent } from './event.js';

/** The values asked for in one `#x` field. */
export interface TagCondition {
  /** The letter after the hash. */
  readonly name: string;
  readonly values: ReadonlySet<string>;
}

/** A filter of a REQ, read (NIP-01). Conditions that are undefined hold for every event; an empty set for none. */
export interface Filter {
  readonly ids: ReadonlySet<string> | undefined;
  readonly authors: ReadonlySet<string> | undefined;
  readonly kinds: ReadonlySet<number> | undefined;
  readonly tags: readonly TagCondition[];
  readonly since: number | undefined;
  readonly until: number | undefined;
  /** For the stored events only. */
  readonly limit: number | undefined;
}

/** Whether `event` fulfils every condition of `filter`; `limit` is none. Both ends of the time range count. */
export function matches(filter: Filter, event: Omit<RelayEvent, 'json' | 'expiresAt'>): boolean {
  if (filter.kinds?.has(event.kind) === false) return false;
  if (filter.authors?.has(event.pubkey) === false) return false;
  if (filter.ids?.has(event.id) === false) return false;
  if (filter.since !== undefined && event.createdAt < filter.since) return false;
  if (filter.until !== undefined && event.createdAt > filter.until) return false;
  for (const condition of filter.tags) {
    if (!hasTag(event.indexedTags, condition)) return false;
  }
  return true;
}

function hasTag(indexedTags: readonly string[], { name, values }: TagCondition): boolean {
  for (let i = 0; i < indexedTags.length; i += 2) {
    if (indexedTags[i] === name && values.has(indexedTags[i + 1] ?? '')) return true;
  }
  return false;
}

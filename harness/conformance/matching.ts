import { type Filter, matchFilter } from 'nostr-tools/filter';
import { isAddressableKind, isEphemeralKind, isReplaceableKind } from 'nostr-tools/kinds';
import type { NostrEvent } from 'nostr-tools/pure';

/**
 * Whether an event matches a filter, by nostr-tools. Its `matchFilter` takes `since: 0` and `until: 0` for
 * absent; here they are bounds like any other (NIP-01: `since <= created_at <= until`).
 */
export function matches(filter: Filter, event: NostrEvent): boolean {
  if (filter.since === 0 && event.created_at < 0) return false;
  if (filter.until === 0 && event.created_at > 0) return false;
  return matchFilter(filter, event);
}

/** The order of answers (NIP-01): newest first, in a tie the lowest id. Negative when `a` comes first. */
export function newestFirst(a: NostrEvent, b: NostrEvent): number {
  if (a.created_at !== b.created_at) return b.created_at - a.created_at;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}

/** What the versions of one replaceable or addressable event share (NIP-01, Kinds); undefined for other kinds. */
export function addressOf(event: NostrEvent): string | undefined {
  if (isReplaceableKind(event.kind)) return `${event.kind}:${event.pubkey}:`;
  if (!isAddressableKind(event.kind)) return undefined;
  const d = event.tags.find(([name]) => name === 'd')?.[1] ?? '';
  return `${event.kind}:${event.pubkey}:${d}`;
}

/** Ephemeral events are not expected to be stored (NIP-01, Kinds). */
export function isEphemeral(event: NostrEvent): boolean {
  return isEphemeralKind(event.kind);
}

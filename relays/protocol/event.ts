import { expirationOf } from './expiration.js';
import { kindClass } from './kinds.js';

/** An event as it stands on the wire (NIP-01, "Events and signatures"). */
export interface NostrEvent {
  readonly id: string;
  readonly pubkey: string;
  readonly created_at: number;
  readonly kind: number;
  readonly tags: readonly (readonly string[])[];
  readonly content: string;
  readonly sig: string;
}

/** An event as the relay works with it: the fields that filters look at, and the bytes that are sent. */
export interface RelayEvent {
  readonly id: string;
  readonly pubkey: string;
  readonly createdAt: number;
  readonly kind: number;
  /** Single-letter tags that have a value, flat and each pair once: name, value, name, value, … */
  readonly indexedTags: readonly string[];
  /** Unix time in seconds at which it ends (NIP-40); undefined for one that stays. */
  readonly expiresAt: number | undefined;
  /** The event's JSON in UTF-8, as it is sent. */
  readonly json: Uint8Array;
}

const SINGLE_LETTER = /^[a-zA-Z]$/;

/** The {@link RelayEvent} of `event`, whose JSON is `json`. */
export function relayEvent(event: NostrEvent, json: Uint8Array): RelayEvent {
  return {
    id: event.id,
    pubkey: event.pubkey,
    createdAt: event.created_at,
    kind: event.kind,
    indexedTags: indexedTags(event.tags),
    expiresAt: expirationOf(event),
    json,
  };
}

/**
 * What a newer event must share with an older one to replace it (NIP-01, "Kinds"): kind, author and, for
 * addressable events, the first `d` tag's value, where a missing one equals the empty string. Undefined for
 * events that nothing replaces.
 */
export function replacementAddress(event: NostrEvent): string | undefined {
  const kind = kindClass(event.kind);
  if (kind === 'replaceable') return `${event.kind}:${event.pubkey}:`;
  if (kind !== 'addressable') return undefined;
  const identifier = event.tags.find(([name]) => name === 'd')?.[1] ?? '';
  return `${event.kind}:${event.pubkey}:${identifier}`;
}

function indexedTags(tags: NostrEvent['tags']): readonly string[] {
  const flat: string[] = [];
  const seen = new Set<string>();
  for (const [name, value] of tags) {
    if (name === undefined || value === undefined || !SINGLE_LETTER.test(name)) continue;
    const pair = name + value;
    if (seen.has(pair)) continue;
    seen.add(pair);
    flat.push(name, value);
  }
  return flat;
}

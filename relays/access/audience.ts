import { decode } from 'nostr-tools/nip19';
import type { RelayEvent } from '../protocol/event.js';
import type { Filter } from '../protocol/filter.js';

/** Direct messages (NIP-04, NIP-17), seals and wraps (NIP-59), and app data (NIP-78). */
const PRIVILEGED_KINDS: ReadonlySet<number> = new Set([4, 13, 14, 1059, 1060, 30_078]);

export function isPrivilegedKind(kind: number): boolean {
  return PRIVILEGED_KINDS.has(kind);
}

/** Whether `filter` asks for nothing but privileged kinds. */
export function asksForPrivileged({ kinds }: Filter): boolean {
  return kinds !== undefined && kinds.size > 0 && [...kinds].every(isPrivilegedKind);
}

/** Whether one of `pubkeys` wrote the event or is `p`-tagged in it. */
export function isParty({ pubkey, indexedTags }: RelayEvent, pubkeys: ReadonlySet<string>): boolean {
  if (pubkeys.has(pubkey)) return true;
  for (let i = 0; i < indexedTags.length; i += 2) {
    if (indexedTags[i] === 'p' && pubkeys.has(indexedTags[i + 1] ?? '')) return true;
  }
  return false;
}

const PRIVATE_TAG = 'private';
const PRIVATE_TAG_BYTES = Buffer.from(JSON.stringify(PRIVATE_TAG));

/**
 * The public keys that the event's `private` tags name, as comma-separated npubs; undefined without such a tag. What is
 * no npub names nobody.
 */
export function privateAudience({ json }: RelayEvent): ReadonlySet<string> | undefined {
  // Most events have no such tag, and their bytes say so much sooner than parsing would.
  const bytes = Buffer.from(json.buffer, json.byteOffset, json.byteLength);
  if (!bytes.includes(PRIVATE_TAG_BYTES)) return undefined;
  const { tags }: { readonly tags: readonly (readonly string[])[] } = JSON.parse(bytes.toString('utf8'));
  const named = tags.filter(([name]) => name === PRIVATE_TAG);
  if (named.length === 0) return undefined;
  const npubs = named.flatMap(([, list = '']) => list.split(','));
  return new Set(npubs.flatMap((npub) => publicKeyOf(npub.trim()) ?? []));
}

function publicKeyOf(npub: string): string | undefined {
  try {
    const decoded = decode(npub);
    return decoded.type === 'npub' ? decoded.data : undefined;
  } catch {
    return undefined;
  }
}

import type { NostrEvent } from './event.js';
import { kindClass } from './kinds.js';
import { isHex32 } from './reading.js';

/** What a deletion request names (NIP-09), of its own author only. */
export interface DeletionRequest {
  readonly ids: readonly string[];
  /** As `replacementAddress` writes them: all versions up to the request's `created_at` are meant. */
  readonly addresses: readonly string[];
}

/** Reads the `e` and `a` tags of a kind 5 event. What is malformed, or another author's by its address, is passed over. */
export function deletionRequest({ tags, pubkey }: NostrEvent): DeletionRequest {
  const ids: string[] = [];
  const addresses: string[] = [];
  for (const [name, value] of tags) {
    if (name === 'e' && isHex32(value)) ids.push(value);
    const address = name === 'a' ? ownAddress(value, pubkey) : undefined;
    if (address !== undefined) addresses.push(address);
  }
  return { ids, addresses };
}

const ADDRESS = /^(\d{1,5}):([0-9a-f]{64})(?::(.*))?$/s;

/** A replaceable event has no identifier: an address of one that names some means nothing. */
function ownAddress(value: string | undefined, author: string): string | undefined {
  const [, kindText, pubkey, identifier = ''] = ADDRESS.exec(value ?? '') ?? [];
  const kind = kindClass(Number(kindText));
  const canBe = kind === 'addressable' || (kind === 'replaceable' && identifier === '');
  return canBe && pubkey === author ? `${Number(kindText)}:${pubkey}:${identifier}` : undefined;
}

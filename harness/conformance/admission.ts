import { decode } from 'nostr-tools/nip19';
import type { NostrEvent } from 'nostr-tools/pure';
import type { AccessMode } from '../../relays/relay.js';

/** Kinds that a relay with an access mode keeps from third parties (docs/access.md). */
const PRIVILEGED_KINDS: ReadonlySet<number> = new Set([4, 13, 14, 1059, 1060, 30_078]);
const PRIVATE_TAG = 'private';

/** Whether a relay with an access mode keeps the event from third parties. */
export function isPrivateEvent({ kind, tags }: Pick<NostrEvent, 'kind' | 'tags'>): boolean {
  return PRIVILEGED_KINDS.has(kind) || tags.some(([name]) => name === PRIVATE_TAG);
}

/** Whether the mode declares that private events are kept from third parties. */
export function keepsPrivate(access: AccessMode): boolean {
  return access !== 'open';
}

/**
 * Whether an answer that a client got shows everything that isn't private. Who may not read is refused with CLOSED, in
 * every mode; only who had not certainly authenticated when access hung on it may have been let in later or never.
 */
export function isCertainlyAdmitted(access: AccessMode, hasAuthenticated: boolean): boolean {
  switch (access) {
    case 'open':
    case 'follows':
      return true;
    case 'auth-required':
    case 'managed':
      return hasAuthenticated;
  }
}

/** Whom a private event concerns, apart from admins and owners. */
export interface Audience {
  /** Public keys that it may go to for certain. */
  readonly certain: ReadonlySet<string>;
  /** Those that it may go to by any reading: its author, and whom a `p` or `private` tag names. */
  readonly possible: ReadonlySet<string>;
}

/** What a client is to a private event: somebody whom it may go to, for certain or perhaps, or certainly not. */
export type AudienceStanding = 'in' | 'either' | 'out';

/**
 * What a client is to a private event that it asked for at `requestedNs`.
 * @param identities public keys that it has sent AUTH for, with got(OK true)
 * @param admins who may read everything; undefined: not known, so anybody who sent an AUTH may be one of them
 */
export function standingTo(
  event: Pick<NostrEvent, 'kind' | 'pubkey' | 'tags'>,
  identities: ReadonlyMap<string, number>,
  admins: ReadonlySet<string> | undefined,
  requestedNs: number,
): AudienceStanding {
  const { certain, possible } = audienceOf(event);
  let isOut = true;
  for (const [pubkey, authenticatedNs] of identities) {
    const isAdmin = admins?.has(pubkey);
    if ((isAdmin || certain.has(pubkey)) && authenticatedNs < requestedNs) return 'in';
    if (isAdmin !== false || possible.has(pubkey)) isOut = false;
  }
  return isOut ? 'out' : 'either';
}

/** By docs/access.md: privileged kinds go to author and `p`-tagged, `private` tags name their readers as npubs. */
export function audienceOf({ kind, pubkey, tags }: Pick<NostrEvent, 'kind' | 'pubkey' | 'tags'>): Audience {
  const parties = new Set([
    pubkey,
    ...tags.flatMap(([name, value]) => (name === 'p' && value ? [value] : [])),
  ]);
  const lists = tags.flatMap(([name, list = '']) => (name === PRIVATE_TAG ? [list] : []));
  const named = new Set(lists.flatMap((list) => list.split(',').flatMap(publicKeyOf)));
  const possible = new Set([...parties, ...named]);
  if (lists.length === 0) return { certain: parties, possible };
  const certain = PRIVILEGED_KINDS.has(kind) ? [...named].filter((key) => parties.has(key)) : named;
  return { certain: new Set(certain), possible };
}

function publicKeyOf(npub: string): readonly string[] {
  try {
    const decoded = decode(npub.trim());
    return decoded.type === 'npub' ? [decoded.data] : [];
  } catch {
    return [];
  }
}

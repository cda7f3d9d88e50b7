import type { NostrEvent } from 'nostr-tools/pure';
import type { AccessMode } from '../../relays/relay.js';

/** Kinds that a relay with an access mode keeps from third parties (docs/access.md). */
const PRIVILEGED_KINDS: ReadonlySet<number> = new Set([4, 13, 14, 1059, 1060, 30_078]);

export function isPrivilegedKind(kind: number): boolean {
  return PRIVILEGED_KINDS.has(kind);
}

/** Whether a relay with an access mode keeps the event from third parties. */
export function isPrivateEvent({ kind, tags }: Pick<NostrEvent, 'kind' | 'tags'>): boolean {
  return isPrivilegedKind(kind) || tags.some(([name]) => name === 'private');
}

/**
 * Whether a client may certainly read all that it asks for: only then is known what it must get. Where access hangs on
 * who the client is, nothing is owed to it for certain.
 * @param concernsPrivate whether private events are among what it asks for.
 */
export function isCertainlyAdmitted(
  access: AccessMode,
  concernsPrivate: () => boolean,
  hasAuthenticated: boolean,
): boolean {
  switch (access) {
    case 'open':
      return true;
    case 'auth-required':
      return hasAuthenticated && !concernsPrivate();
    case 'follows':
      return !concernsPrivate();
    case 'managed':
      return false;
  }
}

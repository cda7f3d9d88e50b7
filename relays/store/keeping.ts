import { deletionRequest } from '../protocol/deletion.js';
import { type NostrEvent, type RelayEvent, relayEvent, replacementAddress } from '../protocol/event.js';
import { isExpired } from '../protocol/expiration.js';
import { DELETION_KIND } from '../protocol/kinds.js';
import type { EventToSave, SaveOutcome, StoredEvent } from './event-store.js';
import { comesBefore } from './timeline.js';

/** What {@link keep} needs of a store. All calls of one `keep` are one transaction of it. */
export interface Shelf {
  find(id: string): StoredEvent | undefined;
  /** The event kept under a replacement address. */
  versionAt(address: string): StoredEvent | undefined;
  /** Keeps `event`, also under its address if it has one. */
  add(event: RelayEvent, address: string | undefined): StoredEvent;
  /** Removes an event that is there, and its address with it. */
  remove(event: StoredEvent): void;
  isDeleted(author: string, id: string): boolean;
  markDeleted(author: string, id: string): void;
  /** The newest `created_at` of the deletion requests for this address. */
  deletedUpTo(address: string): number | undefined;
  markDeletedUpTo(address: string, createdAt: number): void;
}

/**
 * The rules of what is kept, the same for every store: replacement (NIP-01), deletion (NIP-09), expiration (NIP-40).
 * A deletion holds for good: also for an event that comes after it, and after the request itself has expired.
 */
export function keep({ event, json }: EventToSave, shelf: Shelf, nowS: number): SaveOutcome {
  const relayed = relayEvent(event, json);
  if (isExpired(relayed, nowS)) return { status: 'expired' };
  if (shelf.find(event.id) !== undefined) return { status: 'duplicate' };
  const address = replacementAddress(event);
  if (wasDeleted(event, address, shelf)) return { status: 'deleted' };
  const previous = address === undefined ? undefined : shelf.versionAt(address);
  if (previous !== undefined) {
    // Of two versions, the newer stays, and at the same second the one with the lower id: NIP-01's order of answers.
    if (!isExpired(previous, nowS) && comesBefore(previous, relayed)) return { status: 'superseded' };
    shelf.remove(previous);
  }
  if (event.kind === DELETION_KIND) carryOut(event, shelf);
  return { status: 'stored', event: shelf.add(relayed, address) };
}

/** Deleting a deletion request has no effect (NIP-09). */
function wasDeleted(event: NostrEvent, address: string | undefined, shelf: Shelf): boolean {
  if (event.kind === DELETION_KIND) return false;
  if (shelf.isDeleted(event.pubkey, event.id)) return true;
  const deletedUpTo = address === undefined ? undefined : shelf.deletedUpTo(address);
  return deletedUpTo !== undefined && event.created_at <= deletedUpTo;
}

function carryOut(request: NostrEvent, shelf: Shelf): void {
  const { ids, addresses } = deletionRequest(request);
  for (const id of ids) {
    const target = shelf.find(id);
    if (target?.kind === DELETION_KIND) continue;
    if (target?.pubkey === request.pubkey) shelf.remove(target);
    shelf.markDeleted(request.pubkey, id);
  }
  for (const address of addresses) {
    const target = shelf.versionAt(address);
    if (target !== undefined && target.createdAt <= request.created_at) shelf.remove(target);
    if (request.created_at >= (shelf.deletedUpTo(address) ?? 0)) {
      shelf.markDeletedUpTo(address, request.created_at);
    }
  }
}

import { deletionRequest } from '../protocol/deletion.js';
import type { NostrEvent } from '../protocol/event.js';
import type { Filter } from '../protocol/filter.js';
import { DELETION_KIND } from '../protocol/kinds.js';

/** A filter with the given conditions alone. */
export function filterOf(conditions: Partial<Filter>): Filter {
  return {
    ids: undefined,
    authors: undefined,
    kinds: undefined,
    tags: [],
    since: undefined,
    until: undefined,
    limit: undefined,
    ...conditions,
  };
}

/**
 * What a deletion request asks to remove (NIP-09): by id whatever the time, by address up to the request's own. Only its
 * author's events, and no deletion request: removing one has no effect.
 */
export function deletionTargets(request: NostrEvent): readonly Filter[] {
  const authors = new Set([request.pubkey]);
  const { ids, addresses } = deletionRequest(request);
  const byId = ids.map((id) => filterOf({ ids: new Set([id]), authors }));
  const byAddress = addresses.map((address) => {
    const [kind, , ...rest] = address.split(':');
    const identifier = rest.join(':');
    const tags = identifier === '' ? [] : [{ name: 'd', values: new Set([identifier]) }];
    return filterOf({ kinds: new Set([Number(kind)]), authors, tags, until: request.created_at });
  });
  return [...byId, ...byAddress];
}

/**
 * Deletion requests that forbid `event` (NIP-09): its author's, that name its id, or its address at a later time. Deleting
 * a deletion request has no effect.
 */
export function deletionsOf(event: NostrEvent, address: string | undefined): readonly Filter[] {
  if (event.kind === DELETION_KIND) return [];
  const common = { kinds: new Set([DELETION_KIND]), authors: new Set([event.pubkey]) };
  const byId = filterOf({ ...common, tags: [{ name: 'e', values: new Set([event.id]) }] });
  if (address === undefined) return [byId];
  const tags = [{ name: 'a', values: new Set([address]) }];
  return [byId, filterOf({ ...common, tags, since: event.created_at })];
}

import { type NostrEvent, relayEvent, replacementAddress } from '../protocol/event.js';
import { type Filter, matches } from '../protocol/filter.js';
import { DELETION_KIND } from '../protocol/kinds.js';
import { deletionsOf, deletionTargets, filterOf } from './deletion.js';
import type { HookClient, RelayHooks } from './hooks.js';

type StorageHooks = Pick<RelayHooks, 'storeEvent' | 'replaceEvent' | 'deleteEvent' | 'queryEvents'>;

/** Whether hooks have a part in keeping events. */
export function keepsByHooks({ storeEvent, replaceEvent, deleteEvent }: StorageHooks): boolean {
  return storeEvent.length + replaceEvent.length + deleteEvent.length > 0;
}

/**
 * Hands an event to the hooks that keep events, in Khatru's order: what a deletion request names is removed, an event that was
 * deleted is refused, then it is stored or replaces what is older.
 * @returns false if it, or a newer version, is there already.
 * @throws {Error} what a hook threw, or with a prefix why the event is refused.
 */
export async function keepByHooks(
  event: NostrEvent,
  client: HookClient,
  hooks: StorageHooks,
): Promise<boolean> {
  const sources = new HookSources(hooks, client);
  if (event.kind === DELETION_KIND) await removeTargets(event, sources, hooks);
  const address = replacementAddress(event);
  for (const filter of deletionsOf(event, address)) {
    if ((await sources.find(filter)).length > 0) throw new Error('blocked: this event has been deleted');
  }
  if (address === undefined) return storeInAll(event, hooks.storeEvent);
  if (hooks.replaceEvent.length > 0) return storeInAll(event, hooks.replaceEvent);
  return replaceByHand(event, address, sources, hooks);
}

async function removeTargets(request: NostrEvent, sources: HookSources, hooks: StorageHooks): Promise<void> {
  for (const filter of deletionTargets(request)) {
    const found = await sources.find(filter);
    await removeAll(
      found.filter((event) => event.kind !== DELETION_KIND && isNamedBy(filter, event)),
      hooks,
    );
  }
}

/** An address with an empty identifier means events whose `d` is empty or missing, which no tag filter can say. */
function isNamedBy({ ids, tags }: Filter, event: NostrEvent): boolean {
  return ids !== undefined || tags.length > 0 || replacementAddress(event)?.endsWith(':') === true;
}

async function replaceByHand(
  event: NostrEvent,
  address: string,
  sources: HookSources,
  hooks: StorageHooks,
): Promise<boolean> {
  const candidates = await sources.find(
    filterOf({ kinds: new Set([event.kind]), authors: new Set([event.pubkey]) }),
  );
  const versions = candidates.filter((other) => replacementAddress(other) === address);
  if (versions.some((other) => !replaces(event, other))) return false;
  await removeAll(versions, hooks);
  return storeInAll(event, hooks.storeEvent);
}

/** NIP-01: the newer stays; at the same second, the lower id. */
function replaces(event: NostrEvent, other: NostrEvent): boolean {
  return (
    event.created_at > other.created_at || (event.created_at === other.created_at && event.id < other.id)
  );
}

async function removeAll(events: readonly NostrEvent[], { deleteEvent }: StorageHooks): Promise<void> {
  for (const event of events) for (const remove of deleteEvent) await remove(event);
}

/** @returns true if one of the stores didn't have it. */
async function storeInAll(event: NostrEvent, stores: RelayHooks['storeEvent']): Promise<boolean> {
  let isNew = stores.length === 0;
  for (const store of stores) isNew = (await store(event)) || isNew;
  return isNew;
}

/** The query functions, asked by the relay itself. */
class HookSources {
  readonly #hooks: StorageHooks;
  readonly #client: HookClient;

  constructor(hooks: StorageHooks, client: HookClient) {
    this.#hooks = hooks;
    this.#client = client;
  }

  async find(filter: Filter): Promise<readonly NostrEvent[]> {
    const { signal } = new AbortController();
    const found: NostrEvent[] = [];
    const query = { client: this.#client, limit: Number.POSITIVE_INFINITY, signal };
    for (const ask of this.#hooks.queryEvents) {
      for await (const event of await ask(filter, query)) {
        if (matches(filter, relayEvent(event, NOTHING))) found.push(event);
      }
    }
    return found;
  }
}

const NOTHING = new Uint8Array();

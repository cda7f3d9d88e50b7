import type { NostrEvent } from 'nostr-tools/pure';
import { addressOf } from './matching.js';

export const DELETION_KIND = 5;

/** A deletion request (NIP-09). */
export interface Deletion {
  /** Number in `KnownEvents`. */
  readonly number: number;
  /** Versions of an address count up to then. */
  readonly createdAt: number;
}

/** Which events the deletion requests of a run name: by id or by address, never other people's. */
export class Deletions {
  readonly #byTarget = new Map<string, Deletion[]>();
  readonly #authors = new Set<string>();

  get isEmpty(): boolean {
    return this.#byTarget.size === 0;
  }

  note(number: number, { pubkey, created_at: createdAt, tags }: NostrEvent): void {
    for (const [name, target] of tags) {
      if ((name !== 'e' && name !== 'a') || !target) continue;
      const key = `${pubkey} ${name === 'a' ? fullAddress(target) : target}`;
      this.#byTarget.set(key, [...(this.#byTarget.get(key) ?? []), { number, createdAt }]);
      this.#authors.add(pubkey);
    }
  }

  /** The requests of its author that name an event; of an address they name versions up to their own time. */
  of(event: NostrEvent): readonly Deletion[] {
    if (!this.#authors.has(event.pubkey)) return [];
    const byId = this.#byTarget.get(`${event.pubkey} ${event.id}`) ?? [];
    const address = addressOf(event);
    if (address === undefined) return byId;
    const byAddress = this.#byTarget.get(`${event.pubkey} ${address}`) ?? [];
    return [...byId, ...byAddress.filter(({ createdAt }) => event.created_at <= createdAt)];
  }
}

/** A replaceable event has no `d`, and some clients leave out the colon before it. */
function fullAddress(target: string): string {
  return target.split(':').length === 2 ? `${target}:` : target;
}

/** What bytes are held for: answers under way, frames not yet read, answers kept for the next who asks, open filters. */
export const HELD_FOR = ['answers', 'outboxes', 'caches', 'subscriptions'] as const;

export type HeldFor = (typeof HELD_FOR)[number];

/**
 * The exact count of the bytes that the relay holds on behalf of its clients. Whoever holds adds, and adds the negative
 * when it lets go. Of an event its JSON counts, also where the store shares it; of a filter the characters of its
 * strings and 8 bytes a number. What V8 needs around them is not in it.
 */
export class HeldBytes {
  readonly #held: Record<HeldFor, number> = { answers: 0, outboxes: 0, caches: 0, subscriptions: 0 };
  #total = 0;
  #peak = 0;

  /** Bytes that are held now. */
  get total(): number {
    return this.#total;
  }

  /** Bytes that are held now for one thing. */
  of(what: HeldFor): number {
    return this.#held[what];
  }

  add(what: HeldFor, bytes: number): void {
    this.#held[what] += bytes;
    this.#total += bytes;
    if (this.#total > this.#peak) this.#peak = this.#total;
  }

  /** The most that was held at one moment since this was last asked. */
  takePeak(): number {
    const peak = this.#peak;
    this.#peak = this.#total;
    return peak;
  }
}

/** Bytes of the JSON of `events` from index `start` on. */
export function jsonBytes(events: readonly { readonly json: Uint8Array }[], start = 0): number {
  let bytes = 0;
  for (let i = start; i < events.length; i += 1) bytes += events[i]?.json.length ?? 0;
  return bytes;
}

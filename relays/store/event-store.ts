import type { NostrEvent, RelayEvent } from '../protocol/event.js';
import type { Filter } from '../protocol/filter.js';

/** An event in the store. */
export interface StoredEvent extends RelayEvent {
  /** The store's sequence number that this event got when it was saved; the first is 1. */
  readonly sequence: number;
}

/** What saving came to. */
export type SaveOutcome =
  | { readonly status: 'stored'; readonly event: StoredEvent }
  /** This very event is there already. */
  | { readonly status: 'duplicate' }
  /** A newer event with the same address is there (NIP-01, "Kinds"); this one stays out. */
  | { readonly status: 'superseded' }
  /** Its author has asked for its deletion (NIP-09). */
  | { readonly status: 'deleted' }
  /** Its time is over (NIP-40). */
  | { readonly status: 'expired' }
  /** The store could not write, and holds what it held before. `reason` is for the client, without a prefix. */
  | { readonly status: 'failed'; readonly reason: string };

/** An event to save, and its JSON. The id is taken as verified. */
export interface EventToSave {
  readonly event: NostrEvent;
  readonly json: Uint8Array;
}

/** What a scan returns. */
export interface ScanOptions {
  /** Most events to return. */
  readonly limit: number;
  /** Events with a higher sequence are left out: they are the live ones of whoever asks. */
  readonly upToSequence: number;
}

/**
 * A walk over the matches of one filter, newest first, ties by lowest id. It is pulled, so it can rest for as
 * long as its owner likes while the store changes: what is removed or expires meanwhile is no longer returned, what is
 * saved meanwhile has a higher sequence. To cancel it, stop pulling and let go of it.
 */
export interface Scan {
  /**
   * Looks at up to `examine` candidates and appends the matches to `into`.
   * @returns true while there may be more.
   */
  pull(into: StoredEvent[], examine: number): boolean;
}

/** Where events are kept. Ephemeral events never come here. */
export interface EventStore {
  /** The sequence of the newest save. A subscription that registers now and scans up to it misses nothing. */
  readonly sequence: number;
  /** Events that are there now. */
  readonly size: number;
  /**
   * Keeps `event`, whose JSON is `json`, and removes what it replaces or deletes. The id is taken as verified. A
   * promise resolves when the outcome is as safe as the store makes it, and never rejects.
   */
  save(event: NostrEvent, json: Uint8Array): SaveOutcome | Promise<SaveOutcome>;
  /**
   * Saves many at once, without giving way. Nothing is acknowledged one by one.
   * @throws {StoreError} when the store can't write.
   */
  load(events: readonly EventToSave[]): void;
  /** Whether {@link EventStore.markLoaded} was called with this name, in this process or an earlier one. */
  hasLoaded(corpus: string): boolean;
  /** Remembers that the corpus of this name was loaded to its end. */
  markLoaded(corpus: string): void;
  scan(filter: Filter, options: ScanOptions): Scan;
  /** Removes up to `most` events whose time is over (NIP-40). @returns how many were removed. */
  removeExpired(most: number): number;
  /** Writes what is left to write and lets go of the store. Safe to call twice. */
  close(): Promise<void>;
}

/** A store that can't be opened or written. The message says what to do, where anything can be done. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

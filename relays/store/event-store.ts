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
  | { readonly status: 'superseded' };

/** What a scan returns. */
export interface ScanOptions {
  /** Most events to return. */
  readonly limit: number;
  /** Events with a higher sequence are left out: they are the live ones of whoever asks. */
  readonly upToSequence: number;
}

/**
 * A walk over the matches of one filter, newest first, ties by lowest id. It is pulled, so it can rest for as
 * long as its owner likes while the store changes: what is removed meanwhile is no longer returned, what is saved
 * meanwhile has a higher sequence. To cancel it, stop pulling and let go of it.
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
  /** Keeps `event`, whose JSON is `json`, and removes what it replaces. The id is taken as verified. */
  save(event: NostrEvent, json: Uint8Array): SaveOutcome;
  scan(filter: Filter, options: ScanOptions): Scan;
}

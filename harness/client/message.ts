import type { NostrEvent } from 'nostr-tools/pure';

/**
 * A message from a relay, read once and shared by the client that acts on it and the judge that checks it.
 * Everything in it is hostile text.
 */
export type ReceivedMessage =
  | {
      readonly label: 'EVENT';
      readonly subscription: string;
      readonly id: string;
      /** Position in {@link KnownEvents} when the event is one that the harness loaded or published, unaltered. */
      readonly known: number | undefined;
      /** The event; parsed lazily for known ones, hence a function. */
      event(): NostrEvent;
    }
  | { readonly label: 'EOSE'; readonly subscription: string; readonly extra: readonly unknown[] }
  | { readonly label: 'CLOSED'; readonly subscription: string; readonly reason: string }
  | { readonly label: 'OK'; readonly id: string; readonly accepted: boolean; readonly reason: string }
  | { readonly label: 'NOTICE'; readonly text: string }
  | { readonly label: 'AUTH'; readonly challenge: string }
  | { readonly label: 'COUNT'; readonly subscription: string; readonly count: number }
  | { readonly label: 'unknown'; readonly name: string }
  /** Not a text frame, not UTF-8, not JSON, not an array, or not the form that its label has in its NIP. */
  | {
      readonly label: 'malformed';
      readonly problem: string;
      /** What could still be made out of an OK or a subscription message, so that it isn't missed twice. */
      readonly about?: { readonly label: string; readonly key: string } | undefined;
    };

/** A message that the harness sends. */
export type SentMessage =
  | { readonly label: 'EVENT'; readonly known: number; readonly event: NostrEvent }
  | { readonly label: 'REQ'; readonly subscription: string; readonly request: JudgedRequest }
  | { readonly label: 'CLOSE'; readonly subscription: string }
  | { readonly label: 'AUTH'; readonly event: NostrEvent };

/** The part of a workload request that the judge needs; `WorkloadRequest` is one. */
export interface JudgedRequest {
  readonly filters: readonly import('nostr-tools/filter').Filter[];
  readonly filtersJson: string;
  readonly answers: readonly import('../scenario/workload.js').StaticAnswer[];
}

import type { Filter } from 'nostr-tools/filter';
import type { NostrEvent } from 'nostr-tools/pure';
import type { StaticAnswer } from '../scenario/workload.js';
import type { OtherText } from './sent-text.js';

/** An event that a relay sent for a subscription. */
export interface EventMessage {
  readonly label: 'EVENT';
  readonly subscription: string;
  readonly id: string;
  /** Its number in `KnownEvents` when it is one that the harness loaded or published, unaltered. */
  readonly known: number | undefined;
  /** The event; parsed lazily for known ones, hence a function. */
  event(): NostrEvent;
}

/** A message that can't be taken for what it claims to be. */
export interface MalformedMessage {
  readonly label: 'malformed';
  /** What is wrong, in our words. */
  readonly problem: string;
  /** The beginning of the message, cut; hostile text. */
  readonly text: string;
  /** What could still be made out of an OK or a subscription message, so that it isn't missed twice. */
  readonly about?: { readonly label: string; readonly key: string } | undefined;
}

/**
 * A message from a relay, read once and shared by the client that acts on it and the judge that checks it.
 * Everything in it is hostile text.
 */
export type ReceivedMessage =
  | EventMessage
  /** `extra`: what stands behind the subscription id (NIP-67). */
  | { readonly label: 'EOSE'; readonly subscription: string; readonly extra: readonly unknown[] }
  | { readonly label: 'CLOSED'; readonly subscription: string; readonly reason: string }
  | { readonly label: 'OK'; readonly id: string; readonly accepted: boolean; readonly reason: string }
  | { readonly label: 'NOTICE'; readonly text: string }
  | { readonly label: 'AUTH'; readonly challenge: string }
  /** `estimated`: the relay says so, by `approximate` or by a HyperLogLog value (NIP-45). */
  | {
      readonly label: 'COUNT';
      readonly subscription: string;
      readonly count: number;
      readonly estimated: boolean;
    }
  /** A well-formed array whose label no NIP that we know defines. */
  | { readonly label: 'unknown'; readonly name: string }
  /** Too large to be parsed without risk to the harness; nothing is said about its form. */
  | { readonly label: 'oversized'; readonly bytes: number }
  /** Not a text frame, not UTF-8, not JSON, not an array, or not the form that its label has in its NIP. */
  | MalformedMessage;

/** A message that the harness sends. `known` is the event's number in `KnownEvents`. */
export type SentMessage =
  | { readonly label: 'EVENT'; readonly known: number; readonly event: NostrEvent }
  | { readonly label: 'REQ'; readonly subscription: string; readonly request: JudgedRequest }
  | { readonly label: 'COUNT'; readonly subscription: string; readonly request: JudgedRequest }
  | { readonly label: 'CLOSE'; readonly subscription: string }
  | { readonly label: 'AUTH'; readonly event: NostrEvent }
  /** Nothing that a relay must serve. `text`: how it begins; `known`: an event that a relay may take it for. */
  | (OtherText & { readonly text: string; readonly known?: number | undefined });

/** The part of a workload request that the judge needs; `WorkloadRequest` is one. One object for each distinct request. */
export interface JudgedRequest {
  readonly filters: readonly Filter[];
  readonly filtersJson: string;
  readonly answers: readonly StaticAnswer[];
}

/**
 * The hooks of a relay made with `createStreaming` (docs/hooks.md): arrays of functions that are called one after another at the
 * moments that their names say, after Khatru's. Where a hook may return a promise, only the message that it
 * is about waits for it. What a hook of type `unknown` returns is awaited, and not looked at.
 */
import type { IncomingMessage } from 'node:http';
import type { NostrEvent } from '../protocol/event.js';
import type { Filter } from '../protocol/filter.js';
import type { RelayInformation } from '../strategy.js';
import type { MaybePromise } from './maybe-promise.js';

/** Whom a hook is about. */
export interface HookClient {
  /** IP address of the other end of the socket; a proxy's, if one is in front. */
  readonly remoteAddress: string;
  /** Every public key that the client has authenticated (NIP-42), as of now. */
  readonly pubkeys: ReadonlySet<string>;
}

/** Why something is refused, as the client is told; undefined if it isn't. Without a prefix of NIP-01 it gets `blocked: `. */
export type Refusal = string | undefined;

/** What a query function is given besides the filter. */
export interface HookQuery {
  readonly client: HookClient;
  /** No more events than this are sent. Infinity when a COUNT asks. */
  readonly limit: number;
  /** Aborted when nobody waits for the answer any more: rejection, CLOSE, a replacing REQ, disconnect. */
  readonly signal: AbortSignal;
}

/** Events, newest first; what comes after the limit isn't asked for. */
export type FoundEvents = Iterable<NostrEvent> | AsyncIterable<NostrEvent>;

export interface RelayHooks {
  /** Before the upgrade; a refusal is answered by HTTP 429 with its text. */
  readonly rejectConnection: readonly ((request: IncomingMessage) => MaybePromise<Refusal>)[];
  readonly onConnect: readonly ((client: HookClient) => unknown)[];
  readonly onDisconnect: readonly ((client: HookClient) => unknown)[];

  /** For each EVENT with a right id and signature, ephemeral ones too. */
  readonly rejectEvent: readonly ((event: NostrEvent, client: HookClient) => MaybePromise<Refusal>)[];
  /**
   * Keeps an event; replaceable and addressable ones go to {@link replaceEvent} if there is one. False: it is there already.
   * To refuse it, throw: the message goes into the OK.
   */
  readonly storeEvent: readonly ((event: NostrEvent) => MaybePromise<boolean>)[];
  /**
   * Keeps an event and removes the older versions. False: it, or a newer version, is there already. Without such a hook,
   * {@link queryEvents}, {@link deleteEvent} and {@link storeEvent} do it.
   */
  readonly replaceEvent: readonly ((event: NostrEvent) => MaybePromise<boolean>)[];
  /** Removes an event that {@link queryEvents} found: its author asked for that (NIP-09), or it is an older version. */
  readonly deleteEvent: readonly ((event: NostrEvent) => unknown)[];
  /** After the event was kept, before anybody gets it. */
  readonly onEventSaved: readonly ((event: NostrEvent, client: HookClient) => unknown)[];
  readonly onEphemeralEvent: readonly ((event: NostrEvent, client: HookClient) => unknown)[];

  /** Changes a filter before it is looked at, for stored and live events alike. */
  readonly overwriteFilter: readonly ((filter: Filter, client: HookClient) => MaybePromise<Filter>)[];
  /** The first refused filter ends the REQ. */
  readonly rejectFilter: readonly ((filter: Filter, client: HookClient) => MaybePromise<Refusal>)[];
  /** Event sources; a filter's sources are asked at once and their answers merged. */
  readonly queryEvents: readonly ((filter: Filter, query: HookQuery) => MaybePromise<FoundEvents>)[];
  /** Changes an event for one client, stored or live. Called for each event sent, so it answers at once. */
  readonly overwriteResponseEvent: readonly ((event: NostrEvent, client: HookClient) => NostrEvent)[];
  /** True keeps a live event from a client. Called for each delivery, so it answers at once. */
  readonly preventBroadcast: readonly ((event: NostrEvent, client: HookClient) => boolean)[];

  /** Any refused filter refuses the COUNT. */
  readonly rejectCount: readonly ((filter: Filter, client: HookClient) => MaybePromise<Refusal>)[];
  /** How many events match at least one filter; several functions add up. Without it, sources are counted. */
  readonly countEvents: readonly ((filters: readonly Filter[], query: HookQuery) => MaybePromise<number>)[];

  /** Changes the NIP-11 document. */
  readonly overwriteInformation: readonly ((
    information: RelayInformation,
    request: IncomingMessage,
  ) => MaybePromise<RelayInformation>)[];
}

/** The hooks that are given, and none where none is. */
export function relayHooks(given: Partial<RelayHooks>): RelayHooks {
  return {
    rejectConnection: [],
    onConnect: [],
    onDisconnect: [],
    rejectEvent: [],
    storeEvent: [],
    replaceEvent: [],
    deleteEvent: [],
    onEventSaved: [],
    onEphemeralEvent: [],
    overwriteFilter: [],
    rejectFilter: [],
    queryEvents: [],
    overwriteResponseEvent: [],
    preventBroadcast: [],
    rejectCount: [],
    countEvents: [],
    overwriteInformation: [],
    ...given,
  };
}

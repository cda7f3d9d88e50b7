/**
 * What a strategy is: how a relay answers what one connection says, given a substrate that is the same for all. A relay
 * author implements {@link Strategy} in a module of their own and exports it as default; `streaming/` and `batched/`
 * are the two that come with reqbench.
 */
import type { IncomingMessage } from 'node:http';
import type { AccessPolicy } from './access/policy.js';
import type { Session } from './access/session.js';
import type { RelaySettings } from './relay.js';
import type { HeldBytes } from './server/held-bytes.js';
import type { EventSource } from './store/event-source.js';
import type { EventStore } from './store/event-store.js';
import type { LiveIndex } from './subscriptions/live-index.js';
import type { Verifier } from './verification/verifier.js';

export interface Strategy {
  /** As results name it. */
  readonly name: string;
  /** Asked before the WebSocket upgrade with the client's IP address; false answers it by HTTP 403. */
  admits?(address: string, settings: RelaySettings): boolean;
  /** Asked before the WebSocket upgrade. @returns why the client is turned away, which is answered by HTTP 429. */
  refusalToConnect?(request: IncomingMessage): string | undefined | Promise<string | undefined>;
  /** The NIP-11 document as it is served, made of the one that the relay's settings give. */
  information?(
    document: RelayInformation,
    request: IncomingMessage,
  ): RelayInformation | Promise<RelayInformation>;
  /** Called when a client has connected, before anything is read from it. */
  converse(connection: Connection, substrate: Substrate): Conversation;
}

/** A NIP-11 document. */
export type RelayInformation = Readonly<Record<string, unknown>>;

/** One connection's conversation. */
export interface Conversation {
  /** Subscriptions that are open. */
  readonly subscriptions: number;
  /**
   * Called with each text message, in the order of arrival. The next message waits for what is returned: a strategy
   * that works on one message at a time returns the promise of its work, one that works on many at once returns nothing.
   */
  receive(text: string): Promise<void> | undefined;
  /**
   * The relay is shutting down: every open subscription ends with a CLOSED of this reason. A strategy without it has them
   * ended by the connection's close alone.
   */
  closeAll?(reason: string): void;
  /** The connection has ended: everything that was registered goes. Called once, and nothing after it. */
  end(): void;
}

/** The connection, as a strategy sees it. */
export interface Connection {
  readonly session: Session;
  readonly outbox: Outbox;
  /** IP address of the other end of the socket. */
  readonly remoteAddress: string;
  /** False once the connection has ended or is about to. */
  readonly isOpen: boolean;
  /** To be called when a REQ has been answered up to EOSE, for metrics and logs. */
  answered(subscription: string, durationMs: number): void;
}

/**
 * What goes out to one client. Messages leave in the order of the calls, small ones joined into few writes. Memory is
 * bounded: whoever produces much asks {@link hasRoom} before each message; live events, which nobody can hold back, end
 * the connection of a client that has left too many unread.
 */
export interface Outbox {
  /** True while what waits to be read is below the bound. */
  readonly hasRoom: boolean;
  /** Resolves when there is room again, or the connection has ended. */
  room(): Promise<void>;
  /** Any message but EVENT, as its JSON text. */
  message(text: string): void;
  /**
   * The OK of an EVENT. While more of them are to come, it may wait some milliseconds and leave with them.
   * @param expectsMore the strategy has EVENTs of this client under way; those that it wasn't given yet count anyway.
   */
  acknowledge(text: string, expectsMore: boolean): void;
  /** An EVENT: `head` as `eventMessageHead` gives it. */
  event(head: Uint8Array, json: Uint8Array): void;
  /** A live EVENT: past the cap it ends the connection instead. */
  liveEvent(head: Uint8Array, json: Uint8Array): void;
  /**
   * Counts `bytes` of live events that the caller holds for this client as unread, or no longer (negative).
   * Past the cap that ends the connection.
   */
  hold(bytes: number): void;
}

/** Everything that strategies share. */
export interface Substrate {
  readonly settings: RelaySettings;
  readonly store: EventStore;
  readonly source: EventSource;
  readonly live: LiveIndex;
  readonly access: AccessPolicy;
  /** Tells whether an EVENT is authentic, on whatever thread. */
  readonly verifier: Verifier;
  readonly turns: Turns;
  readonly clock: Clock;
  /** Bytes held for clients; a strategy adds the answers that it collects. */
  readonly held: HeldBytes;
  /** For the operator: what a client isn't told. */
  warn(message: string): void;
  /** For the operator, structured: what happened, and the figures that belong to it. */
  log(event: string, fields: Readonly<Record<string, string | number | boolean>>): void;
}

/** Time comes in from outside. */
export interface Clock {
  /** Unix time in seconds. */
  unixS(): number;
  /** Milliseconds on a clock that never jumps. */
  monotonicMs(): number;
}

/** Shares the one thread among all that work at once. */
export interface Turns {
  /** True while somebody waits for a turn: there is work at hand that sockets were put before. */
  readonly isAwaited: boolean;
  /** A turn that begins now, with what the messages that arrived at the same time have left of the quantum. */
  begin(): Turn;
}

export interface Turn {
  /** True when the quantum is used up: then {@link Turn.next} should be awaited before going on. */
  readonly isOver: boolean;
  /** Resolves when it is this worker's turn again, with a fresh quantum; sockets are read and written in between. */
  next(): Promise<void>;
}

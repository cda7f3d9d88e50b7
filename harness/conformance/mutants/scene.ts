import type { IncomingHttpHeaders } from 'node:http';
import type { Filter } from 'nostr-tools/filter';
import type { NostrEvent } from 'nostr-tools/pure';
import type { Tamper, WireMessage } from '../../proxy/index.js';
import { textMessage } from '../../proxy/index.js';
import type { Mutation } from './mutant.js';

/** A message as the elements of its array. Both sides are ours, a reference relay, and a load or probes, which send odd things too. */
export type Elements = readonly unknown[];

/** What goes out: an array that becomes a text frame, or a frame as it is. */
export type Outgoing = Elements | WireMessage;

/**
 * What a mutation does with the messages of one connection; undefined: the message goes on as it is. What is no JSON
 * array has no elements.
 */
export interface Rule {
  fromRelay?(message: Elements, scene: Scene): readonly Outgoing[] | undefined;
  fromClient?(message: Elements, scene: Scene, isBinary: boolean): readonly Outgoing[] | undefined;
  clientLeft?(): void;
}

/** A subscription as far as the proxy can see it. */
export interface Seen {
  readonly filters: readonly Filter[];
  phase: 'stored' | 'live' | 'closed';
  /** Events that the client got, in order. */
  readonly events: NostrEvent[];
}

/** What has happened on a connection before the message at hand. */
export interface Scene {
  subscription(id: unknown): Seen | undefined;
  /** Sends to the client, now or later. */
  say(...messages: readonly Outgoing[]): void;
  /** Cuts the connection. */
  cut(): void;
}

/** What a rule makes of a message. One that hasn't the form that the rule speaks of, as probes send them, goes on as it is. */
function ruled<Outcome>(rule: () => Outcome): Outcome | undefined {
  try {
    return rule();
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** A tamper that follows the conversation and asks the rule about every message. */
export function tamperBy(rule: Rule): Tamper {
  const subscriptions = new Map<string, Seen>();
  const sceneFor = (way: Parameters<Tamper['fromRelay']>[1]): Scene => ({
    subscription: (id) => (typeof id === 'string' ? subscriptions.get(id) : undefined),
    say(...messages) {
      for (const message of messages) way.toClient(frameOf(message));
    },
    cut: () => way.cut(),
  });
  return {
    fromClient(message, way) {
      const elements = elementsOf(message);
      const instead = ruled(() => rule.fromClient?.(elements, sceneFor(way), message.isBinary));
      noteRequest(elements, subscriptions);
      for (const each of instead ?? [message]) way.toRelay(frameOf(each));
    },
    fromRelay(message, way) {
      const elements = elementsOf(message);
      const subscription = typeof elements[1] === 'string' ? subscriptions.get(elements[1]) : undefined;
      // What a rule has closed stays closed: the relay doesn't know, and would break a second rule.
      if (subscription?.phase === 'closed') return;
      const instead = ruled(() => rule.fromRelay?.(elements, sceneFor(way)));
      if (elements[0] !== 'CLOSED') noteAnswer(elements, subscription);
      for (const each of instead ?? [message]) {
        if (!isFrame(each) && each[0] === 'CLOSED') noteAnswer(each, subscription);
        way.toClient(frameOf(each));
      }
    },
    clientLeft: () => rule.clientLeft?.(),
  };
}

function elementsOf({ payload }: WireMessage): Elements {
  try {
    const parsed: unknown = JSON.parse(payload.toString('utf8'));
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}

function frameOf(message: Outgoing): WireMessage {
  return isFrame(message) ? message : textMessage(JSON.stringify(message));
}

function isFrame(message: Outgoing): message is WireMessage {
  return 'payload' in message;
}

function noteRequest([label, id, ...filters]: Elements, subscriptions: Map<string, Seen>): void {
  if (label !== 'REQ' || typeof id !== 'string') return;
  const isFilter = (one: unknown): one is Filter => typeof one === 'object' && one !== null;
  subscriptions.set(id, { filters: filters.filter(isFilter), phase: 'stored', events: [] });
}

function noteAnswer([label, , event]: Elements, subscription: Seen | undefined): void {
  if (!subscription) return;
  if (label === 'EVENT') subscription.events.push(event as NostrEvent);
  else if (label === 'EOSE') subscription.phase = 'live';
  else if (label === 'CLOSED') subscription.phase = 'closed';
}

/** True once: at the n-th call. */
export function nth(n: number): () => boolean {
  let calls = 0;
  return () => {
    calls += 1;
    return calls === n;
  };
}

/** A mutation whose rule is the same for all connections of the relay. */
export function oneRule(makeRule: () => Rule): Mutation {
  return sharingRule(makeRule, (rule) => rule);
}

/** A mutation whose rule each connection has for itself. */
export function eachRule(makeRule: (handshake: IncomingHttpHeaders) => Rule): Mutation {
  return () => (handshake) => tamperBy(makeRule(handshake));
}

/** The same, with something that all connections of the relay share. */
export function sharingRule<Shared>(share: () => Shared, makeRule: (shared: Shared) => Rule): Mutation {
  return () => {
    const shared = share();
    return () => tamperBy(makeRule(shared));
  };
}

/** Lets every message through, and knows nothing of them. */
export const UNALTERED: Mutation = () => () => ({
  fromClient: (message, way) => way.toRelay(message),
  fromRelay: (message, way) => way.toClient(message),
});

/** The event of an EVENT message of the relay, with its subscription. */
export function eventOf([label, id, event]: Elements): { id: string; event: NostrEvent } | undefined {
  return label === 'EVENT' && typeof id === 'string' ? { id, event: event as NostrEvent } : undefined;
}

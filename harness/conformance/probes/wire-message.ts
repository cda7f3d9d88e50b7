/** Reads what a relay sent, as far as probes rely on it. */
import type { NostrEvent } from 'nostr-tools/pure';
import { shortId } from '../checks/check.js';

/** A message of the relay, parsed; undefined where it isn't a JSON array. Everything in it is hostile. */
export type Message = readonly unknown[];

/** The elements of a message; none where it isn't a JSON array. */
export function parsed(data: Buffer): Message {
  try {
    const message: unknown = JSON.parse(data.toString('utf8'));
    return Array.isArray(message) ? message : [];
  } catch {
    return [];
  }
}

/** Events that a stretch of messages brought for a subscription. */
export function eventsOf(messages: readonly Message[], subscription: string): readonly NostrEvent[] {
  return messages.flatMap(([label, id, event]) =>
    label === 'EVENT' && id === subscription && isEvent(event) ? [event] : [],
  );
}

/** Whether one of the messages brings the event with this id. */
export function carries(messages: readonly Message[], id: string): boolean {
  return messages.some(([label, , event]) => label === 'EVENT' && idOf(event) === id);
}

/** The id of an event; undefined for what is none. */
export function idOf(value: unknown): unknown {
  return isEvent(value) ? value.id : undefined;
}

/** As far as probes rely on it; the form of messages is for the invariants. */
function isEvent(value: unknown): value is NostrEvent {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    typeof value.id === 'string' &&
    'pubkey' in value &&
    typeof value.pubkey === 'string' &&
    'kind' in value &&
    typeof value.kind === 'number' &&
    'created_at' in value &&
    typeof value.created_at === 'number' &&
    'tags' in value &&
    Array.isArray(value.tags) &&
    'content' in value &&
    typeof value.content === 'string'
  );
}

/** Ids as sentences name them. */
export function named(events: readonly NostrEvent[]): string {
  return events.length === 0 ? 'nothing' : events.map(({ id }) => shortId(id)).join(', ');
}

import type { RelayLimits } from '../relay.js';
import type { NostrEvent } from './event.js';
import { eventJson, readEvent } from './event-form.js';
import type { Filter } from './filter.js';
import { readFilter } from './filter-form.js';
import { isObject, type Reading, read, refuse } from './reading.js';

/** What a client says (NIP-01, NIP-42, NIP-45), read strictly; or what is wrong with it and how that is answered. */
export type ClientMessage =
  | { readonly label: 'EVENT'; readonly event: NostrEvent; readonly json: Uint8Array }
  | { readonly label: 'REQ'; readonly subscription: string; readonly filters: readonly Filter[] }
  | { readonly label: 'COUNT'; readonly subscription: string; readonly filters: readonly Filter[] }
  | { readonly label: 'CLOSE'; readonly subscription: string }
  | { readonly label: 'AUTH'; readonly event: NostrEvent }
  | BadMessage;

/** A message that can't be served. `reason` has its machine-readable prefix. */
export type BadMessage =
  /** EVENT or AUTH whose id could be read: answered by OK false. */
  | { readonly label: 'bad-event'; readonly id: string; readonly reason: string }
  /** REQ whose subscription id could be read: answered by CLOSED. `before`: the filters before the bad one. */
  | {
      readonly label: 'bad-req';
      readonly subscription: string;
      readonly reason: string;
      readonly before: readonly Filter[];
    }
  /** COUNT whose id could be read: answered by CLOSED, and no subscription is touched. */
  | { readonly label: 'bad-count'; readonly subscription: string; readonly reason: string }
  /** Everything else: answered by NOTICE. */
  | { readonly label: 'unreadable'; readonly reason: string };

/** Reads one text message. Never throws. */
export function readClientMessage(text: string, limits: RelayLimits): ClientMessage {
  const message = readArray(text);
  if (!message.ok) return unreadable(message.reason);
  const [label, ...rest] = message.value;
  switch (label) {
    case 'EVENT':
      return readEventMessage(rest, limits);
    case 'REQ':
      return readReq(rest, limits);
    case 'COUNT':
      return readCount(rest, limits);
    case 'CLOSE':
      return readClose(rest);
    case 'AUTH':
      return readAuth(rest, limits);
    default:
      return unreadable('unsupported: the message is none of EVENT, REQ, COUNT, CLOSE, AUTH');
  }
}

function readArray(text: string): Reading<readonly unknown[]> {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? read(value) : refuse('invalid: the message is not an array');
  } catch {
    return refuse('invalid: the message is not JSON');
  }
}

function readEventMessage(rest: readonly unknown[], limits: RelayLimits): ClientMessage {
  const event = readOnlyEvent(rest, limits);
  if (!event.ok) return badEvent(rest[0], event.reason);
  return { label: 'EVENT', event: event.value, json: eventJson(rest[0], event.value) };
}

function readAuth(rest: readonly unknown[], limits: RelayLimits): ClientMessage {
  const event = readOnlyEvent(rest, limits);
  return event.ok ? { label: 'AUTH', event: event.value } : badEvent(rest[0], event.reason);
}

function readOnlyEvent(rest: readonly unknown[], limits: RelayLimits): Reading<NostrEvent> {
  if (rest.length !== 1) return refuse('invalid: the message does not have exactly two elements');
  return readEvent(rest[0], limits.maxEventTags);
}

function badEvent(value: unknown, reason: string): BadMessage {
  return isObject(value) && typeof value.id === 'string'
    ? { label: 'bad-event', id: value.id, reason }
    : unreadable(reason);
}

function readReq([subscription, ...rest]: readonly unknown[], limits: RelayLimits): ClientMessage {
  if (typeof subscription !== 'string') return unreadable('invalid: the subscription id is not a string');
  const { filters, reason } = readFilters(subscription, rest, limits);
  return reason === undefined
    ? { label: 'REQ', subscription, filters }
    : { label: 'bad-req', subscription, reason, before: filters };
}

function readCount([subscription, ...rest]: readonly unknown[], limits: RelayLimits): ClientMessage {
  if (typeof subscription !== 'string') return unreadable('invalid: the query id is not a string');
  const { filters, reason } = readFilters(subscription, rest, limits);
  return reason === undefined
    ? { label: 'COUNT', subscription, filters }
    : { label: 'bad-count', subscription, reason };
}

interface FiltersRead {
  /** All of them, or those before the first bad one. */
  readonly filters: readonly Filter[];
  readonly reason?: string;
}

function readFilters(id: string, values: readonly unknown[], limits: RelayLimits): FiltersRead {
  const reason = misfit(id, values, limits);
  if (reason !== undefined) return { filters: [], reason };
  const filters: Filter[] = [];
  for (const value of values) {
    const filter = readFilter(value);
    if (!filter.ok) return { filters, reason: filter.reason };
    filters.push(filter.value);
  }
  return { filters };
}

/** What is wrong with an id and the number of filters. */
function misfit(id: string, values: readonly unknown[], limits: RelayLimits): string | undefined {
  if (id === '') return 'invalid: the subscription id is empty';
  if (isLongerThan(id, limits.maxSubscriptionIdLength)) {
    return `invalid: the subscription id has more than ${limits.maxSubscriptionIdLength} characters`;
  }
  if (values.length === 0) return 'invalid: there is no filter';
  return values.length > limits.maxFilters ? `invalid: more than ${limits.maxFilters} filters` : undefined;
}

/** Characters are code points: an emoji counts once. */
function isLongerThan(text: string, characters: number): boolean {
  return text.length > characters && (text.length > 2 * characters || [...text].length > characters);
}

function readClose(rest: readonly unknown[]): ClientMessage {
  const [subscription] = rest;
  if (typeof subscription !== 'string' || rest.length !== 1) {
    return unreadable('invalid: CLOSE takes a subscription id and nothing else');
  }
  return { label: 'CLOSE', subscription };
}

function unreadable(reason: string): BadMessage {
  return { label: 'unreadable', reason };
}

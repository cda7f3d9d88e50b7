import { isUtf8 } from 'node:buffer';
import type { NostrEvent } from 'nostr-tools/pure';
import { eventProblem, isEvent, isObject, isSameEvent, isWholeNumber } from './event-form.js';
import type { KnownEvents } from './known-events.js';
import type { EventMessage, MalformedMessage, ReceivedMessage } from './message.js';
import { afterSpace } from './spelling.js';

/** Reads the WebSocket messages of a relay. Never throws, whatever it is given. */
export interface FrameReader {
  read(payload: Buffer, isBinary: boolean): ReceivedMessage;
}

/**
 * Messages above this size are read only when they are an event that the harness knows: parsing, say, 100 MB of
 * `[` would take the harness's memory with it.
 */
export const MAX_PARSED_BYTES = 16 * 1024 * 1024;

const EXCERPT_CHARACTERS = 300;
/** Longer than any subscription id of ours: NIP-01 allows 64 characters. */
const MAX_PLAIN_STRING = 256;
const EVENT_PREFIX = Buffer.from('["EVENT","');
const ID_FIRST = Buffer.from('{"id":"');
const ID_KEY = Buffer.from('"id"');
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;

/** A reader over the events of a run; one may serve many connections. */
export function createFrameReader(known: KnownEvents): FrameReader {
  const envelope = new Envelope();
  return {
    read(payload, isBinary) {
      if (isBinary) return readBinary(payload);
      return readKnownEvent(payload, known, envelope) ?? readParsed(payload, known);
    },
  };
}

/** An event of the registry: nothing is parsed or copied until somebody asks for the event. */
class KnownEventMessage implements EventMessage {
  readonly label = 'EVENT';
  constructor(
    readonly subscription: string,
    readonly known: number,
    readonly registry: KnownEvents,
  ) {}
  get id(): string {
    return this.registry.idOf(this.known);
  }
  event(): NostrEvent {
    return this.registry.eventOf(this.known);
  }
}

/**
 * What stands before the event: `["EVENT","<plain ASCII>",`. Most messages have that of the message before, so it is
 * compared before it is read, and the same bytes give the same string object.
 */
class Envelope {
  #bytes = Buffer.alloc(0);
  #subscription = '';

  /** Subscription id of the message that was read last. */
  get subscription(): string {
    return this.#subscription;
  }

  /** Where the event begins; 0 if this is no such message. */
  read(payload: Buffer): number {
    if (this.#isLast(payload)) return this.#bytes.length;
    const nameEnd = endOfName(payload);
    if (nameEnd === undefined) return 0;
    this.#bytes = Buffer.from(payload.subarray(0, nameEnd + 2));
    this.#subscription = payload.toString('latin1', EVENT_PREFIX.length, nameEnd);
    return this.#bytes.length;
  }

  #isLast(payload: Buffer): boolean {
    const bytes = this.#bytes;
    if (bytes.length === 0 || payload.length < bytes.length) return false;
    // Ids that a client counts up differ at their ends.
    for (let i = bytes.length - 1; i >= 0; i--) if (bytes[i] !== payload[i]) return false;
    return true;
  }
}

/** Where the quote after the subscription id stands, if the message may be an EVENT with an id of plain ASCII. */
function endOfName(payload: Buffer): number | undefined {
  if (!startsWith(payload, EVENT_PREFIX, 0)) return undefined;
  const nameEnd = endOfPlainString(payload, EVENT_PREFIX.length);
  return nameEnd !== undefined && payload[nameEnd + 1] === COMMA ? nameEnd : undefined;
}

/**
 * The fast path: `["EVENT","<plain ASCII>",{…}]` whose object is byte for byte an event of the registry, or field by field. The
 * comparison is the proof, so finding the id may be a guess.
 */
function readKnownEvent(
  payload: Buffer,
  known: KnownEvents,
  envelope: Envelope,
): ReceivedMessage | undefined {
  const start = envelope.read(payload);
  if (start === 0 || payload[payload.length - 1] !== CLOSING_BRACKET) return undefined;
  const idAt = guessIdAt(payload, start);
  if (idAt === undefined) return undefined;
  const end = payload.length - 1;
  const number =
    known.findUnaltered(payload, idAt, start, end) ?? known.findRespelled(payload, idAt, start, end);
  return number === undefined ? undefined : new KnownEventMessage(envelope.subscription, number, known);
}

function startsWith(payload: Buffer, prefix: Buffer, at: number): boolean {
  for (let i = 0; i < prefix.length; i++) if (payload[at + i] !== prefix[i]) return false;
  return true;
}

/** Where the string that begins at `at` ends, if it is printable ASCII without escapes. */
function endOfPlainString(payload: Buffer, at: number): number | undefined {
  const limit = Math.min(payload.length, at + MAX_PLAIN_STRING);
  for (let i = at; i < limit; i++) {
    const byte = payload[i] ?? 0;
    if (byte === QUOTE) return i;
    if (byte === BACKSLASH || byte < 0x20 || byte > 0x7e) return undefined;
  }
  return undefined;
}

/** Where the hex digits of the event's id may begin, whatever the order of its keys and the space around them. */
function guessIdAt(payload: Buffer, start: number): number | undefined {
  if (startsWith(payload, ID_FIRST, start)) return start + ID_FIRST.length;
  const keyAt = payload.indexOf(ID_KEY, start);
  if (keyAt < 0) return undefined;
  const colonAt = afterSpace(payload, keyAt + ID_KEY.length);
  if (payload[colonAt] !== COLON) return undefined;
  const quoteAt = afterSpace(payload, colonAt + 1);
  return payload[quoteAt] === QUOTE ? quoteAt + 1 : undefined;
}

function readParsed(payload: Buffer, known: KnownEvents): ReceivedMessage {
  if (payload.length > MAX_PARSED_BYTES) return { label: 'oversized', bytes: payload.length };
  if (!isUtf8(payload)) return malformed(payload, 'not UTF-8');
  const message = parse(payload);
  if (message === undefined) return malformed(payload, 'not JSON');
  if (!Array.isArray(message)) return malformed(payload, 'not a JSON array');
  return readArray(message, payload, known);
}

function readBinary(payload: Buffer): ReceivedMessage {
  const message = payload.length > MAX_PARSED_BYTES ? undefined : parse(payload);
  return malformed(payload, 'a binary frame, not text', Array.isArray(message) ? message : []);
}

function parse(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    return undefined;
  }
}

function readArray(message: readonly unknown[], payload: Buffer, known: KnownEvents): ReceivedMessage {
  const [label] = message;
  if (typeof label !== 'string') return malformed(payload, 'no label: the first element is not a string');
  if (label === 'EVENT') return readEvent(message, payload, known);
  const reader = READERS.get(label);
  if (!reader) return { label: 'unknown', name: cut(label) };
  const read = reader(message);
  return typeof read === 'string' ? malformed(payload, read, message) : read;
}

/** For each label the message, or what is wrong with its form. */
const READERS = new Map<string, (message: readonly unknown[]) => ReceivedMessage | string>([
  [
    'EOSE',
    ([, subscription, ...extra]) =>
      typeof subscription === 'string'
        ? { label: 'EOSE', subscription, extra }
        : 'EOSE without a subscription id',
  ],
  [
    'CLOSED',
    ([, subscription, reason, ...rest]) =>
      typeof subscription === 'string' && typeof reason === 'string' && rest.length === 0
        ? { label: 'CLOSED', subscription, reason }
        : 'CLOSED is not ["CLOSED", <subscription id>, <message>]',
  ],
  [
    'OK',
    ([, id, accepted, reason, ...rest]) =>
      typeof id === 'string' &&
      typeof accepted === 'boolean' &&
      typeof reason === 'string' &&
      rest.length === 0
        ? { label: 'OK', id, accepted, reason }
        : 'OK is not ["OK", <event id>, <true|false>, <message>]',
  ],
  [
    'NOTICE',
    ([, text, ...rest]) =>
      typeof text === 'string' && rest.length === 0
        ? { label: 'NOTICE', text }
        : 'NOTICE is not ["NOTICE", <message>]',
  ],
  [
    'AUTH',
    ([, challenge, ...rest]) =>
      typeof challenge === 'string' && rest.length === 0
        ? { label: 'AUTH', challenge }
        : 'AUTH is not ["AUTH", <challenge>]',
  ],
  [
    'COUNT',
    ([, subscription, result, ...rest]) => {
      const { count, approximate, hll } = isObject(result) ? result : {};
      const estimated = approximate === true || hll !== undefined;
      return typeof subscription === 'string' && isWholeNumber(count) && count >= 0 && rest.length === 0
        ? { label: 'COUNT', subscription, count, estimated }
        : 'COUNT is not ["COUNT", <id>, {"count": <integer>}]';
    },
  ],
]);

function readEvent(message: readonly unknown[], payload: Buffer, known: KnownEvents): ReceivedMessage {
  const [, subscription, event, ...rest] = message;
  if (typeof subscription !== 'string' || rest.length > 0 || !isObject(event)) {
    return malformed(payload, 'EVENT is not ["EVENT", <subscription id>, <event>]', message);
  }
  // An event that equals one of ours has the form of an event.
  const number = typeof event.id === 'string' ? known.numberOf(event.id) : undefined;
  if (number !== undefined && isSameEvent(event, known.eventOf(number))) {
    rememberSpelling(number, payload, known);
    return new KnownEventMessage(subscription, number, known);
  }
  if (!isEvent(event)) return malformed(payload, `the event's ${eventProblem(event)}`, message);
  return { label: 'EVENT', subscription, id: event.id, known: undefined, event: () => event };
}

/** A spelling can be found again only where the fast path would look for it. */
function rememberSpelling(number: number, payload: Buffer, known: KnownEvents): void {
  const nameEnd = endOfName(payload);
  if (nameEnd === undefined || payload[payload.length - 1] !== CLOSING_BRACKET) return;
  const start = nameEnd + 2;
  const length = payload.length - 1 - start;
  // Two keys of one name, or fields of its own, could make it long; such a spelling isn't worth keeping.
  if (length > 2 * known.bytesOf(number).length || guessIdAt(payload, start) === undefined) return;
  known.rememberSpelling(number, payload, start, start + length);
}

function malformed(payload: Buffer, problem: string, message: readonly unknown[] = []): MalformedMessage {
  const [label, key] = message;
  const text = payload.toString('utf8', 0, EXCERPT_CHARACTERS);
  if (typeof label !== 'string' || typeof key !== 'string') return { label: 'malformed', problem, text };
  return { label: 'malformed', problem, text, about: { label: cut(label), key: cut(key) } };
}

/** The beginning of a text as a string of its own: a slice would keep the whole message alive. */
function cut(text: string): string {
  return text.length <= EXCERPT_CHARACTERS ? text : Buffer.from(text.slice(0, EXCERPT_CHARACTERS)).toString();
}

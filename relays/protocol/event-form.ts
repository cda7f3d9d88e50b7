import type { NostrEvent } from './event.js';
import { isHex32, isHex64, isKind, isObject, type Reading, read, refuse } from './reading.js';

const FIELDS = 7;

/** Reads a value as an event: the right fields of the right types. Says nothing about id and signature. */
export function readEvent(value: unknown, maxTags: number): Reading<NostrEvent> {
  if (!isObject(value)) return refuse('invalid: the event is not an object');
  const { id, pubkey, created_at, kind, tags, content, sig } = value;
  if (!isHex32(id)) return refuse('invalid: id is not 64 lower-case hex characters');
  if (!isHex32(pubkey)) return refuse('invalid: pubkey is not 64 lower-case hex characters');
  if (!isTimestamp(created_at)) return refuse('invalid: created_at is not a unix time in whole seconds');
  if (!isKind(kind)) return refuse('invalid: kind is not an integer from 0 to 65535');
  if (!isTags(tags)) return refuse('invalid: tags is not an array of non-empty arrays of strings');
  if (tags.length > maxTags) return refuse(`invalid: more than ${maxTags} tags`);
  if (typeof content !== 'string') return refuse('invalid: content is not a string');
  if (!isHex64(sig)) return refuse('invalid: sig is not 128 lower-case hex characters');
  return read({ id, pubkey, created_at, kind, tags, content, sig });
}

/**
 * The bytes in which a published event is kept and sent: the sender's order of fields, without white space; what
 * NIP-01 doesn't define is left out. Minified JSON of the seven fields thus comes out as it went in.
 */
export function eventJson(value: unknown, event: NostrEvent): Uint8Array {
  const asGiven = isObject(value) && Object.keys(value).length === FIELDS;
  return Buffer.from(JSON.stringify(asGiven ? value : event));
}

function isTimestamp(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isTags(value: unknown): value is string[][] {
  return Array.isArray(value) && value.every(isTag);
}

function isTag(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((part) => typeof part === 'string');
}

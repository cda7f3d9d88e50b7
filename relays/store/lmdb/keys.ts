/**
 * The keys of the `index` table. Every key is a table's letter, a prefix of fixed width, and a suffix that is the same in
 * all tables: created_at as its complement (so that the newest comes first), the id (so that ties come lowest first), the
 * sequence and the kind. A range of one prefix is thus in the order of answers, and answers are found without values.
 */
import { createHash } from 'node:crypto';
import type { RelayEvent } from '../../protocol/event.js';

/** The tables, by the letter that their keys begin with. */
export const TABLE = { time: 0x54, kind: 0x4b, author: 0x41, authorKind: 0x42, tag: 0x47 } as const;

const ID_BYTES = 32;
const TIME_BYTES = 8;
const SEQUENCE_AT = TIME_BYTES + ID_BYTES;
const KIND_AT = SEQUENCE_AT + 4;
/** Length of what follows the prefix. */
export const SUFFIX_BYTES = KIND_AT + 2;

const MAX_TIME = Number.MAX_SAFE_INTEGER;
const TWO_TO_THE_32 = 2 ** 32;

/** What an index entry says of its event. */
export interface IndexEntry {
  readonly createdAt: number;
  readonly sequence: number;
  readonly kind: number;
  /** The {@link SUFFIX_BYTES} as they stand in the key. */
  readonly suffix: Buffer;
}

export const timePrefix = (): Buffer => Buffer.of(TABLE.time);

export function kindPrefix(kind: number): Buffer {
  return Buffer.of(TABLE.kind, kind >>> 8, kind & 0xff);
}

export function authorPrefix(author: string): Buffer {
  return Buffer.concat([Buffer.of(TABLE.author), Buffer.from(author, 'hex')]);
}

export function authorKindPrefix(author: string, kind: number): Buffer {
  return Buffer.concat([
    Buffer.of(TABLE.authorKind),
    Buffer.from(author, 'hex'),
    Buffer.of(kind >>> 8, kind & 0xff),
  ]);
}

export function tagPrefix(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.of(TABLE.tag, name.charCodeAt(0)), fixedWidth(value)]);
}

const HEX_32 = /^[0-9a-f]{64}$/;
const VALUE_BYTES = 32;
/** First byte of a value in a key: how the 32 bytes after it stand for the text. No two texts share a form. */
const FORM = { hex: 0xff, digest: 0xfe } as const;

/** A text in 33 bytes: 32 bytes in hex as they are, short texts with their length, others as their SHA-256. */
function fixedWidth(value: string): Buffer {
  const bytes = Buffer.alloc(1 + VALUE_BYTES);
  if (HEX_32.test(value)) {
    bytes[0] = FORM.hex;
    bytes.write(value, 1, 'hex');
    return bytes;
  }
  const length = Buffer.byteLength(value);
  if (length <= VALUE_BYTES) {
    bytes[0] = length;
    bytes.write(value, 1);
    // UTF-8 has no lone surrogates: texts with one would all look alike.
    if (bytes.toString('utf8', 1, 1 + length) === value) return bytes;
  }
  bytes[0] = FORM.digest;
  createHash('sha256').update(value, 'utf16le').digest().copy(bytes, 1);
  return bytes;
}

/** The key of a replacement address. */
export function addressKey(address: string): Buffer {
  return createHash('sha256').update(address).digest();
}

/** The keys of all index entries of an event, each once. */
export function indexKeys(event: RelayEvent, sequence: number): readonly Buffer[] {
  const suffix = suffixOf(event, sequence);
  const prefixes = [
    timePrefix(),
    kindPrefix(event.kind),
    authorPrefix(event.pubkey),
    authorKindPrefix(event.pubkey, event.kind),
  ];
  for (let i = 0; i < event.indexedTags.length; i += 2) {
    prefixes.push(tagPrefix(event.indexedTags[i] ?? '', event.indexedTags[i + 1] ?? ''));
  }
  return prefixes.map((prefix) => Buffer.concat([prefix, suffix]));
}

function suffixOf({ createdAt, id, kind }: RelayEvent, sequence: number): Buffer {
  const suffix = Buffer.alloc(SUFFIX_BYTES);
  writeComplement(suffix, 0, createdAt);
  suffix.write(id, TIME_BYTES, 'hex');
  suffix.writeUInt32BE(sequence, SEQUENCE_AT);
  suffix.writeUInt16BE(kind, KIND_AT);
  return suffix;
}

/** The suffix of a key that stands in `bytes`, copied: all that a scan needs of it. */
export function keySuffix(bytes: Uint8Array, start: number, end: number): Buffer {
  const suffix = Buffer.allocUnsafe(SUFFIX_BYTES);
  suffix.set(bytes.subarray(Math.max(start, end - SUFFIX_BYTES), end));
  return suffix;
}

export function entryOf(suffix: Buffer): IndexEntry {
  return {
    createdAt: MAX_TIME - (suffix.readUInt32BE(0) * TWO_TO_THE_32 + suffix.readUInt32BE(4)),
    sequence: suffix.readUInt32BE(SEQUENCE_AT),
    kind: suffix.readUInt16BE(KIND_AT),
    suffix,
  };
}

/** The first key under `prefix` that is not newer than `until`. */
export function rangeStart(prefix: Buffer, until: number | undefined): Buffer {
  return until === undefined || until >= MAX_TIME ? prefix : withTime(prefix, until);
}

/** The first key after those under `prefix` that are not older than `since`. */
export function rangeEnd(prefix: Buffer, since: number | undefined): Buffer {
  return since === undefined || since <= 0 ? successor(prefix) : withTime(prefix, since - 1);
}

/** The key right after the entry with `suffix`. */
export function rangeAfter(prefix: Buffer, suffix: Buffer): Buffer {
  return Buffer.concat([prefix, suffix, Buffer.of(0)]);
}

function withTime(prefix: Buffer, createdAt: number): Buffer {
  const key = Buffer.alloc(prefix.length + TIME_BYTES);
  prefix.copy(key);
  writeComplement(key, prefix.length, Math.min(createdAt, MAX_TIME));
  return key;
}

function successor(prefix: Buffer): Buffer {
  const next = Buffer.from(prefix);
  for (let at = next.length - 1; at >= 0; at -= 1) {
    const byte = next[at] ?? 0;
    next[at] = (byte + 1) & 0xff;
    if (byte < 0xff) return next;
  }
  return next;
}

function writeComplement(bytes: Buffer, at: number, createdAt: number): void {
  const complement = MAX_TIME - createdAt;
  bytes.writeUInt32BE(Math.floor(complement / TWO_TO_THE_32), at);
  bytes.writeUInt32BE(complement % TWO_TO_THE_32, at + 4);
}

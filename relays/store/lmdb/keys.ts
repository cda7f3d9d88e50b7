/**
 * The keys of the `index` table. Every key is a table's letter, a prefix of fixed width, and a suffix that is the same in
 * all tables: created_at as its complement (so that the newest comes first), the id (so that ties come lowest first), the
 * sequence and the kind. A range of one prefix is thus in the order of answers, and answers are found without values.
 */
import { createHash } from 'node:crypto';
import type { RelayEvent } from '../../protocol/event.js';

/** The tables, by the letter that their keys begin with. */
export const TABLE = { time: 0x54, kind: 0x4b, author: 0x41, authorKind: 0x42, tag: 0x47 } as const;

export const ID_BYTES = 32;
const TIME_BYTES = 8;
const SEQUENCE_AT = TIME_BYTES + ID_BYTES;
const KIND_AT = SEQUENCE_AT + 4;
/** Length of what follows the prefix. */
const SUFFIX_BYTES = KIND_AT + 2;

const MAX_TIME = Number.MAX_SAFE_INTEGER;
const TWO_TO_THE_32 = 2 ** 32;

/** What an index entry says of its event. */
export class IndexEntry {
  readonly createdAt: number;
  readonly sequence: number;
  readonly kind: number;
  /** Holds the id's {@link ID_BYTES} at `idAt`, with those of other entries: a buffer each would weigh more than the rest. */
  readonly ids: Uint8Array;
  readonly idAt: number;

  /** Of the suffix that begins at `at` in `bytes`, which may change afterwards. */
  constructor(bytes: Uint8Array, at: number) {
    const slab = keptId(bytes, at + TIME_BYTES);
    this.createdAt = MAX_TIME - (uint32At(bytes, at) * TWO_TO_THE_32 + uint32At(bytes, at + 4));
    this.sequence = uint32At(bytes, at + SEQUENCE_AT);
    this.kind = (bytes[at + KIND_AT] ?? 0) * 256 + (bytes[at + KIND_AT + 1] ?? 0);
    this.ids = slab.ids;
    this.idAt = slab.used - ID_BYTES;
  }
}

/** All entries of one prefix: the events that share one property. */
export interface IndexRange {
  /** The table, with the kind or the letter where ranges have one besides their name. */
  readonly index: string;
  /** Author, tag value or kind; empty for the range of all events. */
  readonly name: string;
  prefix(): Buffer;
}

export const TIME_RANGE: IndexRange = { index: 'time', name: '', prefix: () => Buffer.of(TABLE.time) };

export function kindRange(kind: number): IndexRange {
  return {
    index: 'kind',
    name: String(kind),
    prefix: () => Buffer.of(TABLE.kind, kind >>> 8, kind & 0xff),
  };
}

export function authorRange(author: string): IndexRange {
  return {
    index: 'author',
    name: author,
    prefix: () => Buffer.concat([Buffer.of(TABLE.author), Buffer.from(author, 'hex')]),
  };
}

/** The ranges of one kind, by author. */
export function authorRangesOf(kind: number): (author: string) => IndexRange {
  const index = `author ${kind}`;
  const kindBytes = Buffer.of(kind >>> 8, kind & 0xff);
  return (author) => ({
    index,
    name: author,
    prefix: () => Buffer.concat([Buffer.of(TABLE.authorKind), Buffer.from(author, 'hex'), kindBytes]),
  });
}

export function tagRange(letter: string, value: string): IndexRange {
  return {
    index: `#${letter}`,
    name: value,
    prefix: () => Buffer.concat([Buffer.of(TABLE.tag, letter.charCodeAt(0)), fixedWidth(value)]),
  };
}

/** The ranges that an event stands in, each once. */
export function rangesOf({ kind, pubkey, indexedTags }: RelayEvent): readonly IndexRange[] {
  const ranges = [TIME_RANGE, kindRange(kind), authorRange(pubkey), authorRangesOf(kind)(pubkey)];
  for (let i = 0; i < indexedTags.length; i += 2) {
    ranges.push(tagRange(indexedTags[i] ?? '', indexedTags[i + 1] ?? ''));
  }
  return ranges;
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
  return rangesOf(event).map((range) => Buffer.concat([range.prefix(), suffix]));
}

function suffixOf({ createdAt, id, kind }: RelayEvent, sequence: number): Buffer {
  const suffix = Buffer.alloc(SUFFIX_BYTES);
  writeComplement(suffix, 0, createdAt);
  suffix.write(id, TIME_BYTES, 'hex');
  suffix.writeUInt32BE(sequence, SEQUENCE_AT);
  suffix.writeUInt16BE(kind, KIND_AT);
  return suffix;
}

/** The entry whose key ends at `end` in `bytes`. */
export function entryEndingAt(bytes: Uint8Array, end: number): IndexEntry {
  return new IndexEntry(bytes, end - SUFFIX_BYTES);
}

/** The entry that stands for `event` in every range. */
export function entryOf(event: RelayEvent, sequence: number): IndexEntry {
  return new IndexEntry(suffixOf(event, sequence), 0);
}

/** The order of entries, as their keys have it: newest first, ties by lowest id. */
export function entryComesBefore(a: IndexEntry, b: IndexEntry): boolean {
  if (a.createdAt !== b.createdAt) return a.createdAt > b.createdAt;
  for (let i = 0; i < ID_BYTES; i += 1) {
    const [byteOfA = 0, byteOfB = 0] = [a.ids[a.idAt + i], b.ids[b.idAt + i]];
    if (byteOfA !== byteOfB) return byteOfA < byteOfB;
  }
  return a.sequence < b.sequence;
}

/** Ids of entries, one after another. */
interface Slab {
  readonly ids: Uint8Array;
  used: number;
}

const IDS_A_SLAB = 256;
let slab: Slab = { ids: new Uint8Array(0), used: 0 };

/** Copies an id to the end of a slab. */
function keptId(bytes: Uint8Array, start: number): Slab {
  if (slab.used === slab.ids.length) slab = { ids: new Uint8Array(IDS_A_SLAB * ID_BYTES), used: 0 };
  const { ids, used } = slab;
  for (let i = 0; i < ID_BYTES; i += 1) ids[used + i] = bytes[start + i] ?? 0;
  slab.used += ID_BYTES;
  return slab;
}

function uint32At(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}

/** The first key under `prefix` that is not newer than `until`. */
export function rangeStart(prefix: Buffer, until: number | undefined): Buffer {
  return until === undefined || until >= MAX_TIME ? prefix : withTime(prefix, until);
}

/** The first key after those under `prefix` that are not older than `since`. */
export function rangeEnd(prefix: Buffer, since: number | undefined): Buffer {
  return since === undefined || since <= 0 ? successor(prefix) : withTime(prefix, since - 1);
}

/** The key right after that of `entry`. */
export function rangeAfter(prefix: Buffer, { createdAt, sequence, kind, ids, idAt }: IndexEntry): Buffer {
  // One byte more than the entry's key, and that a zero.
  const key = Buffer.alloc(prefix.length + SUFFIX_BYTES + 1);
  key.set(prefix);
  const suffixAt = prefix.length;
  writeComplement(key, suffixAt, createdAt);
  key.set(ids.subarray(idAt, idAt + ID_BYTES), suffixAt + TIME_BYTES);
  key.writeUInt32BE(sequence, suffixAt + SEQUENCE_AT);
  key.writeUInt16BE(kind, suffixAt + KIND_AT);
  return key;
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

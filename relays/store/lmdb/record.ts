/**
 * An event as it stands in the `events` table, under its sequence: a head of fixed width, and its JSON. The head holds
 * what is asked of an event besides its bytes; tags are read from the JSON by the few who ask.
 */
import { type NostrEvent, type RelayEvent, relayEvent } from '../../protocol/event.js';
import type { StoredEvent } from '../event-store.js';

const PUBKEY_AT = 32;
const CREATED_AT_AT = 64;
const EXPIRES_AT_AT = 72;
const KIND_AT = 80;
const HEAD_BYTES = 82;
/** Stands for an event that never expires. */
const NEVER = -1;

export function encodeRecord(event: RelayEvent): Buffer {
  const record = Buffer.allocUnsafe(HEAD_BYTES + event.json.length);
  record.write(event.id, 0, 'hex');
  record.write(event.pubkey, PUBKEY_AT, 'hex');
  record.writeDoubleBE(event.createdAt, CREATED_AT_AT);
  record.writeDoubleBE(event.expiresAt ?? NEVER, EXPIRES_AT_AT);
  record.writeUInt16BE(event.kind, KIND_AT);
  record.set(event.json, HEAD_BYTES);
  return record;
}

/** An event over the bytes of its record; what few ask for is read when it is asked for. */
export class RecordedEvent implements StoredEvent {
  readonly sequence: number;
  readonly json: Uint8Array;
  readonly createdAt: number;
  readonly kind: number;
  readonly expiresAt: number | undefined;
  #id: string | undefined;
  #pubkey: string | undefined;
  #indexedTags: readonly string[] | undefined;

  /** @param bytes hold the record's `length` bytes from `start` on, and stay as they are. */
  constructor(sequence: number, bytes: Buffer, start: number, length: number) {
    const expiresAt = bytes.readDoubleBE(start + EXPIRES_AT_AT);
    this.sequence = sequence;
    this.json = new Uint8Array(bytes.buffer, bytes.byteOffset + start + HEAD_BYTES, length - HEAD_BYTES);
    this.createdAt = bytes.readDoubleBE(start + CREATED_AT_AT);
    this.kind = bytes.readUInt16BE(start + KIND_AT);
    this.expiresAt = expiresAt === NEVER ? undefined : expiresAt;
  }

  get id(): string {
    this.#id ??= this.#head().toString('hex', 0, PUBKEY_AT);
    return this.#id;
  }

  get pubkey(): string {
    this.#pubkey ??= this.#head().toString('hex', PUBKEY_AT, CREATED_AT_AT);
    return this.#pubkey;
  }

  get indexedTags(): readonly string[] {
    this.#indexedTags ??= relayEvent(this.parsed(), this.json).indexedTags;
    return this.#indexedTags;
  }

  /** The event as it was published. */
  parsed(): NostrEvent {
    return JSON.parse(Buffer.from(this.json.buffer, this.json.byteOffset, this.json.length).toString('utf8'));
  }

  /** What stands before the JSON: a field for it would weigh on every event that is kept. */
  #head(): Buffer {
    return Buffer.from(this.json.buffer, this.json.byteOffset - HEAD_BYTES, HEAD_BYTES);
  }
}

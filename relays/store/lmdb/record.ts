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
  readonly #record: Buffer;
  #id: string | undefined;
  #pubkey: string | undefined;
  #indexedTags: readonly string[] | undefined;

  /** @param record bytes that stay as they are. */
  constructor(sequence: number, record: Buffer) {
    const expiresAt = record.readDoubleBE(EXPIRES_AT_AT);
    this.sequence = sequence;
    this.json = record.subarray(HEAD_BYTES);
    this.createdAt = record.readDoubleBE(CREATED_AT_AT);
    this.kind = record.readUInt16BE(KIND_AT);
    this.expiresAt = expiresAt === NEVER ? undefined : expiresAt;
    this.#record = record;
  }

  /** Bytes of the record. */
  get length(): number {
    return this.#record.length;
  }

  get id(): string {
    this.#id ??= this.#record.toString('hex', 0, PUBKEY_AT);
    return this.#id;
  }

  get pubkey(): string {
    this.#pubkey ??= this.#record.toString('hex', PUBKEY_AT, CREATED_AT_AT);
    return this.#pubkey;
  }

  get indexedTags(): readonly string[] {
    this.#indexedTags ??= relayEvent(this.parsed(), this.json).indexedTags;
    return this.#indexedTags;
  }

  /** The event as it was published. */
  parsed(): NostrEvent {
    return JSON.parse(this.#record.toString('utf8', HEAD_BYTES));
  }
}

import { type RelayEvent, replacementAddress } from '../../protocol/event.js';
import type { StoredEvent } from '../event-store.js';
import type { Shelf } from '../keeping.js';
import type { Tables } from './environment.js';
import { addressKey, indexKeys } from './keys.js';
import { encodeRecord, RecordedEvent } from './record.js';

const NOTHING = Buffer.alloc(0);
/** The largest key of the events table. */
const MAX_SEQUENCE = 2 ** 32 - 1;

/** Reads an event's record into bytes of its own, in the view of this moment. */
export function readEvent({ events }: Tables, sequence: number): RecordedEvent | undefined {
  const shared = events.getBinaryFast(sequence);
  if (shared === undefined) return undefined;
  // `shared` is overwritten by the next read.
  const record = Buffer.from(shared.subarray(0, shared.length));
  return new RecordedEvent(sequence, record, 0, record.length);
}

/** The tables inside a write transaction. Counts and changes are the transaction's: whoever commits takes them over. */
export class LmdbShelf implements Shelf {
  readonly #tables: Tables;
  sequence: number;
  readonly added: RecordedEvent[] = [];
  readonly removed: RecordedEvent[] = [];

  constructor(tables: Tables, sequence: number) {
    this.#tables = tables;
    this.sequence = sequence;
  }

  find(id: string): StoredEvent | undefined {
    return this.#eventAt(this.#tables.ids.get(hexBytes(id)));
  }

  versionAt(address: string): StoredEvent | undefined {
    return this.#eventAt(this.#tables.addresses.get(addressKey(address)));
  }

  add(event: RelayEvent, address: string | undefined): StoredEvent {
    const { events, ids, index, addresses, expiring } = this.#tables;
    if (this.sequence === MAX_SEQUENCE) throw new Error('the data folder has used up its sequence numbers');
    const sequence = this.sequence + 1;
    const record = encodeRecord(event);
    events.putSync(sequence, record, { append: true });
    ids.putSync(hexBytes(event.id), sequence);
    for (const key of indexKeys(event, sequence)) index.putSync(key, NOTHING);
    if (address !== undefined) addresses.putSync(addressKey(address), sequence);
    if (event.expiresAt !== undefined) expiring.putSync([event.expiresAt, sequence], NOTHING);
    this.sequence = sequence;
    const added = new RecordedEvent(sequence, record, 0, record.length);
    this.added.push(added);
    return added;
  }

  remove(event: StoredEvent): void {
    if (!(event instanceof RecordedEvent)) return;
    const { events, ids, index, addresses, expiring } = this.#tables;
    const { sequence, expiresAt } = event;
    events.removeSync(sequence);
    ids.removeSync(hexBytes(event.id));
    for (const key of indexKeys(event, sequence)) index.removeSync(key);
    const address = replacementAddress(event.parsed());
    if (address !== undefined) addresses.removeSync(addressKey(address));
    if (expiresAt !== undefined) expiring.removeSync([expiresAt, sequence]);
    this.removed.push(event);
  }

  isDeleted(author: string, id: string): boolean {
    return this.#tables.deleted.get(hexBytes(author + id)) !== undefined;
  }

  markDeleted(author: string, id: string): void {
    this.#tables.deleted.putSync(hexBytes(author + id), 0);
  }

  deletedUpTo(address: string): number | undefined {
    return this.#tables.deleted.get(addressKey(address));
  }

  markDeletedUpTo(address: string, createdAt: number): void {
    this.#tables.deleted.putSync(addressKey(address), createdAt);
  }

  #eventAt(sequence: number | undefined): StoredEvent | undefined {
    return sequence === undefined ? undefined : readEvent(this.#tables, sequence);
  }
}

export function hexBytes(hex: string): Buffer {
  return Buffer.from(hex, 'hex');
}

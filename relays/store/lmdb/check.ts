import { relayEvent, replacementAddress } from '../../protocol/event.js';
import type { Tables } from './environment.js';
import { addressKey, indexKeys } from './keys.js';
import type { RecordedEvent } from './record.js';
import { hexBytes, readEvent } from './shelf.js';

/** Something that the tables say differently. */
export interface Inconsistency {
  readonly table: 'events' | 'ids' | 'index' | 'addresses' | 'expiring';
  readonly problem: string;
}

/**
 * Holds every table against the events: each event has all its entries, and no table has one more than that. Together
 * this means that no index disagrees with the events.
 */
export function inconsistencies(tables: Tables): readonly Inconsistency[] {
  const found: Inconsistency[] = [];
  const expected = { ids: 0, index: 0, addresses: 0, expiring: 0 };
  for (const sequence of tables.events.getKeys({})) {
    const event = readEvent(tables, sequence);
    if (event === undefined) continue;
    found.push(...headProblems(event), ...missingEntries(tables, event));
    expected.ids += 1;
    expected.index += indexKeys(event, sequence).length;
    expected.addresses += replacementAddress(event.parsed()) === undefined ? 0 : 1;
    expected.expiring += event.expiresAt === undefined ? 0 : 1;
  }
  for (const table of ['ids', 'index', 'addresses', 'expiring'] as const) {
    const count = tables[table].getKeysCount({});
    if (count === expected[table]) continue;
    found.push({ table, problem: `${count} entries where the events have ${expected[table]}` });
  }
  return found;
}

function headProblems(event: RecordedEvent): readonly Inconsistency[] {
  const read = relayEvent(event.parsed(), event.json);
  const fields = ['id', 'pubkey', 'createdAt', 'kind', 'expiresAt'] as const;
  return fields
    .filter((field) => read[field] !== event[field])
    .map((field) => ({
      table: 'events',
      problem: `event ${event.sequence}: ${field} is not that of its JSON`,
    }));
}

function missingEntries(tables: Tables, event: RecordedEvent): readonly Inconsistency[] {
  const { sequence, expiresAt, id } = event;
  const found: Inconsistency[] = [];
  const missing = (table: Inconsistency['table']): void => {
    found.push({ table, problem: `event ${sequence} (${id}) is not in it` });
  };
  if (tables.ids.get(hexBytes(id)) !== sequence) missing('ids');
  if (!indexKeys(event, sequence).every((key) => tables.index.doesExist(key))) missing('index');
  const address = replacementAddress(event.parsed());
  if (address !== undefined && tables.addresses.get(addressKey(address)) !== sequence) missing('addresses');
  if (expiresAt !== undefined && !tables.expiring.doesExist([expiresAt, sequence])) missing('expiring');
  return found;
}

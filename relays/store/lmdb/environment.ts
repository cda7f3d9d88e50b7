import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';
import { makeFolder } from '../../make-folder.js';
import type { SyncMode } from '../../relay.js';
import { StoreError } from '../event-store.js';
import { refuseBrokenFile } from './data-file.js';
import { lockFolder } from './folder-lock.js';
import { entryEndingAt, type IndexEntry } from './keys.js';

/** Of the layout below. A folder of another version is refused, never changed. */
export const FORMAT_VERSION = 1;

/** The tables of the store. */
export interface Tables {
  readonly root: RootDatabase;
  /** `format`, and the corpora that were loaded. */
  readonly meta: Database<string, string>;
  /** Sequence → record. */
  readonly events: Database<Buffer, number>;
  /** Id → sequence. */
  readonly ids: Database<number, Buffer>;
  /** Index keys, without values; what is read of one is its {@link IndexEntry}. */
  readonly index: Database<Buffer, Buffer>;
  /** Digest of a replacement address → sequence. */
  readonly addresses: Database<number, Buffer>;
  /** Author and id, or digest of an address → the newest `created_at` that is deleted. */
  readonly deleted: Database<number, Buffer>;
  /** Expiration time and sequence. */
  readonly expiring: Database<Buffer, [number, number]>;
  /** Ends everything; safe to call twice. */
  close(): Promise<void>;
}

const MAX_TABLES = 12;
const DATA_FILE = 'data.mdb';

/**
 * Opens the data folder, and makes it if it isn't there.
 * @throws {StoreError} when it can't be written, belongs to another version, is broken, or is in use.
 */
export function openTables(dir: string, sync: SyncMode): Tables {
  const isNew = !existsSync(join(dir, DATA_FILE));
  const unlock = prepareFolder(dir);
  let root: RootDatabase | undefined;
  try {
    if (!isNew) refuseBrokenFile(join(dir, DATA_FILE));
    root = openRoot(dir, sync);
    return tablesOf(root, metaOf(root, dir, isNew), unlock);
  } catch (error) {
    void root?.close();
    unlock();
    if (error instanceof StoreError) throw error;
    throw new StoreError(`the data folder ${dir} can't be opened: ${messageOf(error)}`);
  }
}

function prepareFolder(dir: string): () => void {
  try {
    makeFolder(dir);
    return lockFolder(dir);
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw new StoreError(`the data folder ${dir} can't be written: ${messageOf(error)}`);
  }
}

/** A commit is one write to the file, waited for or not: lmdb's own overlapping flush would acknowledge before it. */
function openRoot(dir: string, sync: SyncMode): RootDatabase {
  return open({
    path: dir,
    noSubdir: false,
    maxDbs: MAX_TABLES,
    overlappingSync: false,
    noSync: sync === 'no-sync',
    noMetaSync: sync === 'no-meta-sync',
    encoding: 'binary',
  });
}

function metaOf(root: RootDatabase, dir: string, isNew: boolean): Database<string, string> {
  const meta = root.openDB<string, string>({ name: 'meta', encoding: 'string' });
  const format = meta.get('format');
  if (isNew) meta.putSync('format', String(FORMAT_VERSION));
  else if (format !== String(FORMAT_VERSION)) {
    throw new StoreError(
      `the data folder ${dir} has ${format === undefined ? 'no events of a relay' : `format ${format}`}, ` +
        `and this version reads format ${FORMAT_VERSION}; choose another folder`,
    );
  }
  return meta;
}

function tablesOf(root: RootDatabase, meta: Database<string, string>, unlock: () => void): Tables {
  const indexOptions = {
    name: 'index',
    keyEncoder: { writeKey: copyKey, readKey: readEntry },
    encoding: 'binary',
  } as const;
  const binaryKeys = { keyEncoding: 'binary', encoding: 'ordered-binary' } as const;
  let closing: Promise<void> | undefined;
  return {
    root,
    meta,
    events: root.openDB({ name: 'events', keyEncoding: 'uint32', encoding: 'binary' }),
    ids: root.openDB({ name: 'ids', ...binaryKeys }),
    index: root.openDB(indexOptions),
    addresses: root.openDB({ name: 'addresses', ...binaryKeys }),
    deleted: root.openDB({ name: 'deleted', ...binaryKeys }),
    expiring: root.openDB({ name: 'expiring', encoding: 'binary' }),
    close: () => {
      closing ??= root.close().finally(unlock);
      return closing;
    },
  };
}

function readEntry(bytes: Uint8Array, _start: number, end: number): IndexEntry {
  return entryEndingAt(bytes, end);
}

function copyKey(key: Uint8Array, target: Uint8Array, start: number): number {
  target.set(key, start);
  return start + key.length;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Looks at LMDB's data file before LMDB does. LMDB maps the file into memory and trusts it: a file of another kind ends the
 * process, and so does a page that should be there and isn't (SIGBUS), without a word either way.
 *
 * Layout: `mdb.c` of the `lmdb` package (`MDB_page_header`, `MDB_meta`, `MDB_db`, `MDB_node`). The first two pages are meta
 * pages, the one with the newer transaction counts. Numbers are in the byte order of the machine.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { endianness } from 'node:os';
import { StoreError } from '../event-store.js';

const IS_LITTLE_ENDIAN = endianness() === 'LE';

/** `MDB_MAGIC` and `MDB_DATA_VERSION`, the version that is known here. */
const MAGIC = 0xbeefc0de;
const DATA_VERSION = 2;

const PAGE_HEADER_BYTES = 24;
const PAGE_FLAGS_AT = 18;
const PAGE_LOWER_AT = 20;
const OVERFLOW_PAGES_AT = 20;
const BRANCH_PAGE = 0x01;
const LEAF_PAGE = 0x02;

const VERSION_AT = PAGE_HEADER_BYTES + 4;
/** The tree of free pages and the main one, one after the other: `MDB_db`, of which the first has the page size. */
const TREES_AT = PAGE_HEADER_BYTES + 24;
const TREE_BYTES = 48;
const TREE_ROOT_AT = 40;
const LAST_PAGE_AT = TREES_AT + 2 * TREE_BYTES;
const TRANSACTION_AT = LAST_PAGE_AT + 8;
const META_BYTES = TRANSACTION_AT + 8;

const NODE_BYTES = 8;
const IS_OVERFLOWING = 0x01;
const IS_TREE = 0x02;

/** Of a tree without pages. */
const NO_PAGE = 2n ** 64n - 1n;

/**
 * Returns if LMDB can open `file`.
 * @throws {StoreError} when it isn't LMDB's, or lacks pages that its newest transaction needs.
 */
export function refuseBrokenFile(file: string): void {
  const descriptor = openSync(file, 'r');
  try {
    const first = readAt(descriptor, 0, META_BYTES);
    if (first === undefined || unsigned32(first, PAGE_HEADER_BYTES) !== MAGIC) {
      throw new StoreError(`${file} is no LMDB data file; choose another data folder`);
    }
    // What a later LMDB writes is its own matter.
    if (unsigned32(first, VERSION_AT) !== DATA_VERSION) return;
    const missing = new Pages(descriptor, first).firstMissing();
    if (missing === undefined) return;
    throw new StoreError(
      `${file} is cut off: it has ${fstatSync(descriptor).size} bytes, and page ${missing} of what it holds lies past ` +
        'its end; put back a whole copy, or choose another data folder',
    );
  } finally {
    closeSync(descriptor);
  }
}

/** The pages that the newest transaction needs. */
class Pages {
  readonly #descriptor: number;
  readonly #pageBytes: number;
  readonly #first: DataView;

  constructor(descriptor: number, first: DataView) {
    this.#descriptor = descriptor;
    this.#first = first;
    this.#pageBytes = unsigned32(first, TREES_AT);
  }

  /**
   * A file that reaches to its last page has all. A shorter one may: pages at its end that nothing uses needn't have been
   * written, so the trees decide, whose pages are read one by one.
   */
  firstMissing(): number | undefined {
    const meta = this.#newestMeta();
    if (meta === undefined) return 1;
    const lastPage = Number(unsigned64(meta, LAST_PAGE_AT));
    if (this.#has(lastPage)) return undefined;
    return this.#missingOfTree(meta, TREES_AT) ?? this.#missingOfTree(meta, TREES_AT + TREE_BYTES);
  }

  #newestMeta(): DataView | undefined {
    const second = readAt(this.#descriptor, this.#pageBytes, META_BYTES);
    if (second === undefined) return undefined;
    return unsigned64(second, TRANSACTION_AT) > unsigned64(this.#first, TRANSACTION_AT)
      ? second
      : this.#first;
  }

  #has(page: number): boolean {
    return (page + 1) * this.#pageBytes <= fstatSync(this.#descriptor).size;
  }

  /** @param at where the tree's `MDB_db` stands in `bytes`. */
  #missingOfTree(bytes: DataView, at: number): number | undefined {
    const root = unsigned64(bytes, at + TREE_ROOT_AT);
    return root === NO_PAGE ? undefined : this.#missingUnder(Number(root));
  }

  #missingUnder(page: number): number | undefined {
    const bytes = readAt(this.#descriptor, page * this.#pageBytes, this.#pageBytes);
    if (bytes === undefined) return page;
    const flags = unsigned16(bytes, PAGE_FLAGS_AT);
    for (const node of nodesOf(bytes)) {
      const missing =
        (flags & BRANCH_PAGE) !== 0
          ? this.#missingUnder(childOf(bytes, node))
          : (flags & LEAF_PAGE) !== 0
            ? this.#missingOfLeaf(bytes, node)
            : undefined;
      if (missing !== undefined) return missing;
    }
    return undefined;
  }

  /** A value too large for its page stands on pages of its own; one of the main tree may be a tree itself, a table. */
  #missingOfLeaf(bytes: DataView, node: number): number | undefined {
    const flags = unsigned16(bytes, node + 4);
    const value = node + NODE_BYTES + unsigned16(bytes, node + 6);
    if ((flags & IS_TREE) !== 0) return this.#missingOfTree(bytes, value);
    if ((flags & IS_OVERFLOWING) === 0) return undefined;
    const start = Number(unsigned64(bytes, value));
    const head = readAt(this.#descriptor, start * this.#pageBytes, PAGE_HEADER_BYTES);
    if (head === undefined) return start;
    const last = start + unsigned32(head, OVERFLOW_PAGES_AT) - 1;
    return this.#has(last) ? undefined : last;
  }
}

/** Where the nodes of a page stand in it. */
function nodesOf(page: DataView): readonly number[] {
  const count = (unsigned16(page, PAGE_LOWER_AT) - PAGE_HEADER_BYTES) / 2;
  const isSound = count >= 0 && PAGE_HEADER_BYTES + 2 * count <= page.byteLength;
  if (!isSound) return [];
  return Array.from({ length: count }, (_, i) => unsigned16(page, PAGE_HEADER_BYTES + 2 * i));
}

/** The page number of a branch's node: 48 bits, the lowest 32 of them as one number whatever the byte order. */
function childOf(page: DataView, node: number): number {
  return unsigned32(page, node) + unsigned16(page, node + 4) * 2 ** 32;
}

/** `length` bytes from `at` on; undefined where the file ends before. */
function readAt(descriptor: number, at: number, length: number): DataView | undefined {
  const bytes = new Uint8Array(length);
  return readSync(descriptor, bytes, 0, length, at) === length ? new DataView(bytes.buffer) : undefined;
}

function unsigned16(view: DataView, at: number): number {
  return view.getUint16(at, IS_LITTLE_ENDIAN);
}

function unsigned32(view: DataView, at: number): number {
  return view.getUint32(at, IS_LITTLE_ENDIAN);
}

function unsigned64(view: DataView, at: number): bigint {
  return view.getBigUint64(at, IS_LITTLE_ENDIAN);
}

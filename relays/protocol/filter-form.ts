import type { Filter, TagCondition } from './filter.js';
import { isHex32, isKind, isObject, type Reading, read, refuse } from './reading.js';

/**
 * Reads a value as a filter. Values of the wrong form are `invalid:`, keys that NIP-01 doesn't define are
 * `unsupported:` (serving them would answer another question). An empty list is read, and matches nothing.
 */
export function readFilter(value: unknown): Reading<Filter> {
  if (!isObject(value)) return refuse('invalid: a filter is not an object');
  const draft: Draft = { tags: [] };
  for (const [key, condition] of Object.entries(value)) {
    const problem = readCondition(draft, key, condition);
    if (problem !== undefined) return refuse(problem);
  }
  return read({
    ids: draft.ids,
    authors: draft.authors,
    kinds: draft.kinds,
    tags: draft.tags,
    since: draft.since,
    until: draft.until,
    limit: draft.limit,
  });
}

interface Draft {
  ids?: ReadonlySet<string>;
  authors?: ReadonlySet<string>;
  kinds?: ReadonlySet<number>;
  since?: number;
  until?: number;
  limit?: number;
  readonly tags: TagCondition[];
}

const TAG_KEY = /^#[a-zA-Z]$/;
/** Tag filters whose values NIP-01 fixes to 32 bytes in lower-case hex. */
const HEX_TAGS: ReadonlySet<string> = new Set(['#e', '#p']);
const SHOWN_KEY_LENGTH = 40;

function readCondition(draft: Draft, key: string, value: unknown): string | undefined {
  switch (key) {
    case 'ids':
    case 'authors': {
      if (!isListOf(value, isHex32)) return notHex(key);
      draft[key] = new Set(value);
      return undefined;
    }
    case 'kinds': {
      if (!isListOf(value, isKind)) return 'invalid: kinds is not a list of integers from 0 to 65535';
      draft.kinds = new Set(value);
      return undefined;
    }
    case 'since':
    case 'until': {
      if (!isInteger(value)) return `invalid: ${key} is not an integer`;
      draft[key] = value;
      return undefined;
    }
    case 'limit': {
      if (!isInteger(value) || value < 0) return 'invalid: limit is not a non-negative integer';
      draft.limit = value;
      return undefined;
    }
    default:
      return readTagCondition(draft, key, value);
  }
}

function readTagCondition(draft: Draft, key: string, value: unknown): string | undefined {
  if (!TAG_KEY.test(key)) return `unsupported: unknown filter key ${JSON.stringify(shortened(key))}`;
  if (HEX_TAGS.has(key) && !isListOf(value, isHex32)) return notHex(key);
  if (!isListOf(value, isString)) return `invalid: ${key} is not a list of strings`;
  draft.tags.push({ name: key.charAt(1), values: new Set(value) });
  return undefined;
}

function notHex(key: string): string {
  return `invalid: ${key} is not a list of 64-character lower-case hex strings`;
}

function shortened(key: string): string {
  return key.length > SHOWN_KEY_LENGTH ? `${key.slice(0, SHOWN_KEY_LENGTH)}…` : key;
}

function isListOf<T>(value: unknown, isItem: (item: unknown) => item is T): value is readonly T[] {
  return Array.isArray(value) && value.every(isItem);
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isInteger(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}

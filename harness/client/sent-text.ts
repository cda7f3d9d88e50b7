import { isUtf8 } from 'node:buffer';
import type { Filter } from 'nostr-tools/filter';
import type { NostrEvent } from 'nostr-tools/pure';
import { isEvent, isObject, isWholeNumber } from './event-form.js';

/** What a client sent that has the form of no message that a relay must serve, as far as it can be read. */
export interface OtherText {
  readonly label: 'other';
  /** Its own label. */
  readonly of?: string | undefined;
  /** The subscription id or event id that an answer may name. */
  readonly id?: string | undefined;
}

/** What a client sent, by the forms of NIP-01, NIP-42 and NIP-45. */
export type SentText =
  | { readonly label: 'EVENT'; readonly event: NostrEvent }
  | { readonly label: 'AUTH'; readonly event: NostrEvent }
  | { readonly label: 'REQ' | 'COUNT'; readonly subscription: string; readonly filters: readonly Filter[] }
  | { readonly label: 'CLOSE'; readonly subscription: string }
  | OtherText;

/** What is in a message that isn't one of these forms, but may be taken for it. */
export type Sent = Exclude<SentText, OtherText> | (OtherText & { readonly event?: NostrEvent | undefined });

const LONGEST_SUBSCRIPTION = 64;

/** Reads what a client sent as bytes: messages are text frames, and a relay may take a binary one for what it says, or not. */
export function readSentBytes(bytes: Buffer, isBinary: boolean): Sent {
  if (!isUtf8(bytes)) return { label: 'other' };
  const read = readSentText(bytes.toString('utf8'));
  if (!isBinary || read.label === 'other') return read;
  if ('subscription' in read) return { label: 'other', of: read.label, id: read.subscription };
  const { label, event } = read;
  return { label: 'other', of: label, id: event.id, event: label === 'EVENT' ? event : undefined };
}

/** Reads what a client sent; never throws. Whether an event is genuine is not looked at. */
export function readSentText(text: string): SentText {
  const [label, first, ...rest] = arrayOf(text);
  if (label === 'EVENT' || label === 'AUTH') return readEvent(label, first, rest);
  if (typeof first !== 'string') return other(label, undefined);
  const isId = first.length > 0 && first.length <= LONGEST_SUBSCRIPTION;
  if (label === 'CLOSE' && isId) return { label, subscription: first };
  if ((label === 'REQ' || label === 'COUNT') && isId && rest.length > 0 && rest.every(isFilter)) {
    return { label, subscription: first, filters: rest };
  }
  return other(label, first);
}

function readEvent(label: 'EVENT' | 'AUTH', event: unknown, rest: readonly unknown[]): SentText {
  if (isObject(event) && isEvent(event) && rest.length === 0) return { label, event };
  return other(label, isObject(event) && typeof event.id === 'string' ? event.id : undefined);
}

function other(label: unknown, id: string | undefined): OtherText {
  return { label: 'other', of: typeof label === 'string' ? label : undefined, id };
}

function arrayOf(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

const NUMBERS = ['since', 'until', 'limit'] as const;

/** Keys that no NIP-01 filter has are left to the relay. */
function isFilter(value: unknown): value is Filter {
  if (!isObject(value)) return false;
  const tags = Object.entries(value).filter(([key]) => key.startsWith('#'));
  return (
    [value.ids, value.authors].every((list) => list === undefined || isListOf(list, isHex64)) &&
    tags.every(([, list]) => isListOf(list, (item) => typeof item === 'string')) &&
    (value.kinds === undefined || isListOf(value.kinds, isKind)) &&
    NUMBERS.every((key) => value[key] === undefined || isNatural(value[key]))
  );
}

function isListOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}

const isHex64 = (item: unknown): boolean => typeof item === 'string' && /^[0-9a-f]{64}$/.test(item);
const isNatural = (item: unknown): boolean => isWholeNumber(item) && item >= 0;
const isKind = (item: unknown): boolean => isWholeNumber(item) && item >= 0 && item <= 65_535;

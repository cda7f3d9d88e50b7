import type { NostrEvent } from 'nostr-tools/pure';

/** An event, or the first field that isn't as NIP-01 wants it. */
export type EventShape =
  | { readonly event: NostrEvent }
  | { readonly field: string | undefined; readonly problem: string };

const HEX_32 = /^[0-9a-f]{64}$/;
const HEX_64 = /^[0-9a-f]{128}$/;

/** Checks the form of an event: fields and types, not id and signature. Unknown fields are left out of the result. */
export function readEvent(value: unknown): EventShape {
  if (!isRecord(value)) return { field: undefined, problem: 'not an event: a line holds one JSON object' };
  const { id, pubkey, created_at, kind, tags, content, sig } = value;
  if (!isHex(id, HEX_32)) return wrong('id', id, '64 lower-case hex digits');
  if (!isHex(pubkey, HEX_32)) return wrong('pubkey', pubkey, '64 lower-case hex digits');
  if (!isWhole(created_at, Number.MAX_SAFE_INTEGER))
    return wrong('created_at', created_at, 'whole unix seconds');
  if (!isWhole(kind, 65_535)) return wrong('kind', kind, 'a whole number from 0 to 65535');
  if (!isTagList(tags)) return wrong('tags', tags, 'a list of lists of strings');
  if (typeof content !== 'string') return wrong('content', content, 'a string');
  if (!isHex(sig, HEX_64)) return wrong('sig', sig, '128 lower-case hex digits');
  return { event: { id, pubkey, created_at, kind, tags, content, sig } };
}

function wrong(field: string, value: unknown, wanted: string): EventShape {
  return { field, problem: value === undefined ? `no "${field}"` : `"${field}" is not ${wanted}` };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isHex(value: unknown, form: RegExp): value is string {
  return typeof value === 'string' && form.test(value);
}

function isWhole(value: unknown, most: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= most;
}

function isTagList(value: unknown): value is string[][] {
  return (
    Array.isArray(value) &&
    value.every((tag) => Array.isArray(tag) && tag.every((item) => typeof item === 'string'))
  );
}

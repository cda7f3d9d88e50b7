import type { NostrEvent } from 'nostr-tools/pure';

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isWholeNumber(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

/** What of the seven fields of NIP-01 has the wrong form; undefined if nothing. */
export function eventProblem(event: JsonObject): string | undefined {
  const { id, pubkey, created_at, kind, tags, content, sig } = event;
  if (!isHex(id, 64)) return 'id is not 64 lowercase hex digits';
  if (!isHex(pubkey, 64)) return 'pubkey is not 64 lowercase hex digits';
  if (!isWholeNumber(created_at)) return 'created_at is not an integer';
  if (!isWholeNumber(kind) || kind < 0 || kind > 65535) return 'kind is not an integer from 0 to 65535';
  if (!Array.isArray(tags) || !tags.every(isTag)) return 'tags are not arrays of strings';
  if (typeof content !== 'string') return 'content is not a string';
  if (!isHex(sig, 128)) return 'sig is not 128 lowercase hex digits';
  return undefined;
}

/** Whether all seven fields have their form; fields beside them are nobody's business. */
export function isEvent(event: JsonObject): event is JsonObject & NostrEvent {
  return eventProblem(event) === undefined;
}

function isTag(tag: unknown): boolean {
  return Array.isArray(tag) && tag.every((value) => typeof value === 'string');
}

function isHex(value: unknown, digits: number): boolean {
  return typeof value === 'string' && value.length === digits && /^[0-9a-f]*$/.test(value);
}

/** Whether all seven fields of something that came as JSON equal those of an event, however the two were spelled. */
export function isSameEvent(value: JsonObject, event: NostrEvent): boolean {
  return (
    value.id === event.id &&
    value.pubkey === event.pubkey &&
    value.created_at === event.created_at &&
    value.kind === event.kind &&
    value.content === event.content &&
    value.sig === event.sig &&
    isSameList(value.tags, event.tags, (tag, other) => isSameList(tag, other, Object.is))
  );
}

function isSameList<Item>(
  value: unknown,
  list: readonly Item[],
  isSame: (a: unknown, b: Item) => boolean,
): boolean {
  if (!Array.isArray(value) || value.length !== list.length) return false;
  for (const [index, item] of list.entries()) if (!isSame(value[index], item)) return false;
  return true;
}

/** NIP-70: protected events come from their author alone. */
import type { NostrEvent } from '../protocol/event.js';
import { isObject } from '../protocol/reading.js';
import type { Reader } from './policy.js';

const REPOST_KINDS: ReadonlySet<number> = new Set([6, 16]);

/** Why `event` can't be published by `writer`, with its prefix, or undefined. */
export function protectedFrom(event: NostrEvent, writer: Reader): string | undefined {
  if (isProtected(event.tags)) {
    if (writer.pubkeys.has(event.pubkey)) return undefined;
    return writer.pubkeys.size === 0
      ? 'auth-required: this event may only be published by its author'
      : 'restricted: this event may only be published by its author';
  }
  return embedsProtected(event) ? 'blocked: a repost must not embed a protected event' : undefined;
}

function isProtected(tags: NostrEvent['tags']): boolean {
  return tags.some(([name]) => name === '-');
}

function embedsProtected({ kind, content }: NostrEvent): boolean {
  if (!REPOST_KINDS.has(kind) || content === '') return false;
  const embedded = parsed(content);
  if (!isObject(embedded) || !Array.isArray(embedded.tags)) return false;
  return embedded.tags.some((tag) => Array.isArray(tag) && tag[0] === '-');
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

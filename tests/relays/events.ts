import { finalizeEvent, generateSecretKey, type NostrEvent } from 'nostr-tools/pure';

export const alice = generateSecretKey();
export const bob = generateSecretKey();
export const carol = generateSecretKey();

let clock = 1_700_000_000;

/** A signed event; `created_at` is later with each call unless given. */
export function signed(
  template: { kind?: number; content?: string; tags?: string[][]; created_at?: number } = {},
  key: Uint8Array = alice,
): NostrEvent {
  clock += 1;
  return finalizeEvent({ kind: 1, content: '', tags: [], created_at: clock, ...template }, key);
}

/** The order of answers: newest first, ties by lowest id. */
export function inAnswerOrder(events: readonly NostrEvent[]): string[] {
  return [...events]
    .sort((a, b) => b.created_at - a.created_at || (a.id < b.id ? -1 : 1))
    .map((event) => event.id);
}

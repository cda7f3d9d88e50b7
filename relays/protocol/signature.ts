import { hash } from 'node:crypto';
import { verifySchnorr } from 'tiny-secp256k1';
import type { NostrEvent } from './event.js';

/**
 * The id that `event` must have: sha256 over its NIP-01 serialisation. `JSON.stringify` differs from the NIP's
 * escape list for control characters other than \b \t \n \f \r only, and there the clients in use agree with it.
 */
export function eventId(event: Omit<NostrEvent, 'id' | 'sig'>): string {
  const { pubkey, created_at, kind, tags, content } = event;
  return hash('sha256', JSON.stringify([0, pubkey, created_at, kind, tags, content]), 'hex');
}

/** Whether `sig` is the author's signature of the id (BIP-340). A key that is not on the curve makes it false. */
export function isSignedByAuthor(event: Pick<NostrEvent, 'id' | 'pubkey' | 'sig'>): boolean {
  try {
    return verifySchnorr(bytes(event.id), bytes(event.pubkey), bytes(event.sig));
  } catch {
    // Thrown for values outside the field or the curve: no such signature is right (strategies.md D21).
    return false;
  }
}

/** Whether verifying throws, where a wrong signature is only false: a key outside the curve, a value outside the field. */
export function failsToVerify(event: Pick<NostrEvent, 'id' | 'pubkey' | 'sig'>): boolean {
  try {
    verifySchnorr(bytes(event.id), bytes(event.pubkey), bytes(event.sig));
    return false;
  } catch {
    return true;
  }
}

/** Why `event` isn't authentic, as the text of an OK, or undefined if it is. */
export function forgery(event: NostrEvent): string | undefined {
  if (eventId(event) !== event.id) return 'invalid: the id is not the sha256 of the serialised event';
  return isSignedByAuthor(event) ? undefined : 'invalid: the signature does not verify';
}

function bytes(hex: string): Uint8Array {
  return Buffer.from(hex, 'hex');
}

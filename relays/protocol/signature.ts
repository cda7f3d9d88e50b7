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
  return isRightSignature(bytes(event.id), bytes(event.pubkey), bytes(event.sig));
}

/** As {@link isSignedByAuthor}, of 32, 32 and 64 bytes. */
export function isRightSignature(id: Uint8Array, pubkey: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verifySchnorr(id, pubkey, signature);
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
  return hasOwnId(event) ? forgedSignature(isSignedByAuthor(event)) : WRONG_ID;
}

export function hasOwnId(event: NostrEvent): boolean {
  return eventId(event) === event.id;
}

export const WRONG_ID = 'invalid: the id is not the sha256 of the serialised event';

/** As {@link forgery}, of an event with the right id, whose signature was looked at. */
export function forgedSignature(isRight: boolean): string | undefined {
  return isRight ? undefined : 'invalid: the signature does not verify';
}

function bytes(hex: string): Uint8Array {
  return Buffer.from(hex, 'hex');
}

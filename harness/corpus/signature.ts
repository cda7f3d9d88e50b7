import { createHash } from 'node:crypto';
import type { EventTemplate, NostrEvent } from 'nostr-tools/pure';
import { isXOnlyPoint, signSchnorr, verifySchnorr } from 'tiny-secp256k1';

/** An event's id (NIP-01): sha256, in hex, of `[0, pubkey, created_at, kind, tags, content]`. */
export function eventId(event: Omit<NostrEvent, 'id' | 'sig'>): string {
  const { pubkey, created_at, kind, tags, content } = event;
  const canonical = JSON.stringify([0, pubkey, created_at, kind, tags, content]);
  return createHash('sha256').update(canonical).digest('hex');
}

export interface SigningKey {
  /** 64 hex digits. */
  readonly secretKey: string;
  /** 64 hex digits; must belong to `secretKey`. */
  readonly publicKey: string;
}

/** Signs with given auxiliary randomness (32 bytes), so that the same event always gets the same signature. */
export function signEvent(template: EventTemplate, key: SigningKey, randomness: Uint8Array): NostrEvent {
  const { created_at, kind, tags, content } = template;
  const id = eventId({ pubkey: key.publicKey, created_at, kind, tags, content });
  const signature = signSchnorr(Buffer.from(id, 'hex'), Buffer.from(key.secretKey, 'hex'), randomness);
  const sig = Buffer.from(signature).toString('hex');
  return { id, pubkey: key.publicKey, created_at, kind, tags, content, sig };
}

/** Whether a public key (64 hex digits) is the x coordinate of a point on the curve. */
export function isPublicKey(publicKey: string): boolean {
  return isXOnlyPoint(Buffer.from(publicKey, 'hex'));
}

/** Whether `sig` signs `id` under `pubkey`, all of the right form; that `id` is right is another question. */
export function isSignatureValid({ id, pubkey, sig }: Pick<NostrEvent, 'id' | 'pubkey' | 'sig'>): boolean {
  try {
    return verifySchnorr(Buffer.from(id, 'hex'), Buffer.from(pubkey, 'hex'), Buffer.from(sig, 'hex'));
  } catch {
    // The library throws where BIP-340 fails: a key that is no point, a signature out of range.
    return false;
  }
}

import { createHash } from 'node:crypto';
import { xOnlyPointFromScalar } from 'tiny-secp256k1';

/** What the keys of a corpus are derived from. */
export interface KeySource {
  readonly seed: number;
  /** Makes them other keys than those of every other run; undefined: the seed alone gives them. */
  readonly nonce?: string | undefined;
}

/**
 * Secret key (64 hex digits) of the signer or identity with this number: sha256 of a domain-separated string. That
 * it falls outside the group's order has a probability of 2^-128 and is not provided for.
 */
export function deriveSecretKey({ seed, nonce }: KeySource, index: number): string {
  const source = nonce === undefined ? seed : `${seed}/${nonce}`;
  return createHash('sha256').update(`reqbench/v1/secret-key/${source}/${index}`).digest('hex');
}

/** The x-only public key (64 hex digits) of a secret key (NIP-01, BIP-340). */
export function publicKeyOf(secretKey: string): string {
  return Buffer.from(xOnlyPointFromScalar(Buffer.from(secretKey, 'hex'))).toString('hex');
}

/** BIP-340's auxiliary randomness for everything that is signed under a seed: repeatable signatures. */
export function signatureRandomness(seed: number): Uint8Array {
  return createHash('sha256').update(`reqbench/v1/signature-randomness/${seed}`).digest();
}

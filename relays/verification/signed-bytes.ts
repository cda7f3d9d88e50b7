import type { NostrEvent } from '../protocol/event.js';

/** The bytes that verifying a signature takes, one event after another: id, public key, signature. */
export const SIGNED_BYTES = 128;

const PUBKEY_AT = 32;
const SIGNATURE_AT = 64;

/** Writes what belongs to `event` as number `index`. */
export function writeSigned(bytes: Buffer, index: number, event: NostrEvent): void {
  const start = index * SIGNED_BYTES;
  bytes.write(event.id, start, 'hex');
  bytes.write(event.pubkey, start + PUBKEY_AT, 'hex');
  bytes.write(event.sig, start + SIGNATURE_AT, 'hex');
}

/** What was written as number `index`, in the order in which a verification takes it. */
export function readSigned(bytes: Uint8Array, index: number): readonly [Uint8Array, Uint8Array, Uint8Array] {
  const start = index * SIGNED_BYTES;
  return [
    bytes.subarray(start, start + PUBKEY_AT),
    bytes.subarray(start + PUBKEY_AT, start + SIGNATURE_AT),
    bytes.subarray(start + SIGNATURE_AT, start + SIGNED_BYTES),
  ];
}

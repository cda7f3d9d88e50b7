/** What a relay does with an event of a kind (NIP-01, "Kinds"). */
export type KindClass = 'regular' | 'replaceable' | 'ephemeral' | 'addressable';

/** Kind of the event inside an AUTH message (NIP-42). */
export const AUTH_KIND = 22242;

/** Kind of a deletion request (NIP-09). */
export const DELETION_KIND = 5;

/** The class of `kind`; kinds that NIP-01 leaves undefined are kept like regular ones. */
export function kindClass(kind: number): KindClass {
  if (kind === 0 || kind === 3 || (kind >= 10_000 && kind < 20_000)) return 'replaceable';
  if (kind >= 20_000 && kind < 30_000) return 'ephemeral';
  if (kind >= 30_000 && kind < 40_000) return 'addressable';
  return 'regular';
}

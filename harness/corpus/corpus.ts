import type { NostrEvent } from 'nostr-tools/pure';

/** Signed events that a relay is loaded with, in order of `created_at`; positions are 0-based. */
export interface Corpus {
  /** JSONL on disk, one event a line, in corpus order: generated ones in the cache, imported ones as given or rewritten there. */
  readonly file: string;
  readonly events: readonly NostrEvent[];
  /** `lines[i]` is the exact text of event i, without the newline. */
  readonly lines: readonly string[];
  /** sha256 (hex) over the ids, in order. */
  readonly fingerprint: string;
  /** Unix seconds that offsets count from: the specification's date, or the newest event of an imported file. */
  readonly epochS: number;
  /** Public keys in order of first appearance. */
  readonly authors: readonly string[];
  /** Secret key (hex) of identity i: author i of a generated corpus, else a key derived from the seed. */
  identitySecretKey(identity: number): string;
  /** Public key (hex) of identity i. */
  identityPublicKey(identity: number): string;
}

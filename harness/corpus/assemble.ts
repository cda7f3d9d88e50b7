import type { NostrEvent } from 'nostr-tools/pure';
import type { Corpus } from './corpus.js';
import { fingerprintOf } from './fingerprint.js';
import { deriveSecretKey, type KeySource, publicKeyOf } from './keys.js';

/** What a corpus is made of; events and lines in corpus order. */
export interface CorpusParts {
  readonly file: string;
  readonly events: readonly NostrEvent[];
  readonly lines: readonly string[];
  readonly epochS: number;
  readonly keys: KeySource;
}

/** A corpus whose identities are the keys that its source gives. */
export function assembleCorpus({ file, events, lines, epochS, keys }: CorpusParts): Corpus {
  const publicKeys = new Map<number, string>();
  const identitySecretKey = (identity: number): string => deriveSecretKey(keys, identity);
  return {
    file,
    events,
    lines,
    fingerprint: fingerprintOf(idsOf(events)),
    epochS,
    authors: [...new Set(events.map(({ pubkey }) => pubkey))],
    identitySecretKey,
    identityPublicKey(identity) {
      const known = publicKeys.get(identity) ?? publicKeyOf(identitySecretKey(identity));
      publicKeys.set(identity, known);
      return known;
    },
  };
}

export function* idsOf(events: readonly NostrEvent[]): Iterable<string> {
  for (const { id } of events) yield id;
}

import { createHash } from 'node:crypto';

/**
 * The fingerprint of a corpus: sha256 (hex) over its ids in order, each as 64 hex digits and a line feed. With
 * common tools: `jq -r .id corpus.jsonl | sha256sum`.
 */
export function fingerprintOf(ids: Iterable<string>): string {
  const hash = createHash('sha256');
  for (const id of ids) hash.update(`${id}\n`);
  return hash.digest('hex');
}

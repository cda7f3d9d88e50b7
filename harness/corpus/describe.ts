import type { NostrEvent } from 'nostr-tools/pure';
import type { Corpus } from './corpus.js';

/** What is in a corpus, in numbers. Sizes are bytes of the events' JSON. */
export interface CorpusDescription {
  readonly file: string;
  readonly fingerprint: string;
  readonly events: number;
  /** Public keys that signed an event. */
  readonly authors: number;
  /** Events that a newer version replaces (NIP-01): a relay that was sent all of them keeps the others. */
  readonly replaced: number;
  /** Events of ephemeral kinds, which a relay doesn't store. */
  readonly ephemeral: number;
  /** Unix seconds. */
  readonly epochS: number;
  readonly oldestS: number;
  readonly newestS: number;
  readonly bytes: { readonly total: number; readonly median: number; readonly largest: number };
  readonly largestEvent: DescribedEvent;
  readonly mostTags: DescribedEvent;
  /** By number of events, most first. */
  readonly kinds: readonly KindCount[];
}

export interface DescribedEvent {
  readonly position: number;
  readonly id: string;
  readonly kind: number;
  readonly bytes: number;
  readonly tags: number;
}

export interface KindCount {
  readonly kind: number;
  readonly events: number;
  readonly bytes: number;
}

/** Describes a corpus of at least one event. */
export function describeCorpus(corpus: Corpus): CorpusDescription {
  const events = corpus.events.map((event, position) => described(corpus, event, position));
  const sizes = events.map(({ bytes }) => bytes).sort((a, b) => a - b);
  return {
    file: corpus.file,
    fingerprint: corpus.fingerprint,
    events: events.length,
    authors: corpus.authors.length,
    replaced: countReplaced(corpus.events),
    ephemeral: corpus.events.filter(({ kind }) => kind >= 20_000 && kind < 30_000).length,
    epochS: corpus.epochS,
    oldestS: corpus.events.at(0)?.created_at ?? corpus.epochS,
    newestS: corpus.events.at(-1)?.created_at ?? corpus.epochS,
    bytes: {
      total: sizes.reduce((sum, bytes) => sum + bytes, 0),
      median: sizes[(sizes.length - 1) >>> 1] ?? 0,
      largest: sizes.at(-1) ?? 0,
    },
    largestEvent: first(events, ({ bytes }) => bytes),
    mostTags: first(events, ({ tags }) => tags),
    kinds: countKinds(events),
  };
}

function described(corpus: Corpus, { id, kind, tags }: NostrEvent, position: number): DescribedEvent {
  return { position, id, kind, bytes: Buffer.byteLength(corpus.lines[position] ?? ''), tags: tags.length };
}

function first(events: readonly DescribedEvent[], size: (event: DescribedEvent) => number): DescribedEvent {
  return events.reduce((most, event) => (size(event) > size(most) ? event : most));
}

function countKinds(events: readonly DescribedEvent[]): readonly KindCount[] {
  const counts = new Map<number, KindCount>();
  for (const { kind, bytes } of events) {
    const before = counts.get(kind) ?? { kind, events: 0, bytes: 0 };
    counts.set(kind, { kind, events: before.events + 1, bytes: before.bytes + bytes });
  }
  return [...counts.values()].sort((a, b) => b.events - a.events || a.kind - b.kind);
}

function countReplaced(events: readonly NostrEvent[]): number {
  const addresses = events.map(addressOf).filter((address) => address !== undefined);
  return addresses.length - new Set(addresses).size;
}

/** Where an event is the only one of its kind (NIP-01, "Kinds"). Undefined for kinds that are all kept. */
function addressOf({ kind, pubkey, tags }: NostrEvent): string | undefined {
  if (kind === 0 || kind === 3 || (kind >= 10_000 && kind < 20_000)) return `${kind}:${pubkey}`;
  if (kind < 30_000 || kind >= 40_000) return undefined;
  return `${kind}:${pubkey}:${tags.find(([name]) => name === 'd')?.[1] ?? ''}`;
}

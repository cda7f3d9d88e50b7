import type { NostrEvent } from 'nostr-tools/pure';
import type { Corpus } from '../corpus/corpus.js';
import { type PopularityDraw, popularityDraw } from './popularity.js';

/** What of a corpus a plan draws from. All by position, so that a shift of its times changes nothing. */
export interface CorpusIndex {
  /** Author indices, most active first. */
  readonly authors: PopularityDraw<number>;
  /** Positions of events that a relay still has, most referred to first, then newest. */
  readonly events: PopularityDraw<number>;
  /** Positions of events that others reply to, most replies first. */
  readonly threads: PopularityDraw<number>;
  readonly hashtags: PopularityDraw<string>;
  /** Index of an author by public key. */
  readonly authorOf: ReadonlyMap<string, number>;
  /** Whom an author's newest kind 3 names, by public key of the author; in its order. */
  readonly follows: ReadonlyMap<string, readonly string[]>;
}

const KIND_NOTE = 1;
const KIND_FOLLOWS = 3;
const KIND_DELETION = 5;
const KIND_COMMENT = 1111;

export function indexCorpus(corpus: Pick<Corpus, 'events' | 'authors'>): CorpusIndex {
  const authorOf = new Map(corpus.authors.map((key, author) => [key, author]));
  const activity = new Counter<number>();
  const hashtags = new Counter<string>();
  const follows = new Map<string, readonly string[]>();
  for (const event of corpus.events) {
    const author = authorOf.get(event.pubkey);
    if (author !== undefined) activity.add(author);
    for (const hashtag of new Set(tagValues(event, 't'))) hashtags.add(hashtag);
    // In corpus order, so the last one seen is the newest.
    if (event.kind === KIND_FOLLOWS) follows.set(event.pubkey, [...new Set(tagValues(event, 'p'))]);
  }
  const { references, replies, deleted } = countReferences(corpus.events);
  const lasting = [...corpus.events.entries()]
    .filter(([position, event]) => isLasting(event) && !deleted.has(position))
    .map(([position]) => position);
  const present = new Set(lasting);
  return {
    authors: popularityDraw(activity.ranking([...corpus.authors.keys()])),
    events: popularityDraw(references.ranking(lasting.reverse())),
    threads: popularityDraw(replies.ranking(replies.keys().filter((position) => present.has(position)))),
    hashtags: popularityDraw(hashtags.ranking(hashtags.keys())),
    authorOf,
    follows,
  };
}

/** How often each event is named by `e` tags of others, and by which sort. */
function countReferences(events: readonly NostrEvent[]) {
  const positions = new Map(events.map((event, position) => [event.id, position]));
  const references = new Counter<number>();
  const replies = new Counter<number>();
  const deleted = new Set<number>();
  for (const event of events) {
    for (const id of new Set(tagValues(event, 'e'))) {
      const position = positions.get(id);
      if (position === undefined) continue;
      references.add(position);
      if (event.kind === KIND_NOTE || event.kind === KIND_COMMENT) replies.add(position);
      if (event.kind === KIND_DELETION && events[position]?.pubkey === event.pubkey) deleted.add(position);
    }
  }
  return { references, replies, deleted };
}

function tagValues(event: NostrEvent, name: string): readonly string[] {
  return event.tags.flatMap(([tag, value]) => (tag === name && value !== undefined ? [value] : []));
}

/** Events that relays store, that no later one replaces (NIP-01, "Kinds") and that don't expire (NIP-40). */
function isLasting({ kind, tags }: NostrEvent): boolean {
  const regular = kind !== 0 && kind !== KIND_FOLLOWS && (kind < 10_000 || kind >= 40_000);
  return regular && !tags.some(([name]) => name === 'expiration');
}

/** Counts things, in order of first appearance. */
class Counter<Thing> {
  readonly #counts = new Map<Thing, number>();

  add(thing: Thing): void {
    this.#counts.set(thing, this.#count(thing) + 1);
  }

  keys(): readonly Thing[] {
    return [...this.#counts.keys()];
  }

  /** `things` by count, the most first; equal ones stay in their order. */
  ranking(things: readonly Thing[]): readonly Thing[] {
    return [...things].sort((a, b) => this.#count(b) - this.#count(a));
  }

  #count(thing: Thing): number {
    return this.#counts.get(thing) ?? 0;
  }
}

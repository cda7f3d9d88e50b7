import type { Filter } from 'nostr-tools/filter';
import type { NostrEvent } from 'nostr-tools/pure';
import { readSentBytes } from '../client/sent-text.js';
import type { RawMeaning } from './plan.js';
import { type RawPayload, rawBytes } from './raw.js';
import type { WorkloadPublish } from './workload.js';

/** What is added to a workload for the sake of its raw messages, and what is in it already. */
export interface RawContents {
  /** Gives the index of a request among the workload's. */
  addRequest(filters: readonly Filter[]): number;
  /** Ids of the corpus, by position. */
  readonly corpusIds: readonly string[];
  /** The workload's, which grow. */
  readonly publishes: WorkloadPublish[];
}

/**
 * Says what raw messages are to a relay. A right REQ gets its expected answer and a right EVENT becomes one that is known, so that they are
 * judged as those of other steps.
 */
export class RawMeanings {
  readonly #meanings = new Map<string, RawMeaning>();
  #numbers: Map<string, number> | undefined;

  constructor(private readonly contents: RawContents) {}

  of(payload: RawPayload): RawMeaning {
    const key = JSON.stringify([payload.frame, payload.text, payload.base64]);
    const before = this.#meanings.get(key);
    if (before) return before;
    const meaning = this.#read(payload);
    this.#meanings.set(key, meaning);
    return meaning;
  }

  #read({ frame, ...payload }: RawPayload): RawMeaning {
    const read = readSentBytes(rawBytes(payload), frame === 'binary');
    switch (read.label) {
      case 'REQ':
      case 'COUNT': {
        const { label, subscription, filters } = read;
        return { label, subscription, request: this.contents.addRequest(filters) };
      }
      case 'EVENT':
        return { ...read, known: this.#numberOf(read.event) };
      case 'other': {
        const { event, ...other } = read;
        return { ...other, known: event && this.#numberOf(event) };
      }
      default:
        return read;
    }
  }

  /** Among the known events: the corpus, then the publishes. */
  #numberOf(event: NostrEvent): number {
    const { corpusIds, publishes } = this.contents;
    this.#numbers ??= new Map(
      [...corpusIds, ...publishes.map((publish) => publish.event.id)].map((id, number) => [id, number]),
    );
    const known = this.#numbers.get(event.id);
    if (known !== undefined) return known;
    const number = corpusIds.length + publishes.length;
    publishes.push({ event, json: JSON.stringify(event) });
    this.#numbers.set(event.id, number);
    return number;
  }
}

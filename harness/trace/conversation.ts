import type { Filter } from 'nostr-tools/filter';
import type { NostrEvent } from 'nostr-tools/pure';
import type { KnownEvents } from '../client/known-events.js';
import type { JudgedRequest, SentMessage } from '../client/message.js';
import { readSentBytes } from '../client/sent-text.js';
import type { Oracle } from '../conformance/index.js';

/** Makes of what a client sent in a trace the messages that the judge understands. */
export class TracedConversation {
  /** @param oracle undefined: what the relay held is unknown, so no stored answer can be judged. */
  constructor(
    private readonly known: KnownEvents,
    private readonly oracle: Oracle | undefined,
    /** By their JSON; shared by all connections, so that each distinct request is one object. */
    private readonly requests: Map<string, JudgedRequest>,
  ) {}

  sent(payload: Buffer, isBinary: boolean): SentMessage {
    const read = readSentBytes(payload, isBinary);
    switch (read.label) {
      case 'EVENT':
        return { ...read, known: this.#numberOf(read.event) };
      case 'REQ':
      case 'COUNT':
        return { label: read.label, subscription: read.subscription, request: this.#request(read.filters) };
      case 'other': {
        const { event, ...other } = read;
        return { ...other, text: payload.toString('utf8'), known: event && this.#numberOf(event) };
      }
      default:
        return read;
    }
  }

  #numberOf(event: NostrEvent): number {
    return this.known.register(event, JSON.stringify(event));
  }

  #request(filters: readonly Filter[]): JudgedRequest {
    const filtersJson = filters.map((filter) => JSON.stringify(filter)).join(',');
    const found = this.requests.get(filtersJson);
    if (found) return found;
    const answers = this.oracle ? filters.map((filter) => this.oracle?.answer(filter) ?? UNKNOWN) : [];
    const request: JudgedRequest = { filters, filtersJson, answers };
    this.requests.set(filtersJson, request);
    return request;
  }
}

const UNKNOWN = { newest: [], complete: false } as const;

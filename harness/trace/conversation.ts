import type { Filter } from 'nostr-tools/filter';
import type { NostrEvent } from 'nostr-tools/pure';
import { eventProblem } from '../client/event-form.js';
import type { KnownEvents } from '../client/known-events.js';
import type { JudgedRequest, ReceivedMessage, SentMessage } from '../client/message.js';
import type { Oracle } from '../conformance/index.js';

/**
 * Makes of the texts of a trace the messages that the judge understands. What a client sent that is no message of
 * NIP-01 is left out, and so is what only that can have caused: other tools test more than the invariants know.
 */
export class TracedConversation {
  /** Ids that a client used otherwise than in REQ or COUNT, such as in NEG-OPEN. */
  readonly #otherIds = new Set<string>();
  readonly #countIds = new Set<string>();
  readonly #requestIds = new Set<string>();
  readonly #sentIds = new Set<string>();
  #hasSentMalformedEvents = false;

  /** @param oracle undefined: what the relay held is unknown, so no stored answer can be judged. */
  constructor(
    private readonly known: KnownEvents,
    private readonly oracle: Oracle | undefined,
    /** By their JSON; shared by all connections, so that each distinct request is one object. */
    private readonly requests: Map<string, JudgedRequest>,
  ) {}

  sent(text: string): SentMessage | undefined {
    const [label, first, ...rest] = arrayOf(text);
    if (label === 'EVENT') return this.#event(first);
    if (label === 'AUTH') return this.#auth(first);
    if (typeof first !== 'string') return undefined;
    if (label === 'CLOSE') return { label: 'CLOSE', subscription: first };
    if (label === 'REQ') {
      this.#requestIds.add(first);
      return { label: 'REQ', subscription: first, request: this.#request(rest) };
    }
    if (label === 'COUNT') {
      this.#countIds.add(first);
      return { label: 'COUNT', subscription: first, request: this.#request(rest) };
    }
    this.#otherIds.add(first);
    return undefined;
  }

  /** Whether a message can be an answer to something that was left out. */
  isBesideThePoint(message: ReceivedMessage): boolean {
    if (message.label === 'CLOSED') {
      const { subscription } = message;
      const isUsed = this.#requestIds.has(subscription) || this.#countIds.has(subscription);
      return this.#otherIds.has(subscription) && !isUsed;
    }
    return message.label === 'OK' && this.#hasSentMalformedEvents && !this.#sentIds.has(message.id);
  }

  #event(event: unknown): SentMessage | undefined {
    if (!isGenuineForm(event)) {
      this.#hasSentMalformedEvents = true;
      return undefined;
    }
    this.#sentIds.add(event.id);
    return { label: 'EVENT', known: this.known.register(event, JSON.stringify(event)), event };
  }

  #auth(event: unknown): SentMessage | undefined {
    if (!isGenuineForm(event)) {
      this.#hasSentMalformedEvents = true;
      return undefined;
    }
    this.#sentIds.add(event.id);
    return { label: 'AUTH', event };
  }

  #request(filters: readonly unknown[]): JudgedRequest {
    const filtersJson = filters.map((filter) => JSON.stringify(filter)).join(',');
    const found = this.requests.get(filtersJson);
    if (found) return found;
    const isReadable = filters.length > 0 && filters.every(isFilter);
    const request: JudgedRequest = {
      // A filter that nobody can read may be taken for anything: it matches all, and its answer is unknown.
      filters: isReadable ? filters : [{}],
      filtersJson,
      answers:
        isReadable && this.oracle ? filters.map((filter) => this.oracle?.answer(filter) ?? UNKNOWN) : [],
    };
    this.requests.set(filtersJson, request);
    return request;
  }
}

const UNKNOWN = { newest: [], complete: false } as const;

function arrayOf(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isGenuineForm(value: unknown): value is NostrEvent {
  return isObject(value) && eventProblem(value) === undefined;
}

const LISTS_OF_STRINGS = ['ids', 'authors'] as const;
const NUMBERS = ['since', 'until', 'limit'] as const;

function isFilter(value: unknown): value is Filter {
  if (!isObject(value)) return false;
  const lists = Object.entries(value).filter(
    ([key]) => key.startsWith('#') || LISTS_OF_STRINGS.some((one) => one === key),
  );
  return (
    lists.every(([, list]) => Array.isArray(list) && list.every((item) => typeof item === 'string')) &&
    (value.kinds === undefined || (Array.isArray(value.kinds) && value.kinds.every(Number.isInteger))) &&
    NUMBERS.every((key) => value[key] === undefined || Number.isInteger(value[key]))
  );
}

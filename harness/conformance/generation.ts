import type { NostrEvent } from 'nostr-tools/pure';
import type { ForeignEvent } from './answer.js';
import { AnswerTally } from './answer-tally.js';
import type { Publication } from './publication.js';
import type { RequestState } from './requests.js';

/**
 * One REQ and all that is served for it. `stored`: until EOSE. `live`: after it. `over`: the client sent CLOSE,
 * the relay CLOSED, another REQ took the id, or the connection ended.
 */
export class Generation {
  phase: 'stored' | 'live' | 'over' = 'stored';
  /** got(EOSE); Infinity before. */
  eoseNs = Number.POSITIVE_INFINITY;
  /** When the generation stopped to be owed anything; Infinity while it is open. */
  overNs = Number.POSITIVE_INFINITY;
  /** Events that this generation is waiting for, by number. */
  readonly awaited = new Map<number, Publication>();
  /** A message of this subscription could not be read: what it held is unknown. */
  unreadable = false;
  /** Events came for it before EOSE that were altered, or that it had not asked for: no right answer, whatever else came. */
  spoilt = false;
  /** Stored events that came again. */
  repeated = 0;
  /** How many events came exactly as `request.single` has them, from the first on. */
  #inOrder = 0;
  /** Stored events in order of arrival, each once; only once they left that order. */
  #received: Set<number> | undefined;
  #live: Set<number> | undefined;
  /** Stored events of others, by id. */
  #foreign: Map<string, ForeignEvent> | undefined;

  constructor(
    readonly subscription: string,
    readonly request: RequestState,
    readonly sentNs: number,
    /** An earlier REQ of this id had no answer yet: what comes can't be told apart. */
    readonly ambiguous: boolean,
    /** The client was certainly allowed to read when it sent the REQ. */
    readonly admitted: boolean,
  ) {}

  /** Events came exactly in the order of the static answer: how many; undefined if not. */
  get inOrder(): number | undefined {
    return this.#received ? undefined : this.#inOrder;
  }

  /** Stored events, in order of arrival, each once. */
  get received(): Iterable<number> {
    return this.#received ?? this.request.single?.newest.slice(0, this.#inOrder) ?? [];
  }

  /** Events of others that came before EOSE, each once. */
  get foreign(): readonly ForeignEvent[] {
    return [...(this.#foreign?.values() ?? [])];
  }

  /** Takes in an event of others. */
  takeForeign(event: NostrEvent): void {
    this.#foreign ??= new Map();
    if (this.#foreign.has(event.id)) this.repeated += 1;
    else {
      const filters = this.request.matchingEvent(event);
      this.#foreign.set(event.id, { createdAt: event.created_at, filters });
    }
  }

  /** The next event that the static answer has, if everything came in its order so far. */
  takeInOrder(number: number): boolean {
    if (this.#received || this.request.single?.newest[this.#inOrder] !== number) return false;
    this.#inOrder += 1;
    return true;
  }

  takeStored(number: number): void {
    this.#received ??= new Set(this.received);
    if (this.#received.has(number)) this.repeated += 1;
    else this.#received.add(number);
  }

  /** A published event came after EOSE; true if it came for the first time. */
  takeLive(number: number): boolean {
    this.#live ??= new Set();
    if (this.#live.has(number)) return false;
    this.#live.add(number);
    return true;
  }

  /** The stored phase ended; published events that came in it may not come again. */
  becomeLive(atNs: number, isPublished: (number: number) => boolean): void {
    for (const number of this.#received ?? []) if (isPublished(number)) this.takeLive(number);
    this.phase = 'live';
    this.eoseNs = atNs;
    this.#forget();
  }

  /** Nothing is owed from now on. */
  end(atNs: number): void {
    this.phase = 'over';
    this.overNs = Math.min(this.overNs, atNs);
    this.request.open.delete(this);
    this.#forget();
    this.#live = undefined;
  }

  #forget(): void {
    this.#received = undefined;
    this.#foreign = undefined;
    this.#inOrder = 0;
  }
}

/** What is known of a subscription id on one connection. */
export class Subscription {
  readonly tally = new AnswerTally();
  current: Generation;
  /** Generations that the current one replaced and that may still be speaking. */
  earlier: Generation[] = [];
  /** When the first EOSE or CLOSED since the last REQ was got. */
  answeredNs = Number.POSITIVE_INFINITY;
  /** CLOSE was sent since the last REQ. */
  closeSent = false;
  #allAnsweredNs = Number.POSITIVE_INFINITY;

  constructor(
    readonly id: string,
    first: Generation,
  ) {
    this.current = first;
    this.tally.requested();
  }

  /** Another REQ with this id was sent. */
  replace(next: Generation): void {
    this.earlier.push(this.current);
    this.current = next;
    this.tally.requested();
    this.answeredNs = Number.POSITIVE_INFINITY;
    this.#allAnsweredNs = Number.POSITIVE_INFINITY;
    this.closeSent = false;
  }

  /** An EOSE or CLOSED came. */
  answered(atNs: number): void {
    this.answeredNs = Math.min(this.answeredNs, atNs);
    // As long as an earlier REQ has no answer this may have been the answer to it.
    if (this.tally.unanswered === 0) this.#allAnsweredNs = Math.min(this.#allAnsweredNs, atNs);
  }

  /** Forgets generations that can no longer speak: their successor was answered more than a grace ago. */
  forgetSilent(atNs: number, graceNs: number): void {
    if (this.earlier.length > 0 && this.#allAnsweredNs + graceNs < atNs) this.earlier = [];
  }

  /** An answer to the last REQ is owed. */
  get isUnanswered(): boolean {
    return this.answeredNs === Number.POSITIVE_INFINITY && !this.closeSent;
  }
}

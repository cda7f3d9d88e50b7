import type { KnownEvents } from '../client/known-events.js';
import { NS_PER_MS } from '../clock.js';
import { liveDelivered } from './checks/answer.js';
import type { Connection } from './connection.js';
import type { EventHistory } from './event-history.js';
import type { Generation } from './generation.js';
import type { Publication } from './publication.js';
import type { RequestBook } from './requests.js';
import type { Verdicts } from './verdicts.js';

/** A publish that nothing answered for this many deadlines is no longer expected by new REQs. */
const FORGOTTEN_AFTER_DEADLINES = 10;

export interface DeliveryOptions {
  readonly known: KnownEvents;
  readonly history: EventHistory;
  readonly requests: RequestBook;
  readonly verdicts: Verdicts;
  readonly deadlineMs: number;
}

/** Keeps the account of published events that are owed to open subscriptions (conformance.md, "Owed live"). */
export class Deliveries {
  /** Publications that an OK is awaited for, with how many times they were sent unanswered. */
  readonly #inFlight = new Map<Publication, number>();
  readonly #forgotten = new Set<Publication>();
  readonly #deadlineNs: number;
  #late = 0;
  #lost = 0;

  constructor(private readonly options: DeliveryOptions) {
    this.#deadlineNs = options.deadlineMs * NS_PER_MS;
  }

  /** Events that came after the deadline, and those that never came. */
  get late(): number {
    return this.#late;
  }
  get lost(): number {
    return this.#lost;
  }

  /** An EVENT was sent; one that was refused before may be sent again. */
  published(number: number, atNs: number): void {
    const isNew = this.options.history.publication(number) === undefined;
    const publication = this.options.history.published(number, atNs);
    if (this.options.history.isLoaded(number) || publication.acceptedNs < Number.POSITIVE_INFINITY) return;
    const unanswered = this.#inFlight.get(publication) ?? 0;
    this.#inFlight.set(publication, unanswered + 1);
    // The relay may have taken it in before, and then this time it is nothing new to anybody.
    if (unanswered > 0 || this.#forgotten.has(publication)) return;
    const requests = isNew ? this.options.requests.publish(number) : this.options.requests.matching(number);
    for (const request of requests) {
      for (const generation of request.open) this.#expect(generation, publication);
    }
  }

  /** An OK came for an EVENT: it is no longer in flight, unless it was sent again and may yet be accepted. */
  answered(number: number): void {
    const publication = this.options.history.publication(number);
    if (!publication) return;
    const unanswered = (this.#inFlight.get(publication) ?? 1) - 1;
    const isAccepted = publication.acceptedNs < Number.POSITIVE_INFINITY;
    if (unanswered === 0 || isAccepted) this.#inFlight.delete(publication);
    else this.#inFlight.set(publication, unanswered);
  }

  /** A REQ was sent. */
  opened(generation: Generation): void {
    generation.request.open.add(generation);
    const forgottenBefore = generation.sentNs - FORGOTTEN_AFTER_DEADLINES * this.#deadlineNs;
    for (const publication of this.#inFlight.keys()) {
      if (publication.sentNs < forgottenBefore) this.#forget(publication);
      else if (generation.request.matches(publication.number)) this.#expect(generation, publication);
    }
  }

  /** An event came for a generation; true if it was waiting for it. */
  arrived(generation: Generation, number: number, atNs: number): boolean {
    const publication = generation.awaited.get(number);
    if (!publication) return false;
    generation.awaited.delete(number);
    this.options.verdicts.passed(liveDelivered);
    if (this.#dueNs(generation, publication) < atNs) this.#late += 1;
    return true;
  }

  /** The client ended a generation; what was due before stays owed as long as its connection is there. */
  ended(connection: Connection, generation: Generation, atNs: number): void {
    if (generation.phase === 'over') return;
    generation.end(atNs);
    this.#setAside(generation, (publication) => !this.#isOwed(generation, publication, atNs));
    if (generation.awaited.size > 0) connection.overdue.add(generation);
  }

  /** The relay ended a generation, nobody knows how long before its CLOSED arrived: nothing is owed. */
  endedByRelay(connection: Connection, generation: Generation, atNs: number): void {
    if (generation.phase !== 'over') generation.end(atNs);
    this.#setAside(generation, () => true);
    connection.overdue.delete(generation);
  }

  /** The connection ended: it is owed nothing any more. */
  forgiven(connection: Connection): void {
    for (const generation of connection.overdue) {
      this.options.verdicts.setAside(liveDelivered, generation.awaited.size);
      generation.awaited.clear();
    }
    connection.overdue.clear();
  }

  /** Events that are overdue on a connection by now. */
  overdue(
    connection: Connection,
    atNs: number,
  ): readonly { readonly generation: Generation; readonly number: number }[] {
    const open = [...connection.subscriptions.values()].map(({ current }) => current);
    return [...new Set([...connection.overdue, ...open])].flatMap((generation) => {
      const endNs = Math.min(generation.overNs, atNs);
      return [...generation.awaited]
        .filter(([, publication]) => this.#isOwed(generation, publication, endNs))
        .map(([number]) => ({ generation, number }));
    });
  }

  /** Judges what is still missing on a connection at the end. */
  judgeMissing(connection: Connection, atNs: number): void {
    for (const { generation, number } of this.overdue(connection, atNs)) {
      const isJudged = connection.freshReqAnswered === true;
      if (isJudged) this.#lost += 1;
      const { subscription } = generation;
      const facts = {
        subscription,
        id: this.options.known.idOf(number),
        outcome: isJudged ? 'missing' : 'not owed',
      } as const;
      this.options.verdicts.apply(
        liveDelivered,
        facts,
        connection.evidence({ subscription, eventId: facts.id }),
      );
    }
  }

  #forget(publication: Publication): void {
    this.#inFlight.delete(publication);
    this.#forgotten.add(publication);
  }

  #setAside(generation: Generation, isChosen: (publication: Publication) => boolean): void {
    for (const [number, publication] of generation.awaited) {
      if (!isChosen(publication)) continue;
      generation.awaited.delete(number);
      if (publication.acceptedNs < Number.POSITIVE_INFINITY) this.options.verdicts.setAside(liveDelivered);
    }
  }

  #expect(generation: Generation, publication: Publication): void {
    if (!generation.admitted) return;
    const certainlyLive = generation.phase === 'live';
    if (!certainlyLive && this.options.history.isEphemeral(publication.number)) return;
    generation.awaited.set(publication.number, publication);
  }

  /** Owed to a generation that ended, or is looked at, at `endNs`. */
  #isOwed(generation: Generation, publication: Publication, endNs: number): boolean {
    const dueNs = this.#dueNs(generation, publication);
    return (
      dueNs < endNs &&
      !publication.duplicate &&
      !this.options.history.wasReplacedBefore(publication.number, dueNs)
    );
  }

  /** One in flight around the REQ may be served up to EOSE or after it, so it is due when both are past. */
  #dueNs({ eoseNs }: Generation, { acceptedNs }: Publication): number {
    return Math.max(acceptedNs, eoseNs) + this.#deadlineNs;
  }
}

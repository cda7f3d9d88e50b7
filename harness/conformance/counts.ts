import type { SentMessage } from '../client/message.js';
import { NS_PER_MS } from '../clock.js';
import { isCertainlyAdmitted } from './admission.js';
import { type CountBounds, countAnswered, countOff } from './checks/count.js';
import { closedPrefix } from './checks/subscription.js';
import type { Connection, CountedId } from './connection.js';
import type { JudgeContext } from './judge.js';
import { judgeRefusal } from './refusals.js';
import type { RequestBook } from './requests.js';
import type { Verdicts } from './verdicts.js';

const NIP45 = 45;

/**
 * Judges the answers to COUNTs. Ids of COUNTs are not those of REQs: an id that was used for both at once can't say
 * which of them a CLOSED is for, and is set aside.
 */
export class Counts {
  readonly #deadlineNs: number;
  readonly #isServed: boolean;
  #late = 0;
  #lost = 0;

  constructor(
    private readonly context: JudgeContext,
    private readonly requests: RequestBook,
    private readonly verdicts: Verdicts,
  ) {
    this.#deadlineNs = context.deadlineMs * NS_PER_MS;
    this.#isServed = context.claims.has(NIP45);
  }

  /** COUNTs that were answered after the deadline, and those that never were by a relay that claims NIP-45. */
  get late(): number {
    return this.#late;
  }
  get lost(): number {
    return this.#lost;
  }

  asked(connection: Connection, message: Extract<SentMessage, { label: 'COUNT' }>, atNs: number): void {
    const { subscription: id, request } = message;
    const state = this.requests.stateOf(request);
    const admitted = isCertainlyAdmitted(this.context.access, connection.hasAuthenticatedBefore(atNs));
    const before = connection.counts.get(id);
    connection.counts.set(id, {
      id,
      asked: (before?.asked ?? 0) + 1,
      answered: before?.answered ?? 0,
      sentNs: atNs,
      request: state,
      admitted,
    });
  }

  got(connection: Connection, id: string, count: number, atNs: number): void {
    const counted = connection.counts.get(id);
    const evidence = connection.evidence({ subscription: id });
    const { asked = 0, answered = 0 } = counted ?? {};
    this.verdicts.apply(countAnswered, { answer: 'COUNT', id, asked, answered }, evidence);
    if (!counted || answered >= asked) return;
    this.verdicts.apply(countOff, { id, count, bounds: this.#bounds(counted, atNs) }, evidence);
    this.#noteAnswer(counted, atNs);
  }

  /** Takes in a CLOSED; false if it can't be for a COUNT. */
  gotClosed(connection: Connection, id: string, reason: string, atNs: number): boolean {
    const counted = connection.counts.get(id);
    if (!counted) return false;
    if (connection.subscription(id)) {
      if (counted.answered >= counted.asked) return false;
      this.verdicts.setAside(countAnswered);
      this.#noteAnswer(counted, atNs);
      return true;
    }
    const evidence = connection.evidence({ subscription: id });
    const { asked, answered } = counted;
    this.verdicts.apply(countAnswered, { answer: 'CLOSED', id, asked, answered }, evidence);
    this.verdicts.apply(closedPrefix, { reason, afterClose: false }, evidence);
    judgeRefusal(this.verdicts, connection, { answer: 'CLOSED', reason }, evidence);
    if (answered < asked) this.#noteAnswer(counted, atNs);
    return true;
  }

  /** Its form was judged; it isn't missed as well. True if it was about a COUNT. */
  gotMalformed(connection: Connection, id: string, atNs: number): boolean {
    const counted = connection.counts.get(id);
    if (!counted || counted.answered >= counted.asked) return false;
    this.#noteAnswer(counted, atNs);
    return true;
  }

  /** COUNTs that an answer is owed to: only who claims NIP-45 owes any. */
  unanswered(connection: Connection): readonly CountedId[] {
    return this.#isServed ? connection.uncounted() : [];
  }

  /** The connection ended: nothing is owed any more. */
  ended(connection: Connection): void {
    this.verdicts.setAside(countAnswered, this.unanswered(connection).length);
  }

  /** COUNTs of an open connection that were never answered, at the end of the load. */
  judgeMissing(connection: Connection): void {
    const { freshReqAnswered } = connection;
    for (const { id, asked, answered } of this.unanswered(connection)) {
      const facts = { answer: 'none', id, asked, answered, freshReqAnswered } as const;
      this.verdicts.apply(countAnswered, facts, connection.evidence({ subscription: id }));
      if (freshReqAnswered !== undefined) this.#lost += 1;
    }
  }

  #noteAnswer(counted: CountedId, atNs: number): void {
    counted.answered += 1;
    if (counted.sentNs + this.#deadlineNs < atNs) this.#late += 1;
  }

  /** Undefined where the number can't be told: what a limit means to a COUNT, NIP-45 doesn't say. */
  #bounds({ request, asked, answered, sentNs, admitted }: CountedId, atNs: number): CountBounds | undefined {
    const isKnown = (this.context.holdingsKnown ?? true) && request.isAnswerable;
    if (!isKnown || !admitted || request.hasLimit || asked - answered > 1) return undefined;
    const certain = new Set<number>();
    const possible = new Set<number>();
    for (const filter of request.filters) {
      for (const { number, standing } of filter.expectation(sentNs, atNs, false).candidates) {
        if (standing === 'certain') certain.add(number);
        if (standing !== 'superseded') possible.add(number);
      }
    }
    return { least: certain.size, most: possible.size };
  }
}

import type { ReceivedMessage, SentMessage } from '../client/message.js';
import { NS_PER_MS } from '../clock.js';
import { isCertainlyAdmitted } from './admission.js';
import { countAnswered, countOff } from './checks/count.js';
import { closedPrefix } from './checks/subscription.js';
import type { Connection, CountedId } from './connection.js';
import type { JudgeContext } from './judge.js';
import { type Countable, PrivateCounts } from './private-counts.js';
import { judgeRefusal } from './refusals.js';
import type { RequestBook, RequestState } from './requests.js';
import type { Verdicts } from './verdicts.js';

const NIP45 = 45;

/** The events that a COUNT is about. */
interface Matches extends Countable {
  /** Numbers of those that were certainly in the store. */
  readonly certain: ReadonlySet<number>;
}

/**
 * Judges the answers to COUNTs. Ids of COUNTs are not those of REQs: an id that was used for both at once can't say
 * which of them a CLOSED is for, and is set aside.
 */
export class Counts {
  readonly #deadlineNs: number;
  readonly #isServed: boolean;
  readonly #private: PrivateCounts;
  /** Public keys of the run's events; found when they are asked for first. */
  #keys: ReadonlySet<string> | undefined;
  #late = 0;
  #lost = 0;

  constructor(
    private readonly context: JudgeContext,
    private readonly requests: RequestBook,
    private readonly verdicts: Verdicts,
  ) {
    this.#deadlineNs = context.deadlineMs * NS_PER_MS;
    this.#isServed = context.claims.has(NIP45);
    this.#private = new PrivateCounts(context, verdicts);
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

  got(
    connection: Connection,
    { subscription: id, count, estimated }: Extract<ReceivedMessage, { label: 'COUNT' }>,
    atNs: number,
  ): void {
    const counted = connection.counts.get(id);
    const evidence = connection.evidence({ subscription: id });
    const { asked = 0, answered = 0 } = counted ?? {};
    this.verdicts.apply(countAnswered, { answer: 'COUNT', id, asked, answered }, evidence);
    if (!counted || answered >= asked) return;
    this.#judgeNumber(connection, counted, { count, estimated }, atNs);
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

  /** Judges what is only known when all counts are. */
  finish(): void {
    this.#private.finish();
  }

  #judgeNumber(
    connection: Connection,
    counted: CountedId,
    got: { readonly count: number; readonly estimated: boolean },
    atNs: number,
  ): void {
    const { id } = counted;
    const { count } = got;
    const evidence = connection.evidence({ subscription: id });
    const matches = this.#matches(counted, atNs);
    const bounds = matches && { least: matches.certain.size, most: matches.possible.size };
    this.verdicts.apply(countOff, { id, count, bounds }, evidence);
    if (!matches || !bounds) return;
    if (!this.#private.judge(connection, counted, got, matches, evidence)) return;
    this.#private.note(!got.estimated && count >= bounds.least && count <= bounds.most);
  }

  #noteAnswer(counted: CountedId, atNs: number): void {
    counted.answered += 1;
    if (counted.sentNs + this.#deadlineNs < atNs) this.#late += 1;
  }

  /** Whether nothing that others wrote could be counted: nobody else has our keys, or writes what has our ids. */
  #isOurs({ filters }: RequestState): boolean {
    if (!this.context.shared) return true;
    const { known } = this.context;
    this.#keys ??= new Set(Array.from({ length: known.size }, (_, number) => known.eventOf(number).pubkey));
    return filters.every(
      ({ filter }) =>
        filter.authors?.every((author) => this.#keys?.has(author)) ??
        filter.ids?.every((id) => known.numberOf(id) !== undefined) ??
        false,
    );
  }

  /** Undefined where the number can't be told: what a limit means to a COUNT, NIP-45 doesn't say. */
  #matches({ request, asked, answered, sentNs, admitted }: CountedId, atNs: number): Matches | undefined {
    const isKnown = (this.context.holdingsKnown ?? true) && request.isAnswerable && this.#isOurs(request);
    if (!isKnown || !admitted || request.hasLimit || asked - answered > 1) return undefined;
    const certain = new Set<number>();
    const possible = new Set<number>();
    let hasSuperseded = false;
    for (const filter of request.filters) {
      for (const { number, standing } of filter.expectation(sentNs, atNs, true).candidates) {
        if (standing === 'certain') certain.add(number);
        if (standing === 'superseded') hasSuperseded = true;
        else possible.add(number);
      }
    }
    return { certain, possible, hasSuperseded };
  }
}

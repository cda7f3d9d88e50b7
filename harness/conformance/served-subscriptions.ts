import type { EventMessage, MalformedMessage, SentMessage } from '../client/message.js';
import { NS_PER_MS } from '../clock.js';
import { isCertainlyAdmitted } from './admission.js';
import { duplicates, storedAfterEose, storedSet } from './checks/answer.js';
import {
  closedPrefix,
  eoseOnce,
  knownSubscription,
  matchesFilter,
  nothingAfterClosed,
} from './checks/subscription.js';
import type { Connection } from './connection.js';
import type { Deliveries } from './deliveries.js';
import type { EventHistory } from './event-history.js';
import { Generation, Subscription } from './generation.js';
import type { JudgeContext } from './judge.js';
import { judgeRefusal } from './refusals.js';
import type { RequestBook } from './requests.js';
import { StoredAnswers } from './stored-answers.js';
import type { Verdicts } from './verdicts.js';

const DEFAULT_GRACE_MS = 1000;

/** How long messages may still be on their way, in nanoseconds. */
export function graceNsOf({ graceMs }: JudgeContext): number {
  return (graceMs ?? DEFAULT_GRACE_MS) * NS_PER_MS;
}

/** Judges everything that carries a subscription id: REQ and CLOSE, and EVENT, EOSE and CLOSED in answer. */
export class ServedSubscriptions {
  readonly #deadlineNs: number;
  readonly #graceNs: number;
  readonly #answers: StoredAnswers;
  #late = 0;
  #lost = 0;
  /** Cases that passed without a look at the rule, counted at the end. */
  #forUsedIds = 0;
  #matching = 0;

  constructor(
    private readonly context: JudgeContext,
    private readonly history: EventHistory,
    private readonly requests: RequestBook,
    private readonly deliveries: Deliveries,
    private readonly verdicts: Verdicts,
  ) {
    this.#deadlineNs = context.deadlineMs * NS_PER_MS;
    this.#graceNs = graceNsOf(context);
    this.#answers = new StoredAnswers(context.known, history, verdicts, context.holdingsKnown ?? true);
  }

  /** REQs that were answered after the deadline, and those that never were. */
  get late(): number {
    return this.#late;
  }
  get lost(): number {
    return this.#lost;
  }
  get answers(): StoredAnswers['counts'] {
    return this.#answers.counts;
  }

  requested(connection: Connection, message: Extract<SentMessage, { label: 'REQ' }>, atNs: number): void {
    const { subscription: id, request } = message;
    const subscription = connection.subscriptions.get(id);
    const ambiguous = subscription !== undefined && subscription.tally.unanswered > 0;
    const state = this.requests.stateOf(request);
    const admitted = isCertainlyAdmitted(this.context.access, connection.hasAuthenticatedBefore(atNs));
    const generation = new Generation(id, state, atNs, ambiguous, admitted);
    if (subscription) {
      subscription.forgetSilent(atNs, this.#graceNs);
      this.deliveries.ended(connection, subscription.current, atNs);
      subscription.replace(generation);
    } else {
      connection.add(new Subscription(id, generation));
    }
    this.deliveries.opened(generation);
  }

  closeSent(connection: Connection, id: string, atNs: number): void {
    const subscription = connection.subscription(id);
    if (!subscription) return;
    subscription.closeSent = true;
    this.deliveries.ended(connection, subscription.current, atNs);
  }

  /** What comes under this id can't be judged any more. */
  forget(connection: Connection, id: string, atNs: number): void {
    const subscription = connection.subscription(id);
    if (subscription) this.deliveries.ended(connection, subscription.current, atNs);
    connection.forget(id);
  }

  /** @param number what the event is known as, altered or not; undefined for foreign events. */
  gotEvent(connection: Connection, message: EventMessage, number: number | undefined, atNs: number): void {
    const subscription = this.#used(connection, message);
    if (!subscription) return;
    const { id, tally, current } = subscription;
    if (tally.notClosed === 0) {
      const facts = { subscription: id, notClosed: 0 };
      this.verdicts.apply(nothingAfterClosed, facts, connection.evidence({ subscription: id }));
    } else if (number !== undefined && current.phase === 'stored' && current.takeInOrder(number)) {
      this.#matching += 1;
    } else {
      this.#gotOutOfOrder(connection, subscription, message, number, atNs);
    }
  }

  /** An event that came is not the one whose id it has. */
  gotAltered(connection: Connection, { subscription: id }: EventMessage): void {
    const subscription = connection.subscription(id);
    if (subscription) subscription.current.spoilt = true;
  }

  gotEose(connection: Connection, id: string, atNs: number): void {
    const subscription = this.#used(connection, { label: 'EOSE', subscription: id });
    if (!subscription) return;
    const { tally, current } = subscription;
    const couldAnswer = tally.eose();
    const evidence = connection.evidence({ subscription: id });
    const facts = { answer: 'EOSE', subscription: id, requests: tally.requests, couldAnswer } as const;
    this.verdicts.apply(eoseOnce, facts, evidence);
    if (couldAnswer === 0) return;
    this.#noteAnswer(subscription, atNs);
    // While an earlier REQ of this id has no answer, this may have been the answer to it.
    if (current.phase !== 'stored' || tally.unanswered > 0) return;
    this.#answers.judge(subscription, atNs, evidence);
    current.becomeLive(atNs, (number) => this.history.publication(number) !== undefined);
  }

  gotClosed(connection: Connection, id: string, reason: string, atNs: number): void {
    const subscription = this.#used(connection, { label: 'CLOSED', subscription: id });
    if (!subscription) return;
    const { tally, closeSent } = subscription;
    const couldAnswer = tally.closed();
    const evidence = connection.evidence({ subscription: id });
    const facts = { answer: 'CLOSED', subscription: id, requests: tally.requests, couldAnswer } as const;
    this.verdicts.apply(eoseOnce, facts, evidence);
    this.verdicts.apply(closedPrefix, { reason, afterClose: closeSent }, evidence);
    judgeRefusal(this.verdicts, connection, { answer: 'CLOSED', reason }, evidence);
    if (couldAnswer === 0) return;
    this.verdicts.passed(nothingAfterClosed);
    this.#noteAnswer(subscription, atNs);
    for (const generation of [subscription.current, ...subscription.earlier]) {
      this.deliveries.endedByRelay(connection, generation, atNs);
    }
  }

  /** Its form was judged; what it may have been isn't missed as well. */
  gotMalformed(connection: Connection, about: NonNullable<MalformedMessage['about']>, atNs: number): void {
    const subscription = connection.subscription(about.key);
    if (!subscription) return;
    subscription.current.unreadable = true;
    if (about.label !== 'EOSE' && about.label !== 'CLOSED') return;
    if (about.label === 'EOSE') {
      subscription.tally.eose();
      this.#answers.gotUnreadableEnd(subscription.current);
    } else {
      subscription.tally.closed();
    }
    this.#noteAnswer(subscription, atNs);
    this.deliveries.endedByRelay(connection, subscription.current, atNs);
    this.verdicts.setAside(storedSet);
  }

  /** The connection ended: nothing is owed any more. */
  ended(connection: Connection, atNs: number): void {
    for (const { current } of connection.subscriptions.values()) {
      this.deliveries.ended(connection, current, atNs);
    }
    this.deliveries.forgiven(connection);
    this.verdicts.setAside(eoseOnce, connection.unanswered().length);
  }

  /** REQs of an open connection that were never answered, at the end of the load. */
  judgeMissing(connection: Connection): void {
    const { freshReqAnswered } = connection;
    for (const { id } of connection.unanswered()) {
      const facts = { answer: 'none', subscription: id, freshReqAnswered } as const;
      this.verdicts.apply(eoseOnce, facts, connection.evidence({ subscription: id }));
      if (freshReqAnswered !== undefined) this.#lost += 1;
    }
  }

  /** Counts the cases that needed no look. */
  finish(): void {
    this.verdicts.passed(knownSubscription, this.#forUsedIds);
    this.verdicts.passed(matchesFilter, this.#matching);
  }

  /** An event that is not simply the next one of the static answer. */
  #gotOutOfOrder(
    connection: Connection,
    subscription: Subscription,
    message: EventMessage,
    number: number | undefined,
    atNs: number,
  ): void {
    const { id, current } = subscription;
    subscription.forgetSilent(atNs, this.#graceNs);
    if (!this.#isFor([current, ...subscription.earlier], message, number, atNs)) {
      const evidence = connection.evidence({ subscription: id, eventId: message.id });
      this.verdicts.apply(matchesFilter, { id: message.id, subscription: id, matchesAny: false }, evidence);
      current.spoilt = true;
      return;
    }
    this.#matching += 1;
    if (number === undefined) {
      if (current.phase === 'stored') current.takeForeign(message.event());
    } else if (current.phase === 'stored') current.takeStored(number);
    else if (current.phase === 'live') this.#gotLive(connection, subscription, number, atNs);
  }

  #isFor(
    generations: readonly Generation[],
    message: EventMessage,
    number: number | undefined,
    atNs: number,
  ): boolean {
    if (number === undefined) return generations.some(({ request }) => request.matchesEvent(message.event()));
    // It settles what is owed to any of them: that is the reading that is kindest to the relay.
    const waiting = generations.filter((generation) => this.deliveries.arrived(generation, number, atNs));
    return waiting.length > 0 || generations.some(({ request }) => request.matches(number));
  }

  #gotLive(connection: Connection, subscription: Subscription, number: number, atNs: number): void {
    const { id, current, earlier } = subscription;
    const eventId = this.context.known.idOf(number);
    const evidence = connection.evidence({ subscription: id, eventId });
    if (this.history.publication(number)) {
      if (!current.takeLive(number)) {
        this.verdicts.apply(duplicates, { subscription: id, repeated: 1 }, evidence);
      }
      return;
    }
    const isStored = this.history.standing(number, current.sentNs, atNs) === 'certain';
    if (!isStored || current.ambiguous || earlier.length > 0) return;
    this.verdicts.apply(storedAfterEose, { subscription: id, id: eventId }, evidence);
  }

  #used(
    connection: Connection,
    { label, subscription: id }: { readonly label: string; readonly subscription: string },
  ): Subscription | undefined {
    const subscription = connection.subscription(id);
    if (subscription) {
      this.#forUsedIds += 1;
    } else {
      const facts = { label, subscription: id, used: false };
      this.verdicts.apply(knownSubscription, facts, connection.evidence({ subscription: id }));
    }
    return subscription;
  }

  #noteAnswer(subscription: Subscription, atNs: number): void {
    const isFirst = subscription.answeredNs === Number.POSITIVE_INFINITY;
    subscription.answered(atNs);
    if (isFirst && !subscription.closeSent && subscription.current.sentNs + this.#deadlineNs < atNs)
      this.#late += 1;
  }
}

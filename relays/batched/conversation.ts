import { admit } from '../access/admission.js';
import { challengeBefore } from '../access/challenge.js';
import { type BadMessage, type ClientMessage, readClientMessage } from '../protocol/client-message.js';
import type { NostrEvent } from '../protocol/event.js';
import type { Filter } from '../protocol/filter.js';
import { authMessage, closedMessage, noticeMessage, okMessage } from '../protocol/relay-message.js';
import { countAnswer, countMatches } from '../store/count.js';
import type { Connection, Conversation, Substrate } from '../strategy.js';
import { answerStored } from './answer.js';
import { BatchedSubscription } from './subscription.js';

/** What is said on one connection: each message is answered before the next is looked at. */
export class BatchedConversation implements Conversation {
  readonly #connection: Connection;
  readonly #substrate: Substrate;
  readonly #ended = new AbortController();
  readonly #subscriptions = new Map<string, BatchedSubscription>();

  constructor(connection: Connection, substrate: Substrate) {
    this.#connection = connection;
    this.#substrate = substrate;
    const { session, outbox } = connection;
    if (substrate.access.needsAuth) outbox.message(authMessage(session.challenge()));
  }

  get subscriptions(): number {
    return this.#subscriptions.size;
  }

  receive(text: string): Promise<void> | undefined {
    const message: ClientMessage = readClientMessage(text, this.#substrate.settings.limits);
    switch (message.label) {
      case 'EVENT':
        this.#publish(message.event, message.json);
        return undefined;
      case 'REQ':
        return this.#request(message.subscription, message.filters);
      case 'COUNT':
        return this.#count(message.subscription, message.filters);
      case 'CLOSE':
        this.#forget(message.subscription);
        return undefined;
      case 'AUTH':
        this.#authenticate(message.event);
        return undefined;
      default:
        this.#answerBad(message);
        return undefined;
    }
  }

  end(): void {
    this.#ended.abort();
    for (const subscription of this.#subscriptions.values()) subscription.end();
    this.#subscriptions.clear();
  }

  /** The OK comes before the delivery. */
  #publish(event: NostrEvent, json: Uint8Array): void {
    const { live, settings, store, access } = this.#substrate;
    const { outbox, session } = this.#connection;
    const rules = { store, access, verifySignatures: settings.verifySignatures };
    const admission = admit(event, json, session, rules);
    const reason = admission.status === 'new' ? '' : admission.reason;
    if (admission.status === 'refused') challengeBefore(reason, this.#connection);
    outbox.message(okMessage(event.id, admission.status !== 'refused', reason));
    if (admission.status === 'new') live.broadcast(admission);
  }

  /** The level is checked first; then one filter after another, all events, EOSE. */
  #request(subscription: string, filters: readonly Filter[]): Promise<void> | undefined {
    this.#forget(subscription);
    const refusal =
      this.#substrate.access.refusalToRead(this.#connection.session) ?? this.#refusalOfOneMore();
    if (refusal !== undefined) {
      this.#connection.outbox.message(closedMessage(subscription, refusal));
      return undefined;
    }
    const opened = new BatchedSubscription(subscription, filters, this.#connection, this.#substrate);
    this.#subscriptions.set(subscription, opened);
    return this.#answer(opened, filters);
  }

  async #answer(subscription: BatchedSubscription, filters: readonly Filter[]): Promise<void> {
    const answer = await answerStored(subscription, filters, this.#connection, this.#substrate);
    if (!this.#connection.isOpen) return;
    if ('failure' in answer) {
      this.#forget(subscription.id);
      this.#connection.outbox.message(closedMessage(subscription.id, answer.failure));
    } else {
      subscription.endOfStored(answer.isComplete);
    }
  }

  async #count(query: string, filters: readonly Filter[]): Promise<void> {
    const { access, source, store, turns } = this.#substrate;
    const { session, outbox } = this.#connection;
    const refusal = access.refusalToRead(session);
    if (refusal !== undefined) {
      outbox.message(closedMessage(query, refusal));
      return;
    }
    const options = { limit: Number.POSITIVE_INFINITY, upToSequence: store.sequence };
    const answer = await countAnswer(
      query,
      (signal) => countMatches({ filters, query: (filter) => source.query(filter, options), turns, signal }),
      this.#ended.signal,
    );
    if (answer !== undefined) outbox.message(answer);
  }

  #refusalOfOneMore(): string | undefined {
    const { maxSubscriptions } = this.#substrate.settings.limits;
    if (this.#subscriptions.size < maxSubscriptions) return undefined;
    return `rate-limited: ${maxSubscriptions} subscriptions are open on this connection`;
  }

  #authenticate(event: NostrEvent): void {
    const refusal = this.#connection.session.authenticate(event, this.#substrate.clock.unixS());
    this.#connection.outbox.message(okMessage(event.id, refusal === undefined, refusal ?? ''));
  }

  #answerBad(message: BadMessage): void {
    const { outbox } = this.#connection;
    switch (message.label) {
      case 'bad-event':
        outbox.message(okMessage(message.id, false, message.reason));
        break;
      case 'bad-req':
        this.#forget(message.subscription);
        outbox.message(closedMessage(message.subscription, message.reason));
        break;
      case 'bad-count':
        outbox.message(closedMessage(message.subscription, message.reason));
        break;
      case 'unreadable':
        outbox.message(noticeMessage(message.reason));
        break;
    }
  }

  /** CLOSE, or a REQ with the same id, whether it is kept or refused. */
  #forget(id: string): void {
    this.#subscriptions.get(id)?.end();
    this.#subscriptions.delete(id);
  }
}

import type { DeviationId } from '../deviations.js';
import { andThen, isPending, type MaybePromise } from '../hooks/maybe-promise.js';
import { type BadMessage, type ClientMessage, readClientMessage } from '../protocol/client-message.js';
import type { NostrEvent } from '../protocol/event.js';
import type { Filter } from '../protocol/filter.js';
import { authMessage, closedMessage, noticeMessage, okMessage } from '../protocol/relay-message.js';
import { countAnswer, countMatches } from '../store/count.js';
import type { Connection, Conversation, Substrate } from '../strategy.js';
import { type Answer, StoredAnswer } from './answer.js';
import type { ResultCache } from './cache.js';
import { Counters } from './counters.js';
import { withoutDelivered } from './live-filters.js';
import { MessageQueue } from './message-queue.js';
import { publish } from './publication.js';
import { BatchedSubscription } from './subscription.js';
import { View } from './view.js';

/** A message, and what verifying its event gives, where that was begun when it was read. */
interface ReadMessage {
  readonly message: ClientMessage;
  readonly forgery?: MaybePromise<string | undefined>;
}

/** What is said on one connection: each message is answered before the next is looked at. */
export class BatchedConversation implements Conversation {
  readonly #connection: Connection;
  readonly #substrate: Substrate;
  readonly #cache: ResultCache;
  readonly #counters: Counters;
  /** Where messages are read ahead of their turn. */
  #queue: MessageQueue<ReadMessage> | undefined;
  /** Ends a COUNT that is under way. */
  readonly #ended = new AbortController();
  /** Those that have been answered, by their id; made with the first. */
  #subscriptions: Map<string, BatchedSubscription> | undefined;
  /** The one that is being answered. */
  #answering: BatchedSubscription | undefined;

  constructor(connection: Connection, substrate: Substrate, cache: ResultCache) {
    this.#connection = connection;
    this.#substrate = substrate;
    this.#cache = cache;
    this.#counters = new Counters(substrate.clock);
    if (substrate.access.usesAuth) this.#challenge();
  }

  get subscriptions(): number {
    return (this.#subscriptions?.size ?? 0) + (this.#answering === undefined ? 0 : 1);
  }

  receive(text: string): Promise<void> | undefined {
    const drops = this.#deviates('D27');
    if (!drops && this.#substrate.verifier.threads === 0) return this.#serve(this.#read(text));
    this.#queue ??= this.#openQueue(drops);
    return this.#queue.push(text);
  }

  end(): void {
    this.#queue?.end();
    this.#ended.abort();
    this.#substrate.log('connection ended', this.#counters.summary());
    if (!this.#deviates('D15')) this.#endAll();
  }

  #openQueue(drops: boolean): MessageQueue<ReadMessage> {
    return new MessageQueue<ReadMessage>({
      read: (text) => this.#read(text),
      serve: (message) => this.#serve(message),
      failed: (error) => this.#substrate.warn(`a message could not be served: ${error}`),
      drops,
    });
  }

  /** Identify, parse; where other threads verify, they begin while messages before this one are handled. */
  #read(text: string): ReadMessage {
    const { settings, verifier } = this.#substrate;
    const message = readClientMessage(text, settings.limits);
    if (message.label !== 'EVENT' || verifier.threads === 0) return { message };
    return { message, forgery: verifier.forgery(message.event) };
  }

  #serve({ message, forgery }: ReadMessage): Promise<void> | undefined {
    this.#counters.received(message.label);
    switch (message.label) {
      case 'EVENT':
        return this.#publish(message, forgery);
      case 'REQ':
        return this.#request(message.subscription, message.filters);
      case 'COUNT':
        return this.#count(message.subscription, message.filters);
      case 'CLOSE':
        this.#forget(message.subscription);
        return undefined;
      case 'AUTH':
        return this.#authenticate(message.event);
      default:
        this.#answerBad(message);
        return undefined;
    }
  }

  closeAll(reason: string): void {
    this.#queue?.end();
    this.#ended.abort();
    for (const { id } of this.#open()) this.#connection.outbox.message(closedMessage(id, reason));
    this.#endAll();
  }

  #publish(
    { event, json }: Extract<ClientMessage, { label: 'EVENT' }>,
    begun: ReadMessage['forgery'],
  ): Promise<void> | undefined {
    const forgery = begun ?? this.#substrate.verifier.forgery(event);
    const expectsMore = (): boolean => this.#queue?.isWaiting ?? false;
    return publish({ event, json, forgery, expectsMore }, this.#connection, this.#substrate);
  }

  /** The policy first; then one filter after another, all events, EOSE. */
  #request(id: string, filters: readonly Filter[]): Promise<void> | undefined {
    const { access, settings } = this.#substrate;
    if (access.usesAuth && this.#deviates('D16')) this.#challenge();
    this.#replaces(id);
    const view = new View(this.#connection.session, this.#substrate);
    const refusal = view.refusal(filters) ?? this.#refusalOfOneMore();
    if (refusal !== undefined) {
      this.#substrate.log('request refused', { subscription: id, reason: refusal });
      this.#connection.outbox.message(closedMessage(id, refusal));
      return undefined;
    }
    const subscription = new BatchedSubscription(id, view, this.#connection, this.#substrate, () =>
      this.#drop(subscription),
    );
    this.#answering = subscription;
    if (!settings.deviations.includes('D7')) subscription.listen(filters, subscription.sequence);
    return this.#answer(subscription, filters);
  }

  async #answer(subscription: BatchedSubscription, filters: readonly Filter[]): Promise<void> {
    const answer = await new StoredAnswer(
      subscription,
      filters,
      this.#cache,
      this.#connection,
      this.#substrate,
    ).send();
    this.#answering = undefined;
    if (answer.status === 'sent' && this.#connection.isOpen) {
      this.#goLive(subscription, filters, answer);
      return;
    }
    subscription.end();
    if (answer.status === 'failed')
      this.#connection.outbox.message(closedMessage(subscription.id, answer.reason));
  }

  #goLive(
    subscription: BatchedSubscription,
    filters: readonly Filter[],
    answer: Extract<Answer, { status: 'sent' }>,
  ): void {
    const held = subscription.endOfStored(answer.isComplete);
    if (subscription.isOver) return;
    const left = this.#leftToWaitFor(filters, answer, held);
    if (left.length === 0) {
      subscription.end();
      if (!this.#deviates('D12'))
        this.#connection.outbox.message(closedMessage(subscription.id, NOTHING_LEFT));
      return;
    }
    if (left !== filters || this.#deviates('D7')) {
      subscription.listen(left, this.#substrate.store.sequence);
    }
    this.#forget(subscription.id);
    this.#subscriptions ??= new Map();
    this.#subscriptions.set(subscription.id, subscription);
  }

  /** The filters that stay open for live events. */
  #leftToWaitFor(
    filters: readonly Filter[],
    { ids, hasReachedLimit }: Extract<Answer, { status: 'sent' }>,
    held: readonly string[],
  ): readonly Filter[] {
    if (this.#deviates('D8') && hasReachedLimit) return [];
    if (this.#deviates('D31') && filters.every((filter) => filter.ids !== undefined)) return [];
    if (!this.#substrate.settings.batched.dropDeliveredIds) return filters;
    return withoutDelivered(filters, new Set([...ids, ...held]));
  }

  /** As a REQ: the same policy, and only what this client may see counts. */
  async #count(query: string, filters: readonly Filter[]): Promise<void> {
    const { source, store, turns, settings } = this.#substrate;
    const view = new View(this.#connection.session, this.#substrate);
    const refusal = view.refusal(filters);
    if (refusal !== undefined) {
      this.#connection.outbox.message(closedMessage(query, refusal));
      return;
    }
    const options = { limit: Number.POSITIVE_INFINITY, upToSequence: store.sequence };
    const answer = await countAnswer(
      query,
      (signal) =>
        countMatches({
          filters,
          query: (filter) => source.query(filter, options),
          counts: (event) => view.showsStored(event),
          turns,
          signal,
        }),
      { ended: this.#ended.signal, deadlineMs: settings.batched.deadlineMs },
    );
    if (answer !== undefined) this.#connection.outbox.message(answer);
  }

  #refusalOfOneMore(): string | undefined {
    const { maxSubscriptions } = this.#substrate.settings.limits;
    if ((this.#subscriptions?.size ?? 0) < maxSubscriptions) return undefined;
    return `rate-limited: ${maxSubscriptions} subscriptions are open on this connection`;
  }

  #authenticate(event: NostrEvent): Promise<void> | undefined {
    const { clock, verifier, log } = this.#substrate;
    const { session, outbox } = this.#connection;
    const refusal = session.authenticate(event, clock.unixS(), (each) => verifier.forgeryOfAuth(each));
    const answered = andThen(refusal, (reason) => {
      log('auth', { pubkey: event.pubkey, accepted: reason === undefined });
      outbox.message(okMessage(event.id, reason === undefined, reason ?? ''));
    });
    return isPending(answered) ? answered : undefined;
  }

  #answerBad(message: BadMessage): void {
    const { outbox } = this.#connection;
    this.#substrate.log('bad message', { label: message.label, reason: message.reason });
    switch (message.label) {
      case 'bad-event':
        outbox.message(okMessage(message.id, false, message.reason));
        break;
      case 'bad-req':
      case 'bad-count':
        if (this.#deviates('D13')) {
          outbox.message(noticeMessage(message.reason));
          break;
        }
        if (message.label === 'bad-req') this.#replaces(message.subscription);
        outbox.message(closedMessage(message.subscription, message.reason));
        break;
      case 'unreadable':
        outbox.message(noticeMessage(message.reason));
        break;
    }
  }

  /** Those that have been answered, and the one that is being answered. */
  #open(): readonly BatchedSubscription[] {
    const answered = [...(this.#subscriptions?.values() ?? [])];
    return this.#answering === undefined ? answered : [...answered, this.#answering];
  }

  #endAll(): void {
    for (const subscription of this.#open()) subscription.end();
    this.#subscriptions?.clear();
  }

  /** A REQ ends the one before it with its id, whether it is kept or not. */
  #replaces(id: string): void {
    if (!this.#deviates('D25')) this.#forget(id);
  }

  #forget(id: string): void {
    this.#subscriptions?.get(id)?.end();
    this.#subscriptions?.delete(id);
  }

  /** A subscriber that doesn't read goes without live events. */
  #drop(subscription: BatchedSubscription): void {
    this.#substrate.log('subscriber dropped', { subscription: subscription.id });
    subscription.end();
    if (this.#subscriptions?.get(subscription.id) === subscription)
      this.#subscriptions.delete(subscription.id);
    this.#connection.outbox.message(closedMessage(subscription.id, 'error: live events were not read'));
  }

  #challenge(): void {
    const { session, outbox } = this.#connection;
    outbox.message(authMessage(session.challenge()));
  }

  #deviates(id: DeviationId): boolean {
    return this.#substrate.settings.deviations.includes(id);
  }
}

/** Why a subscription ends that can get nothing more. */
const NOTHING_LEFT = 'closed: nothing is left to wait for';

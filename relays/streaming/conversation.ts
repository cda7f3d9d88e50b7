import { type Admission, admit } from '../access/admission.js';
import { asksForAuth } from '../access/policy.js';
import { type BadMessage, type ClientMessage, readClientMessage } from '../protocol/client-message.js';
import type { NostrEvent } from '../protocol/event.js';
import type { Filter } from '../protocol/filter.js';
import { authMessage, closedMessage, noticeMessage, okMessage } from '../protocol/relay-message.js';
import type { Connection, Conversation, Substrate } from '../strategy.js';
import { StreamingRequest } from './request.js';

/** What is said on one connection: each message is a task of its own, begun in the order of arrival. */
export class StreamingConversation implements Conversation {
  readonly #connection: Connection;
  readonly #substrate: Substrate;
  /** By subscription id: the open ones, and those that still speak after a CLOSE. */
  readonly #requests = new Map<string, StreamingRequest>();

  constructor(connection: Connection, substrate: Substrate) {
    this.#connection = connection;
    this.#substrate = substrate;
  }

  get subscriptions(): number {
    let open = 0;
    for (const request of this.#requests.values()) open += request.isListening ? 1 : 0;
    return open;
  }

  receive(text: string): Promise<void> | undefined {
    const message: ClientMessage = readClientMessage(text, this.#substrate.settings.limits);
    switch (message.label) {
      case 'EVENT':
        this.#publish(message.event, message.json);
        break;
      case 'REQ':
        this.#request(message.subscription, message.filters);
        break;
      case 'CLOSE':
        this.#requests.get(message.subscription)?.close();
        break;
      case 'AUTH':
        this.#authenticate(message.event);
        break;
      default:
        this.#answerBad(message);
    }
    return undefined;
  }

  closeAll(reason: string): void {
    for (const [subscription, request] of this.#requests) {
      if (request.isListening) this.#connection.outbox.message(closedMessage(subscription, reason));
    }
    this.end();
  }

  end(): void {
    for (const request of this.#requests.values()) request.silence();
    this.#requests.clear();
  }

  /** The broadcast comes before the OK. */
  #publish(event: NostrEvent, json: Uint8Array): void {
    const { settings, store, access, clock } = this.#substrate;
    const rules = { store, access, verifySignatures: settings.verifySignatures, nowS: clock.unixS() };
    const admission = admit(event, json, this.#connection.session, rules);
    if (admission instanceof Promise) {
      admission
        .then((settled) => this.#acknowledge(event, settled))
        .catch((error) => this.#substrate.warn(`an event could not be acknowledged: ${error}`));
      return;
    }
    this.#acknowledge(event, admission);
  }

  #acknowledge(event: NostrEvent, admission: Admission): void {
    const { outbox } = this.#connection;
    if (admission.status === 'refused') {
      this.#challengeIfAuthHelps(admission.reason);
      outbox.message(okMessage(event.id, false, admission.reason));
      return;
    }
    if (admission.status === 'new') this.#substrate.live.broadcast(admission);
    outbox.message(okMessage(event.id, true, admission.status === 'known' ? admission.reason : ''));
  }

  #request(subscription: string, filters: readonly Filter[]): void {
    this.#forget(subscription);
    const request = new StreamingRequest(subscription, this.#connection, this.#substrate, () => {
      if (this.#requests.get(subscription) === request) this.#requests.delete(subscription);
    });
    const refusal = this.#refusalOfOneMore() ?? request.prepare(filters);
    if (refusal !== undefined) {
      this.#close(subscription, refusal);
      return;
    }
    this.#requests.set(subscription, request);
    request.run();
  }

  #refusalOfOneMore(): string | undefined {
    const { maxSubscriptions } = this.#substrate.settings.limits;
    // The map's size is at least the number of open ones, and known without counting.
    if (this.#requests.size < maxSubscriptions || this.subscriptions < maxSubscriptions) return undefined;
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
        this.#close(message.subscription, message.reason);
        break;
      case 'unreadable':
        outbox.message(noticeMessage(message.reason));
        break;
    }
  }

  /** A REQ ends the earlier one with its id, whether it is kept or refused. */
  #forget(subscription: string): void {
    this.#requests.get(subscription)?.silence();
    this.#requests.delete(subscription);
  }

  #close(subscription: string, reason: string): void {
    this.#challengeIfAuthHelps(reason);
    this.#connection.outbox.message(closedMessage(subscription, reason));
  }

  /** The challenge goes out once, right before the first refusal that it could lift. */
  #challengeIfAuthHelps(reason: string): void {
    const { session, outbox } = this.#connection;
    if (asksForAuth(reason) && !session.isChallenged) outbox.message(authMessage(session.challenge()));
  }
}

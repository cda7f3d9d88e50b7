import type { Admission } from '../access/admission.js';
import { challengeBefore } from '../access/challenge.js';
import type { DeviationId } from '../deviations.js';
import { type Examination, examineFilters } from '../hooks/filters.js';
import type { HookClient, Refusal, RelayHooks } from '../hooks/hooks.js';
import { andThen, isPending, type MaybePromise } from '../hooks/maybe-promise.js';
import { tellAll } from '../hooks/telling.js';
import { type BadMessage, type ClientMessage, readClientMessage } from '../protocol/client-message.js';
import type { NostrEvent } from '../protocol/event.js';
import type { Filter } from '../protocol/filter.js';
import { closedMessage, countMessage, noticeMessage, okMessage } from '../protocol/relay-message.js';
import type { Connection, Conversation, Substrate } from '../strategy.js';
import { Counting } from './counting.js';
import type { Publication } from './publication.js';
import { type RequestContext, StreamingRequest } from './request.js';
import { Requests } from './requests.js';
import { Responses } from './responses.js';
import { Sources } from './sources.js';
import { Tasks } from './tasks.js';

/** What all connections of a streaming relay share. */
export interface StreamingRelay {
  readonly hooks: RelayHooks;
  readonly hasOwnStore: boolean;
  readonly publication: Publication;
}

/**
 * What is said on one connection: each message is a task of its own, begun in the order of arrival. A REQ has its place by
 * its id before any hook is asked, so a CLOSE or a REQ that comes after finds it there.
 */
export class StreamingConversation implements Conversation {
  readonly #connection: Connection;
  readonly #substrate: Substrate;
  readonly #relay: StreamingRelay;
  readonly #client: HookClient;
  readonly #requests = new Requests();
  readonly #tasks: Tasks;
  #madeContext: RequestContext | undefined;
  #madeCounting: Counting | undefined;
  /** EVENTs under way. */
  #publishing = 0;

  constructor(connection: Connection, substrate: Substrate, relay: StreamingRelay) {
    this.#connection = connection;
    this.#substrate = substrate;
    this.#relay = relay;
    this.#client = new ConnectedClient(connection);
    this.#tasks = new Tasks(substrate.warn);
    if (relay.hooks.onConnect.length > 0) {
      void tellAll(relay.hooks.onConnect, (connected) => connected(this.#client), substrate.warn);
    }
  }

  get subscriptions(): number {
    return this.#requests.open;
  }

  receive(text: string): Promise<void> | undefined {
    const message: ClientMessage = readClientMessage(text, this.#substrate.settings.limits);
    switch (message.label) {
      case 'EVENT':
        return this.#tasks.add(this.#publish(message.event, message.json));
      case 'REQ':
        return this.#tasks.add(this.#request(message.subscription, message.filters));
      case 'COUNT':
        return this.#tasks.add(this.#count(message.subscription, message.filters));
      case 'CLOSE':
        this.#requests.close(message.subscription);
        return undefined;
      case 'AUTH':
        return this.#authenticate(message.event);
      default:
        return this.#tasks.add(this.#answerBad(message));
    }
  }

  closeAll(reason: string): void {
    for (const id of this.#requests.openIds) this.#connection.outbox.message(closedMessage(id, reason));
    this.#endAll();
  }

  end(): void {
    this.#endAll();
    const { onDisconnect } = this.#relay.hooks;
    void tellAll(onDisconnect, (disconnected) => disconnected(this.#client), this.#substrate.warn);
  }

  #publish(event: NostrEvent, json: Uint8Array): MaybePromise<void> {
    const { store, access, verifier, warn, clock } = this.#substrate;
    const { publication } = this.#relay;
    const rules = { store, access, forgery: verifier.forgery(event), nowS: clock.unixS(), warn };
    this.#publishing += 1;
    return andThen(publication.admit(event, json, this.#client, rules), (admission) => {
      this.#publishing -= 1;
      this.#announce(event, admission);
      publication.settled(event);
    });
  }

  /** The broadcast comes before the OK. */
  #announce(event: NostrEvent, admission: Admission): void {
    if (admission.status === 'refused') challengeBefore(admission.reason, this.#connection);
    if (admission.status === 'new') this.#substrate.live.broadcast(admission);
    const reason = admission.status === 'new' ? '' : admission.reason;
    const ok = okMessage(event.id, admission.status !== 'refused', reason);
    this.#connection.outbox.acknowledge(ok, this.#publishing > 0);
  }

  /** @param malformed what is wrong with the filter that follows `filters`. */
  #request(id: string, filters: readonly Filter[], malformed?: Refusal): MaybePromise<void> {
    if (!this.#deviates('D1')) this.#requests.silence(id);
    const refusal = this.#refusalOfOneMore();
    if (refusal !== undefined) {
      this.#close(id, refusal);
      return undefined;
    }
    const request = new StreamingRequest(id, this.#context, () => this.#requests.remove(id, request));
    if (this.#deviates('D29')) return this.#requestLate(id, request, filters, malformed);
    this.#requests.add(id, request);
    return this.#examineAndStart(id, request, filters, malformed);
  }

  #examineAndStart(
    id: string,
    request: StreamingRequest,
    filters: readonly Filter[],
    malformed: Refusal,
  ): MaybePromise<void> {
    const { access } = this.#substrate;
    const examination = examineFilters(filters, {
      hooks: this.#relay.hooks,
      client: this.#client,
      refusalToRead: (filter) => access.refusalToRead(this.#client, filter),
      skipsLimitZero: this.#deviates('D17'),
      listensAsGiven: this.#deviates('D18'),
    });
    return andThen(examination, ({ admitted, refusal = malformed }) =>
      this.#begin(id, request, { admitted, refusal }),
    );
  }

  /** D29: the REQ has no place until its task has had a turn, and what comes meanwhile overtakes it. */
  async #requestLate(
    id: string,
    request: StreamingRequest,
    filters: readonly Filter[],
    malformed: Refusal,
  ): Promise<void> {
    await this.#substrate.turns.begin().next();
    if (!this.#connection.isOpen) return;
    this.#requests.add(id, request);
    await this.#examineAndStart(id, request, filters, malformed);
  }

  #begin(id: string, request: StreamingRequest, { admitted, refusal }: Examination): void {
    // Closed, replaced or disconnected while hooks were asked.
    if (!request.isListening) return;
    if (refusal === undefined) {
      request.start(admitted);
      return;
    }
    this.#close(id, refusal);
    if (this.#deviates('D2')) {
      request.startAfterRefusal(admitted);
    } else {
      request.silence();
      this.#requests.remove(id, request);
    }
  }

  #refusalOfOneMore(): Refusal {
    const { maxSubscriptions } = this.#substrate.settings.limits;
    if (this.#requests.ids < maxSubscriptions || this.#requests.open < maxSubscriptions) return undefined;
    return `rate-limited: ${maxSubscriptions} subscriptions are open on this connection`;
  }

  #count(query: string, filters: readonly Filter[]): MaybePromise<void> {
    return andThen(this.#counting.refusal(filters), async (refusal) => {
      if (refusal !== undefined) {
        this.#refuseCount(query, refusal);
        return;
      }
      const answer = await this.#counting.answer(query, filters);
      if (answer !== undefined) this.#connection.outbox.message(answer);
    });
  }

  #refuseCount(query: string, reason: string): void {
    if (this.#deviates('D5')) {
      this.#connection.outbox.message(noticeMessage(reason));
      this.#connection.outbox.message(countMessage(query, 0));
    } else {
      this.#close(query, reason);
    }
  }

  /** The one message that those after it wait for: what they may do depends on it. */
  #authenticate(event: NostrEvent): Promise<void> | undefined {
    const { clock, verifier } = this.#substrate;
    const { session, outbox } = this.#connection;
    const refusal = session.authenticate(event, clock.unixS(), (each) => verifier.forgeryOfAuth(each));
    const answered = andThen(refusal, (reason) =>
      outbox.message(okMessage(event.id, reason === undefined, reason ?? '')),
    );
    return isPending(answered) ? answered : undefined;
  }

  #answerBad(message: BadMessage): MaybePromise<void> {
    const { outbox } = this.#connection;
    switch (message.label) {
      case 'bad-event':
        outbox.message(okMessage(message.id, false, message.reason));
        return undefined;
      case 'bad-req':
        return this.#badRequest(message.subscription, message.before, message.reason);
      case 'bad-count':
        if (this.#deviates('D13')) outbox.message(noticeMessage(message.reason));
        else this.#close(message.subscription, message.reason);
        return undefined;
      case 'unreadable':
        outbox.message(noticeMessage(message.reason));
        return undefined;
    }
  }

  #badRequest(id: string, before: readonly Filter[], reason: string): MaybePromise<void> {
    if (this.#deviates('D13')) {
      this.#connection.outbox.message(noticeMessage(reason));
      return undefined;
    }
    if (this.#deviates('D2') && before.length > 0) return this.#request(id, before, reason);
    if (!this.#deviates('D1')) this.#requests.silence(id);
    this.#close(id, reason);
    return undefined;
  }

  #endAll(): void {
    this.#requests.end();
    this.#madeCounting?.end();
    this.#tasks.letGo();
  }

  #close(id: string, reason: string): void {
    challengeBefore(reason, this.#connection);
    this.#connection.outbox.message(closedMessage(id, reason));
  }

  /** Made with the first REQ or COUNT: most clients that are connected say nothing. */
  get #context(): RequestContext {
    const { hooks, hasOwnStore, publication } = this.#relay;
    this.#madeContext ??= {
      connection: this.#connection,
      substrate: this.#substrate,
      sources: new Sources(hooks, hasOwnStore, this.#substrate, this.#client),
      responses: new Responses(hooks, this.#client, this.#substrate),
      beingSaved: publication.beingSaved,
    };
    return this.#madeContext;
  }

  get #counting(): Counting {
    this.#madeCounting ??= new Counting(this.#relay.hooks, this.#client, this.#context);
    return this.#madeCounting;
  }

  #deviates(id: DeviationId): boolean {
    return this.#substrate.settings.deviations.includes(id);
  }
}

/** As hooks see it. */
class ConnectedClient implements HookClient {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get remoteAddress(): string {
    return this.#connection.remoteAddress;
  }

  get pubkeys(): ReadonlySet<string> {
    return this.#connection.session.pubkeys;
  }
}

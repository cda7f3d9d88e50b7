import type { ReadRate } from '../scenario/pacing.js';
import type { Step } from '../scenario/plan.js';
import { rawBytes } from '../scenario/raw.js';
import type { WorkloadSession } from '../scenario/workload.js';
import { type ClientConnection, openConnection } from './connection.js';
import type { ReceivedMessage, SentMessage } from './message.js';
import { changed, end, type Request } from './request.js';
import type { SessionContext } from './session-context.js';

type RawStep = Extract<Step, { do: 'raw' }>;

/** How much of a raw message an excerpt may show. */
const EVIDENCE_BYTES = 300;

/** An EVENT that waits for its OK. */
export interface PendingPublish {
  /** Index into the workload's publishes. */
  readonly publish: number;
  readonly dueNs: number;
  /** Label in metrics. */
  readonly as: string;
  /** Called once: at the OK, or when there can be none any more. */
  readonly settled: () => void;
}

/** A COUNT that waits for its answer. */
export interface PendingCount {
  /** Label in metrics. */
  readonly as: string;
  /** Index into the workload's requests. */
  readonly request: number;
  readonly dueNs: number;
  /** It was refused and sent again after AUTH. */
  isSecondTry?: boolean;
  /** Called once: at the answer, or when there can be none any more. */
  readonly settled: () => void;
}

/**
 * The client's side of one connection: what is open and awaited on it, and the AUTH flow. It acts as real clients
 * do and judges nothing. Figures go to the context's sample sink.
 */
export class Dialogue {
  #connection: ClientConnection | undefined;
  #isRetired = false;
  #subscriptions = 0;
  #countsSent = 0;
  readonly #bySubscription = new Map<string, Request>();
  readonly #counts = new Map<string, PendingCount>();
  readonly #publishes = new Map<string, PendingPublish>();
  #challenge: string | undefined;
  #challengeWatcher: (() => void) | undefined;
  #authentication: Promise<boolean> | undefined;
  #authAnswer: { readonly id: string; readonly settle: (accepted: boolean) => void } | undefined;
  /** Something was sent that no relay has to serve. */
  #hasSentOther = false;
  /** Whether a refusal with `auth-required:` is answered by AUTH and the message sent again. */
  answersRefusals = false;

  constructor(
    private readonly script: WorkloadSession,
    private readonly context: SessionContext,
  ) {}

  /** Opens the WebSocket. @throws {ConnectError} */
  async open(): Promise<void> {
    const { context, script } = this;
    const connection = context.nextConnection();
    this.#connection = await openConnection({
      url: context.url,
      localAddress: context.sourceAddresses[connection % context.sourceAddresses.length],
      connection,
      clock: context.clock,
      reader: context.reader,
      wire: context.wire,
      onMessage: (message, atNs, bytes) => this.#got(message, atNs, bytes),
      onClosed: (by, detail) => {
        // What no relay has to serve it may end a connection for.
        if (by === 'relay' && !this.#hasSentOther)
          context.connectionLost({ client: script.client, stage: 'open', detail });
        this.abandon();
      },
    });
    context.connectionOpened(this.#connection);
  }

  get connectionNumber(): number | undefined {
    return this.#connection?.connection;
  }

  /** Whether the script may still use the connection. */
  isOpen(): boolean {
    return !this.#isRetired && (this.#connection?.isOpen() ?? false);
  }

  close(): void {
    this.#connection?.close();
    this.abandon();
  }

  /** Reads no faster from now on. */
  readAt(rate: ReadRate): void {
    this.#connection?.readAt(rate);
  }

  /** The last that the script has to do with it: closes every subscription; the connection stays, so that what is missing on it can be judged. */
  retire(): void {
    if (this.isOpen()) this.readAt('full');
    for (const request of [...this.#bySubscription.values()]) this.sendClose(request);
    this.#isRetired = true;
    this.abandon();
  }

  /** Nothing further is coming: everything that waits goes on without an answer. */
  abandon(): void {
    for (const request of this.#bySubscription.values()) end(request);
    this.#bySubscription.clear();
    for (const pending of this.#publishes.values()) pending.settled();
    this.#publishes.clear();
    for (const pending of this.#counts.values()) pending.settled();
    this.#counts.clear();
    this.#authAnswer?.settle(false);
    this.#challengeWatcher?.();
  }

  /** A subscription id that this connection has not used before. */
  nextSubscription(): string {
    this.#subscriptions += 1;
    return `r${this.#subscriptions}`;
  }

  /** Sends the REQ under its subscription id; returns the stamp, or undefined when the connection is gone. */
  sendRequest(request: Request): number | undefined {
    const workloadRequest = this.context.workload.requests[request.request];
    if (!this.#connection?.isOpen() || !workloadRequest) return undefined;
    const { subscription } = request;
    this.#bySubscription.set(subscription, request);
    return this.#connection.send(`["REQ",${JSON.stringify(subscription)},${workloadRequest.filtersJson}]`, {
      label: 'REQ',
      subscription,
      request: workloadRequest,
    });
  }

  /** Sends CLOSE if the request's subscription is still open. */
  sendClose(request: Request): void {
    const { subscription } = request;
    if (!this.#connection?.isOpen() || this.#bySubscription.get(subscription) !== request) return;
    this.#bySubscription.delete(subscription);
    this.#connection.send(`["CLOSE",${JSON.stringify(subscription)}]`, { label: 'CLOSE', subscription });
  }

  /** Sends the COUNT under an id of its own; returns the stamp, or undefined when the connection is gone. */
  sendCount(pending: PendingCount): number | undefined {
    const workloadRequest = this.context.workload.requests[pending.request];
    if (!this.#connection?.isOpen() || !workloadRequest) return undefined;
    this.#countsSent += 1;
    const subscription = `q${this.#countsSent}`;
    this.#counts.set(subscription, pending);
    return this.#connection.send(`["COUNT","${subscription}",${workloadRequest.filtersJson}]`, {
      label: 'COUNT',
      subscription,
      request: workloadRequest,
    });
  }

  /** Sends the EVENT; returns the stamp, or undefined when the connection is gone. */
  sendEvent(pending: PendingPublish): number | undefined {
    const publish = this.context.workload.publishes[pending.publish];
    if (!this.#connection?.isOpen() || !publish) return undefined;
    this.#publishes.set(publish.event.id, pending);
    return this.#connection.send(`["EVENT",${publish.json}]`, {
      label: 'EVENT',
      known: this.context.publishBase + pending.publish,
      event: publish.event,
    });
  }

  /** Sends a message as it is; returns the stamp, or undefined when the connection is gone. */
  sendRaw(step: RawStep): number | undefined {
    if (!this.#connection?.isOpen()) return undefined;
    const bytes = rawBytes(step);
    const message = this.#rawMessage(step, bytes);
    if (message.label === 'other') this.#hasSentOther = true;
    return this.#connection.send(bytes, message, step.frame === 'binary');
  }

  #rawMessage({ means = { label: 'other' } }: RawStep, bytes: Buffer): SentMessage {
    switch (means.label) {
      case 'REQ':
      case 'COUNT': {
        const request = this.context.workload.requests[means.request];
        if (request) return { label: means.label, subscription: means.subscription, request };
        throw new RangeError(`the workload has no request ${means.request}`);
      }
      case 'other':
        return { ...means, text: bytes.toString('utf8', 0, EVIDENCE_BYTES) };
      default:
        return means;
    }
  }

  /** Resolves with true when a challenge is there, with false when `deadline` comes first. */
  challengeOffered(deadline: Promise<unknown>): Promise<boolean> {
    if (this.#challenge !== undefined) return Promise.resolve(true);
    return new Promise((resolve) => {
      this.#challengeWatcher = () => resolve(this.#challenge !== undefined);
      void deadline.then(() => resolve(this.#challenge !== undefined));
    });
  }

  /** Answers the challenge at hand, once for all who ask; false when the relay said no or there is none. */
  authenticate(dueNs: number): Promise<boolean> {
    this.#authentication ??= this.#sendAuth(dueNs);
    return this.#authentication;
  }

  async #sendAuth(dueNs: number): Promise<boolean> {
    const { context, script } = this;
    const challenge = this.#challenge;
    if (challenge === undefined || !this.#connection?.isOpen()) return false;
    const readyNs = Math.max(dueNs, context.clock());
    const event = context.signAuth({
      challenge,
      relayUrl: context.authUrl,
      secretKey: script.secretKey,
      createdAtS: Math.floor(context.wallClockMs() / 1000),
    });
    const answer = new Promise<boolean>((resolve) => {
      this.#authAnswer = { id: event.id, settle: resolve };
    });
    this.#connection.send(`["AUTH",${JSON.stringify(event)}]`, { label: 'AUTH', event });
    const accepted = await answer;
    if (accepted) context.samples.sample('auth', context.clock() - readyNs, readyNs, script.client);
    return accepted;
  }

  #got(message: ReceivedMessage, atNs: number, bytes: number): void {
    this.context.samples.received(message.label === 'EVENT', bytes);
    switch (message.label) {
      case 'EVENT':
        this.#gotEvent(message.subscription, message.known, atNs);
        break;
      case 'EOSE':
        this.#gotEose(message.subscription, atNs);
        break;
      case 'CLOSED':
        void this.#gotClosed(message.subscription, message.reason);
        void this.#gotCountClosed(message.subscription, message.reason);
        break;
      case 'COUNT':
        this.#gotCount(message.subscription, atNs);
        break;
      case 'OK':
        void this.#gotOk(message, atNs);
        break;
      case 'AUTH':
        this.#challenge = message.challenge;
        this.#challengeWatcher?.();
        break;
      default:
    }
  }

  #gotEvent(subscription: string, known: number | undefined, atNs: number): void {
    const request = this.#bySubscription.get(subscription);
    if (!request) return;
    request.events += 1;
    const { samples } = this.context;
    if (request.eoseNs !== undefined) {
      if (known !== undefined) this.#gotLive(request, known, atNs);
    } else if (request.firstEventNs === undefined) {
      request.firstEventNs = atNs;
      samples.sample('req.ttfe', atNs - request.dueNs, request.dueNs, this.script.client, request.as);
    }
    changed(request);
  }

  #gotLive(request: Request, known: number, atNs: number): void {
    const { deliveryTimes, publishBase } = this.context;
    const publish = known - publishBase;
    if (publish < 0) return;
    const dueNs = deliveryTimes.of(publish);
    if (dueNs !== undefined) this.#sampleDelivery(request, dueNs, atNs);
    else deliveryTimes.whenKnown(publish, (later) => this.#sampleDelivery(request, later, atNs));
  }

  #sampleDelivery({ as }: Request, dueNs: number, atNs: number): void {
    this.context.samples.sample('event.delivery', atNs - dueNs, dueNs, this.script.client, as);
  }

  #gotEose(subscription: string, atNs: number): void {
    const request = this.#bySubscription.get(subscription);
    if (!request || request.eoseNs !== undefined) return;
    request.eoseNs = atNs;
    this.context.samples.sample(
      'req.eose',
      atNs - request.dueNs,
      request.dueNs,
      this.script.client,
      request.as,
    );
    if (request.closesAtEose) this.sendClose(request);
    end(request);
  }

  async #gotClosed(subscription: string, reason: string): Promise<void> {
    const request = this.#bySubscription.get(subscription);
    if (!request) return;
    this.#bySubscription.delete(subscription);
    request.refusals.push(reason);
    changed(request);
    if (request.eoseNs !== undefined) return;
    if (request.refusals.length === 1 && (await this.#overcomes(reason, request.dueNs))) {
      request.subscription = this.nextSubscription();
      if (this.sendRequest(request) !== undefined) return;
    }
    this.context.samples.count('refused', request.dueNs, this.script.client, request.as);
    end(request);
  }

  #gotCount(subscription: string, atNs: number): void {
    const pending = this.#counts.get(subscription);
    if (!pending) return;
    this.#counts.delete(subscription);
    const { as, dueNs } = pending;
    this.context.samples.sample('count.latency', atNs - dueNs, dueNs, this.script.client, as);
    pending.settled();
  }

  async #gotCountClosed(subscription: string, reason: string): Promise<void> {
    const pending = this.#counts.get(subscription);
    if (!pending) return;
    this.#counts.delete(subscription);
    const { as, dueNs } = pending;
    if (!pending.isSecondTry && (await this.#overcomes(reason, dueNs))) {
      pending.isSecondTry = true;
      if (this.sendCount(pending) !== undefined) return;
    }
    this.context.samples.count('refused', dueNs, this.script.client, as);
    pending.settled();
  }

  async #gotOk(message: Extract<ReceivedMessage, { label: 'OK' }>, atNs: number): Promise<void> {
    if (message.id === this.#authAnswer?.id) {
      this.#authAnswer.settle(message.accepted);
      return;
    }
    const pending = this.#publishes.get(message.id);
    if (!pending) return;
    this.#publishes.delete(message.id);
    const { context, script } = this;
    if (!message.accepted) {
      const isFirstRefusal = this.#authentication === undefined;
      if (isFirstRefusal && (await this.#overcomes(message.reason, pending.dueNs))) {
        if (this.sendEvent(pending) !== undefined) return;
      }
      context.samples.count('refused', pending.dueNs, script.client, pending.as);
    }
    context.samples.sample('event.ok', atNs - pending.dueNs, pending.dueNs, script.client, pending.as);
    pending.settled();
  }

  /** Whether AUTH lifted the refusal, so that the message is worth sending again. */
  #overcomes(reason: string, dueNs: number): Promise<boolean> {
    const canAnswer = this.answersRefusals && this.#challenge !== undefined;
    return canAnswer && reason.startsWith('auth-required:')
      ? this.authenticate(dueNs)
      : Promise.resolve(false);
  }
}

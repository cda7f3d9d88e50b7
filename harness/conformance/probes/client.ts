import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Filter } from 'nostr-tools/filter';
import type { NostrEvent } from 'nostr-tools/pure';
import { WebSocket } from 'ws';
import type { ReceivedMessage } from '../../client/message.js';
import { NS_PER_MS } from '../../clock.js';
import { quoted } from '../checks/check.js';
import { patienceSpent } from './patience.js';
import { Broken, NotArranged } from './probe.js';
import { type Subject, settleMs } from './subject.js';
import { eventsOf, idOf, type Message, parsed } from './wire-message.js';
import { MOST_KEPT, type WireRecord } from './wire-record.js';

/** How a REQ or COUNT was answered. */
export interface Answer {
  readonly subscription: string;
  /** What ended the stored phase; undefined: nothing within the patience. */
  readonly by: 'EOSE' | 'CLOSED' | undefined;
  /** The reason of a CLOSED. */
  readonly reason: string;
  /** Events got before it, in order. */
  readonly events: readonly NostrEvent[];
  /** What stands behind the subscription id of an EOSE. */
  readonly extra: readonly unknown[];
}

export interface Ok {
  readonly accepted: boolean;
  readonly reason: string;
}

/** Whom a connection's well-formed conversation is shown to: the judge of the invariants. */
export interface Witness {
  requested(connection: number, subscription: string, filters: readonly Filter[]): void;
  published(connection: number, event: NostrEvent): void;
  authenticated(connection: number, event: NostrEvent): void;
  closeSent(connection: number, subscription: string): void;
  got(connection: number, payload: Buffer, isBinary: boolean): void;
  /** Bytes came that the WebSocket layer could not hand over (RFC 6455), and what they amount to. */
  gotBroken(connection: number, message: ReceivedMessage): void;
  ended(connection: number, by: 'client' | 'relay', detail: string): void;
  /** Something irregular is about to be sent: what follows is not for the judge. */
  dismiss(): void;
}

const NOTHING_MATCHES = '0'.repeat(64);
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** Of `ws`, for a message over {@link MAX_MESSAGE_BYTES}, which it doesn't take in: no rule is broken by that. */
const TOO_LONG = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';

export interface ClientOptions {
  readonly subject: Subject;
  readonly record: WireRecord;
  readonly witness: Witness;
  /** Whether the client offers permessage-deflate; default no. */
  readonly deflate?: boolean | undefined;
}

/**
 * One connection of a probe, in the words of the protocol. Every message got is kept in order. What is sent by
 * {@link request}, {@link publish}, {@link authenticate} and {@link close} is judged by the invariants as well;
 * {@link send} and {@link sendFrame} say what they like.
 */
export class Client {
  readonly messages: Message[] = [];
  /** How the connection ended; undefined while it is open. */
  ending: string | undefined;
  /** Public keys that this connection has authenticated. */
  readonly pubkeys = new Set<string>();
  readonly #watchers = new Set<() => void>();
  readonly #number: number;
  readonly #line: number;
  #subscriptions = 0;
  #endedByUs = false;
  /** How long the last answer that never came was waited for. */
  #waitedMs = 0;

  private constructor(
    readonly socket: WebSocket,
    private readonly options: ClientOptions,
  ) {
    const { subject, record, witness } = options;
    this.#number = subject.surroundings.nextConnection();
    this.#line = record.opened();
    subject.judge.opened(this.#number, subject.surroundings.clock());
    socket.on('message', (data: Buffer, isBinary) => {
      this.#noteMessage('got', data, isBinary ? '(binary)' : undefined);
      witness.got(this.#number, data, isBinary);
      this.messages.push(parsed(data));
      this.#wake();
    });
    socket.on('error', (error: Error & { code?: string }) => {
      this.#note('note', `error: ${error.message}`);
      if (error.code === TOO_LONG) {
        witness.gotBroken(this.#number, { label: 'oversized', bytes: MAX_MESSAGE_BYTES + 1 });
      } else if (error.code?.startsWith('WS_ERR')) {
        witness.gotBroken(this.#number, { label: 'malformed', problem: error.message, text: '' });
      }
    });
    socket.on('close', (code, reason) => {
      this.ending = `${code}${reason.length > 0 ? ` ${reason.toString()}` : ''}`;
      const by = this.#endedByUs ? 'client' : 'relay';
      this.#note('note', `ended by the ${by}: ${this.ending}`);
      witness.ended(this.#number, by, this.ending);
      this.#wake();
    });
  }

  /** @throws {NotArranged} when no WebSocket can be opened */
  static async connect(options: ClientOptions): Promise<Client> {
    const socket = new WebSocket(options.subject.url, {
      perMessageDeflate: options.deflate ?? false,
      maxPayload: MAX_MESSAGE_BYTES,
      // The reader looks at it, so that bad UTF-8 is a finding and not the end of the connection.
      skipUTF8Validation: true,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    });
    const client = new Promise<Client>((resolve, reject) => {
      socket.once('open', () => resolve(new Client(socket, options)));
      socket.once('error', (error) =>
        reject(new NotArranged(`no WebSocket could be opened: ${error.message}`)),
      );
    });
    return client;
  }

  get isOpen(): boolean {
    return this.ending === undefined;
  }

  /** A subscription id that this connection has not used. */
  freshId(): string {
    this.#subscriptions += 1;
    return `s${this.#subscriptions}`;
  }

  /** Sends the elements of a message as they are. The connection is not judged from here on. */
  send(...message: readonly unknown[]): void {
    this.sendFrame(JSON.stringify(message));
  }

  /** Sends a whole WebSocket message, bytes or text. The connection is not judged from here on. */
  sendFrame(payload: string | Buffer, options: { readonly binary?: boolean } = {}): void {
    this.options.witness.dismiss();
    this.#write(payload, options.binary ?? false);
  }

  /** Sends a REQ; with `subscription` under an id of the caller's. Returns the id. */
  request(filters: readonly Filter[], subscription = this.freshId()): string {
    this.options.witness.requested(this.#number, subscription, filters);
    this.#write(JSON.stringify(['REQ', subscription, ...filters]));
    return subscription;
  }

  close(subscription: string): void {
    this.options.witness.closeSent(this.#number, subscription);
    this.#write(JSON.stringify(['CLOSE', subscription]));
  }

  /** Sends an EVENT and doesn't wait. */
  post(event: NostrEvent): void {
    this.options.witness.published(this.#number, event);
    this.#write(JSON.stringify(['EVENT', event]));
  }

  /** Sends an EVENT; its OK, or undefined when none comes. */
  publish(event: NostrEvent): Promise<Ok | undefined> {
    const before = this.messages.length;
    this.post(event);
    return this.okOf(event.id, before);
  }

  /** Publishes what the probe needs stored. @throws {NotArranged} unless the relay accepts it */
  async store(...events: readonly NostrEvent[]): Promise<void> {
    for (const event of events) {
      const ok = await this.publish(event);
      if (!ok) throw new NotArranged(this.#lost(`no OK came for an event of kind ${event.kind}`));
      if (!ok.accepted) {
        throw new NotArranged(`needs to publish kind ${event.kind}; the relay said ${quoted(ok.reason)}`);
      }
    }
  }

  /** Publishes an ordered set of events at once, and waits until all are accepted. */
  async storeAll(events: readonly NostrEvent[]): Promise<void> {
    const before = this.messages.length;
    for (const event of events) this.post(event);
    for (const event of events) {
      const ok = await this.okOf(event.id, before);
      if (!ok?.accepted)
        throw new NotArranged(`needs to publish; the relay said ${quoted(ok?.reason ?? 'nothing')}`);
    }
  }

  /** Sends an AUTH and waits for its OK. */
  authenticate(event: NostrEvent): Promise<Ok | undefined> {
    const before = this.messages.length;
    this.options.witness.authenticated(this.#number, event);
    this.#write(JSON.stringify(['AUTH', event]));
    return this.okOf(event.id, before).then((ok) => {
      if (ok?.accepted) this.pubkeys.add(event.pubkey);
      return ok;
    });
  }

  /** The OK for an id among the messages from `since` on, or undefined. */
  async okOf(id: string, since = 0): Promise<Ok | undefined> {
    const ok = await this.expect((message) => message[0] === 'OK' && message[1] === id, { since });
    return ok && { accepted: ok[2] === true, reason: String(ok[3] ?? '') };
  }

  /** The answer to a REQ, whatever it is. */
  async answerTo(subscription: string, since = 0): Promise<Answer> {
    const ends = (m: Message) => (m[0] === 'EOSE' || m[0] === 'CLOSED') && m[1] === subscription;
    const end = await this.expect(ends, { since });
    const upTo = end ? this.messages.indexOf(end) : this.messages.length;
    return {
      subscription,
      by: end?.[0] === 'EOSE' ? 'EOSE' : end && 'CLOSED',
      reason: end?.[0] === 'CLOSED' ? String(end[2] ?? '') : '',
      events: eventsOf(this.messages.slice(since, upTo), subscription),
      extra: end?.[0] === 'EOSE' ? end.slice(2) : [],
    };
  }

  /** Asks, whatever comes of it; all messages that were got since. The subscription stays open. */
  async asked(...filters: readonly Filter[]): Promise<readonly Message[]> {
    const since = this.messages.length;
    await this.answerTo(this.request(filters), since);
    return this.messages.slice(since);
  }

  /** Asks and keeps the subscription open. @throws {NotArranged} unless EOSE comes: other probes are about that */
  subscribe(...filters: readonly Filter[]): Promise<Answer> {
    return this.subscribeAs(this.freshId(), ...filters);
  }

  /** The same under an id of the caller's. How many ids a connection has used is not to be counted on: AUTH may take one. */
  async subscribeAs(subscription: string, ...filters: readonly Filter[]): Promise<Answer> {
    const since = this.messages.length;
    const answer = await this.answerTo(this.request(filters, subscription), since);
    if (answer.by === 'EOSE') return answer;
    if (answer.by === 'CLOSED') throw new NotArranged(`the relay refused a REQ: ${quoted(answer.reason)}`);
    throw new NotArranged(this.#lost('a REQ was not answered'));
  }

  /** Asks, awaits EOSE, closes: the stored events. @throws {NotArranged} as {@link subscribe} */
  async ask(...filters: readonly Filter[]): Promise<readonly NostrEvent[]> {
    const { subscription, events } = await this.subscribe(...filters);
    this.close(subscription);
    return events;
  }

  /** Live events of a subscription: all that came after its EOSE. */
  liveOf({ subscription }: Answer): readonly NostrEvent[] {
    const eose = this.messages.findIndex((m) => m[0] === 'EOSE' && m[1] === subscription);
    return eventsOf(this.messages.slice(eose + 1), subscription);
  }

  /** Whether an event arrives for a subscription within the patience, or has arrived. */
  async delivers(subscription: string, id: string, withinMs?: number): Promise<boolean> {
    const carries = (m: Message) => m[0] === 'EVENT' && m[1] === subscription && idOf(m[2]) === id;
    return (await this.expect(carries, { withinMs })) !== undefined;
  }

  /** The challenge that the relay sent last, or sends within the patience; undefined if none comes. */
  async challenge(withinMs?: number): Promise<string | undefined> {
    const isChallenge = (m: Message) => m[0] === 'AUTH' && typeof m[1] === 'string';
    await this.expect(isChallenge, { withinMs });
    const last = this.messages.findLast(isChallenge)?.[1];
    return typeof last === 'string' ? last : undefined;
  }

  /** True when a REQ that nothing matches is answered: the connection lives, and what was sent before was read. */
  async isAlive(): Promise<boolean> {
    if (!this.isOpen) return false;
    const since = this.messages.length;
    const subscription = this.request([{ ids: [NOTHING_MATCHES] }]);
    const { by } = await this.answerTo(subscription, since);
    if (by === 'EOSE' && this.isOpen) this.close(subscription);
    return by !== undefined;
  }

  /** Waits until what was to come has come: a REQ that is answered, then the settling time. */
  async settle(): Promise<void> {
    const { subject } = this.options;
    const sentNs = subject.surroundings.clock();
    if (!(await this.isAlive())) throw new NotArranged(this.#lost('a REQ was not answered'));
    const roundTripMs = (subject.surroundings.clock() - sentNs) / NS_PER_MS;
    await sleep(Math.max(settleMs(subject), settleMs({ roundTripMs })));
  }

  /**
   * Closes a subscription whose stored phase has ended, so that nothing of it can still be on its way (the fence
   * of "closed is closed"): CLOSE, a new REQ that matches nothing, its EOSE, and the settling time.
   */
  async closeForGood({ subscription }: Answer): Promise<void> {
    this.close(subscription);
    await this.settle();
  }

  /**
   * The first message that `holds`, now or within the patience; undefined when none comes. Unless `withinMs` says
   * otherwise, what is late is taken for missing only where the relay answers others fast enough just now: the machine
   * may be busy.
   */
  async expect(
    holds: (message: Message) => boolean,
    { withinMs, since = 0 }: { withinMs?: number | undefined; since?: number } = {},
  ): Promise<Message | undefined> {
    let looked = since;
    const next = (): Message | undefined => {
      const found = this.messages.slice(looked).find(holds);
      looked = this.messages.length;
      return found;
    };
    const found = next();
    if (found || !this.isOpen) return found;
    const over = new AbortController();
    return new Promise((resolve) => {
      const settle = (message: Message | undefined): void => {
        over.abort();
        this.#watchers.delete(watcher);
        resolve(message);
      };
      const watcher = (): void => {
        const message = next();
        if (message || !this.isOpen) settle(message);
      };
      this.#watchers.add(watcher);
      const { signal } = over;
      const spent =
        withinMs === undefined
          ? patienceSpent(this.options.subject, signal)
          : sleep(withinMs, withinMs, { signal });
      spent.then(
        (waitedMs) => {
          this.#waitedMs = waitedMs;
          settle(undefined);
        },
        () => undefined,
      );
    });
  }

  /** Throws {@link Broken} for an answer that never came, unless the relay ended the connection. */
  unanswered(what: string): never {
    if (!this.isOpen) throw new NotArranged(this.#lost(what));
    throw new Broken(`${what} within ${this.#waitedMs.toFixed(0)} ms`);
  }

  /** Cuts the connection. Safe to call twice. */
  async disconnect(): Promise<void> {
    this.#endedByUs = true;
    if (this.socket.readyState === WebSocket.CLOSED) return;
    this.socket.terminate();
    if (this.isOpen) await once(this.socket, 'close');
  }

  #write(payload: string | Buffer, binary = false): void {
    const isText = typeof payload === 'string';
    this.#noteMessage('sent', isText ? Buffer.from(payload) : payload, isText ? undefined : '(bytes)');
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(payload, { binary });
  }

  #lost(what: string): string {
    return this.isOpen ? what : `${what}: the relay ended the connection (${quoted(this.ending ?? '')})`;
  }

  /** @param kind what is no text is shown as: this, and how it begins */
  #noteMessage(direction: 'sent' | 'got', payload: Buffer, kind: string | undefined): void {
    const isWhole = kind === undefined && payload.length <= MOST_KEPT;
    const text =
      kind === undefined
        ? payload.toString('utf8', 0, MOST_KEPT)
        : `${kind} ${payload.toString('hex', 0, 100)}`;
    this.options.record.add(this.#line, direction, text, isWhole ? undefined : payload.length);
  }

  #note(direction: 'note', text: string): void {
    this.options.record.add(this.#line, direction, text);
  }

  #wake(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}

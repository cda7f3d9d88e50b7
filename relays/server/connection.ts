import type { Socket } from 'node:net';
import { Session } from '../access/session.js';
import { noticeMessage } from '../protocol/relay-message.js';
import type { Connection, Conversation, Strategy, Substrate } from '../strategy.js';
import type { ClientSocket, SocketListener } from './client-socket.js';
import { labelOf, TrafficCounters } from './counters.js';
import type { Departures } from './departures.js';
import type { HeldBytes } from './held-bytes.js';
import { Inbox, type InboxOwner, type Incoming } from './inbox.js';
import { type Log, printable } from './log.js';
import { type OutboxOwner, SocketOutbox } from './outbox.js';

const GOING_AWAY = 1001;

/** What all connections of a relay share. */
export interface Hall {
  readonly strategy: Strategy;
  readonly substrate: Substrate;
  readonly log: Log;
  /** By which live events leave. */
  readonly departures: Departures;
  /** The hosts (with port) under which every client may know this relay. */
  readonly hosts: readonly string[];
  /** A REQ was answered up to EOSE. */
  answered(durationMs: number): void;
  /** A connection has ended. */
  left(connection: SocketConnection): void;
}

/** What is known of a client when it connects. */
export interface Arrival {
  /** Number of the connection since the start, as the log names it. */
  readonly number: number;
  /** The Host header of its request. */
  readonly host: string | undefined;
}

/**
 * One client's WebSocket, with everything the relay holds for it. What only a client that says something needs is made when
 * it does: most connections of a relay are idle.
 */
export class SocketConnection implements Connection, InboxOwner, OutboxOwner, SocketListener {
  readonly remoteAddress: string;
  readonly #hall: Hall;
  readonly #number: number;
  readonly #host: string | undefined;
  readonly #openedMs: number;
  readonly #webSocket: ClientSocket;
  readonly #socket: Socket;
  readonly #conversation: Conversation;
  #session: Session | undefined;
  #inbox: Inbox | undefined;
  #outbox: SocketOutbox | undefined;
  #counters: TrafficCounters | undefined;
  #isAlive = true;
  #hasEnded = false;

  /**
   * @param socket the socket beneath `webSocket`, to which the outbox writes.
   */
  constructor(webSocket: ClientSocket, socket: Socket, arrival: Arrival, hall: Hall) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#hall = hall;
    this.#number = arrival.number;
    this.#host = arrival.host;
    this.#openedMs = hall.substrate.clock.monotonicMs();
    this.remoteAddress = socket.remoteAddress ?? '';
    webSocket.listen(this);
    this.#conversation = hall.strategy.converse(this, hall.substrate);
  }

  get isOpen(): boolean {
    return this.#webSocket.readyState === this.#webSocket.OPEN;
  }

  get subscriptions(): number {
    return this.#conversation.subscriptions;
  }

  get session(): Session {
    this.#session ??= new Session(
      [...this.#hall.hosts, ...knownHosts(this.#host)],
      this.#hall.substrate.settings.deviations.includes('D6'),
    );
    return this.#session;
  }

  get outbox(): SocketOutbox {
    this.#outbox ??= new SocketOutbox(this.#socket, this);
    return this.#outbox;
  }

  get counters(): TrafficCounters {
    this.#counters ??= new TrafficCounters();
    return this.#counters;
  }

  /** What was said so far; undefined: nothing. */
  get traffic(): TrafficCounters | undefined {
    return this.#counters;
  }

  get departures(): Departures {
    return this.#hall.departures;
  }

  get held(): HeldBytes {
    return this.#hall.substrate.held;
  }

  /** Pings a client that answered the last ping, and cuts one that didn't. */
  checkAlive(): void {
    if (!this.#isAlive) {
      this.#cut('no answer to a ping');
      return;
    }
    this.#isAlive = false;
    if (this.isOpen) this.#webSocket.ping();
  }

  /** Brings the count of held bytes up to what the socket has taken by now. */
  account(): void {
    this.#outbox?.account();
  }

  /** As `Connection.answered`. */
  answered(subscription: string, durationMs: number): void {
    this.#hall.answered(durationMs);
    const { log } = this.#hall;
    if (!log.tellsDebug) return;
    log.debug('answered', { connection: this.#number, subscription: printable(subscription), durationMs });
  }

  /** Ends every subscription with a CLOSED and the connection with 1001; resolves when it has closed. */
  shutDown(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#webSocket.readyState === this.#webSocket.CLOSED) resolve();
      this.#webSocket.once('close', () => resolve());
      this.#conversation.closeAll?.('error: relay is shutting down');
      this.#outbox?.flush();
      this.#webSocket.resume();
      this.#webSocket.close(GOING_AWAY, 'relay is shutting down');
    });
  }

  /** Cuts the connection at once. */
  terminate(): void {
    this.#webSocket.terminate();
  }

  message(bytes: Buffer, isBinary: boolean): void {
    this.#inbox ??= new Inbox(this, this.#hall.substrate.turns);
    this.#inbox.push({ bytes, isBinary });
  }

  /** ws has answered by a pong, which a client that reads nothing leaves in memory. */
  ping(): void {
    this.outbox.enforceCap();
  }

  pong(): void {
    this.#isAlive = true;
  }

  broken(error: Error): void {
    this.#hall.log.info('broken frame', { connection: this.#number, reason: printable(error.message) });
  }

  /** Lets go of everything. */
  closed(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#hall.left(this);
    this.#inbox?.end();
    this.#conversation.end();
    this.#outbox?.end();
    this.#logEnd();
  }

  get hasMoreToServe(): boolean {
    return this.#inbox?.isWaiting ?? false;
  }

  overflowed(): void {
    this.#cut('too much was left unread');
  }

  roomForAnswers(): Promise<void> | undefined {
    const outbox = this.#outbox;
    return outbox === undefined || outbox.hasRoom ? undefined : outbox.room();
  }

  failed(error: unknown): void {
    const reason = error instanceof Error ? error.stack : error;
    this.#hall.substrate.warn(`a message could not be served: ${reason}`);
    this.#cut('a message could not be served');
  }

  pause(): void {
    this.#webSocket.pause();
  }

  resume(): void {
    this.#webSocket.resume();
  }

  receive({ bytes, isBinary }: Incoming): Promise<void> | undefined {
    this.counters.bytesReceived += bytes.length;
    if (!isBinary) return this.#receiveText(bytes.toString('utf8'));
    this.counters.received.other += 1;
    this.outbox.message(noticeMessage('unsupported: messages are text frames'));
    return undefined;
  }

  #receiveText(text: string): Promise<void> | undefined {
    const label = labelOf(text);
    this.counters.received[label] += 1;
    const { log } = this.#hall;
    if (log.tellsDebug) log.debug('received', { connection: this.#number, label, characters: text.length });
    return this.#conversation.receive(text);
  }

  #cut(reason: string): void {
    this.#hall.log.info('cut', { connection: this.#number, reason });
    this.terminate();
  }

  #logEnd(): void {
    const { received, eventsSent, liveDeliveries, closed, rejected, bytesReceived } = this.counters;
    this.#hall.log.info('disconnected', {
      connection: this.#number,
      durationMs: Math.round(this.#hall.substrate.clock.monotonicMs() - this.#openedMs),
      reqs: received.REQ,
      events: received.EVENT,
      bytesReceived,
      eventsSent,
      liveDeliveries,
      closed,
      rejected,
    });
  }
}

/** The Host header as `URL.host` would write it, with and without TLS in front: the scheme's own port left out. */
function knownHosts(header: string | undefined): readonly string[] {
  const urls = [`ws://${header}`, `wss://${header}`];
  return header === undefined ? [] : urls.filter((url) => URL.canParse(url)).map((url) => new URL(url).host);
}

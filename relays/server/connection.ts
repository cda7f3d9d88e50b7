import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { Session } from '../access/session.js';
import { noticeMessage } from '../protocol/relay-message.js';
import type { Connection, Conversation, Strategy, Substrate } from '../strategy.js';
import { labelOf, TrafficCounters } from './counters.js';
import { Inbox, type Incoming } from './inbox.js';
import { type Log, printable } from './log.js';
import { SocketOutbox } from './outbox.js';

const GOING_AWAY = 1001;

/** What is known of a client when it connects. */
export interface Arrival {
  /** Number of the connection since the start, as the log names it. */
  readonly number: number;
  /** As {@link Session} takes them. */
  readonly hosts: readonly string[];
  readonly log: Log;
  /** A REQ was answered up to EOSE. */
  answered(durationMs: number): void;
}

/** One client's WebSocket, with everything the relay holds for it. */
export class SocketConnection implements Connection {
  readonly session: Session;
  readonly outbox: SocketOutbox;
  readonly remoteAddress: string;
  readonly counters = new TrafficCounters();
  readonly #arrival: Arrival;
  readonly #openedMs: number;
  readonly #clock: Substrate['clock'];
  readonly #webSocket: WebSocket;
  readonly #inbox: Inbox;
  readonly #conversation: Conversation;
  #isAlive = true;
  #hasEnded = false;

  /**
   * @param socket the socket beneath `webSocket`, to which the outbox writes.
   */
  constructor(
    webSocket: WebSocket,
    socket: Socket,
    arrival: Arrival,
    strategy: Strategy,
    substrate: Substrate,
  ) {
    this.#webSocket = webSocket;
    this.#arrival = arrival;
    this.#clock = substrate.clock;
    this.#openedMs = substrate.clock.monotonicMs();
    this.session = new Session(arrival.hosts, substrate.settings.deviations.includes('D6'));
    this.remoteAddress = socket.remoteAddress ?? '';
    this.outbox = new SocketOutbox(socket, {
      isOpenNow: () => this.isOpen,
      hasMoreToServe: () => this.#inbox.isWaiting,
      overflowed: () => this.#cut('too much was left unread'),
      counters: this.counters,
      held: substrate.held,
    });
    this.#inbox = new Inbox(
      {
        isOpenNow: () => this.isOpen,
        roomForAnswers: () => (this.outbox.hasRoom ? undefined : this.outbox.room()),
        receive: (message) => this.#receive(message),
        failed: (error) => {
          substrate.warn(`a message could not be served: ${error instanceof Error ? error.stack : error}`);
          this.#cut('a message could not be served');
        },
        pause: () => webSocket.pause(),
        resume: () => webSocket.resume(),
      },
      substrate.turns,
    );
    webSocket.on('message', (data, isBinary) => {
      if (Buffer.isBuffer(data)) this.#inbox.push({ bytes: data, isBinary });
    });
    // ws has answered by a pong, which a client that reads nothing leaves in memory.
    webSocket.on('ping', () => this.outbox.enforceCap());
    webSocket.on('pong', () => {
      this.#isAlive = true;
    });
    // Broken frames, messages over the limit: ws has closed the connection with the right code already.
    webSocket.on('error', (error) =>
      arrival.log.info('broken frame', { connection: arrival.number, reason: printable(error.message) }),
    );
    this.#conversation = strategy.converse(this, substrate);
  }

  get isOpen(): boolean {
    return this.#webSocket.readyState === this.#webSocket.OPEN;
  }

  get subscriptions(): number {
    return this.#conversation.subscriptions;
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

  /** As `Connection.answered`. */
  answered(subscription: string, durationMs: number): void {
    this.#arrival.answered(durationMs);
    const { log, number } = this.#arrival;
    if (!log.tellsDebug) return;
    log.debug('answered', { connection: number, subscription: printable(subscription), durationMs });
  }

  /** Ends every subscription with a CLOSED and the connection with 1001; resolves when it has closed. */
  shutDown(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#webSocket.readyState === this.#webSocket.CLOSED) resolve();
      this.#webSocket.once('close', () => resolve());
      this.#conversation.closeAll?.('error: relay is shutting down');
      this.outbox.flush();
      this.#webSocket.resume();
      this.#webSocket.close(GOING_AWAY, 'relay is shutting down');
    });
  }

  /** Cuts the connection at once. */
  terminate(): void {
    this.#webSocket.terminate();
  }

  /** Lets go of everything; called when the WebSocket has closed. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#inbox.end();
    this.#conversation.end();
    this.outbox.end();
    this.#logEnd();
  }

  #cut(reason: string): void {
    this.#arrival.log.info('cut', { connection: this.#arrival.number, reason });
    this.terminate();
  }

  #logEnd(): void {
    const { received, eventsSent, liveDeliveries, closed, rejected, bytesReceived } = this.counters;
    this.#arrival.log.info('disconnected', {
      connection: this.#arrival.number,
      durationMs: Math.round(this.#clock.monotonicMs() - this.#openedMs),
      reqs: received.REQ,
      events: received.EVENT,
      bytesReceived,
      eventsSent,
      liveDeliveries,
      closed,
      rejected,
    });
  }

  #receive({ bytes, isBinary }: Incoming): Promise<void> | undefined {
    this.counters.bytesReceived += bytes.length;
    if (!isBinary) return this.#receiveText(bytes.toString('utf8'));
    this.counters.received.other += 1;
    this.outbox.message(noticeMessage('unsupported: messages are text frames'));
    return undefined;
  }

  #receiveText(text: string): Promise<void> | undefined {
    const label = labelOf(text);
    this.counters.received[label] += 1;
    const { log, number } = this.#arrival;
    if (log.tellsDebug) log.debug('received', { connection: number, label, characters: text.length });
    return this.#conversation.receive(text);
  }
}

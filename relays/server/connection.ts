import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { Session } from '../access/session.js';
import { noticeMessage } from '../protocol/relay-message.js';
import type { Connection, Conversation, Strategy, Substrate } from '../strategy.js';
import { Inbox, type Incoming } from './inbox.js';
import { SocketOutbox } from './outbox.js';

/** One client's WebSocket, with everything the relay holds for it. */
export class SocketConnection implements Connection {
  readonly session: Session;
  readonly outbox: SocketOutbox;
  readonly remoteAddress: string;
  readonly #webSocket: WebSocket;
  readonly #inbox: Inbox;
  readonly #conversation: Conversation;
  #isAlive = true;
  #hasEnded = false;

  /**
   * @param socket the socket beneath `webSocket`, to which the outbox writes.
   * @param hosts as {@link Session} takes them.
   */
  constructor(
    webSocket: WebSocket,
    socket: Socket,
    hosts: readonly string[],
    strategy: Strategy,
    substrate: Substrate,
  ) {
    this.#webSocket = webSocket;
    this.session = new Session(hosts, substrate.settings.deviations.includes('D6'));
    this.remoteAddress = socket.remoteAddress ?? '';
    this.outbox = new SocketOutbox(socket, {
      isOpenNow: () => this.isOpen,
      overflowed: () => this.terminate(),
    });
    this.#inbox = new Inbox(
      {
        isOpenNow: () => this.isOpen,
        roomForAnswers: () => (this.outbox.hasRoom ? undefined : this.outbox.room()),
        receive: (message) => this.#receive(message),
        failed: (error) => {
          substrate.warn(`a message could not be served: ${error instanceof Error ? error.stack : error}`);
          this.terminate();
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
    webSocket.on('error', () => undefined);
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
      this.terminate();
      return;
    }
    this.#isAlive = false;
    if (this.isOpen) this.#webSocket.ping();
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
  }

  #receive({ bytes, isBinary }: Incoming): Promise<void> | undefined {
    if (!isBinary) return this.#conversation.receive(bytes.toString('utf8'));
    this.outbox.message(noticeMessage('unsupported: messages are text frames'));
    return undefined;
  }
}

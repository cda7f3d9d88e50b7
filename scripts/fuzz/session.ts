import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Random } from '../../harness/corpus/random.js';
import type { MessageGrammar, Sent } from './messages.js';

/** A client that was promised an answer and didn't get it in this time is stuck. */
const ANSWER_WITHIN_MS = 20_000;

/** Messages that are sent before the client lets others go on. */
const BURST = 50;

/** The connection of a session was neither served nor ended by the relay. */
export class StuckError extends Error {
  override readonly name = 'StuckError';
}

/**
 * One client: sends `messages` messages, then leaves in one of the ways in which clients leave. While the connection is
 * open the relay must answer a well-formed REQ after all that.
 * @throws {StuckError}
 */
export async function runSession(
  url: string,
  messages: number,
  grammar: MessageGrammar,
  random: Random,
): Promise<void> {
  if (random.percent(2)) await leaveHalfOpen(url, random);
  const client = await FuzzClient.connect(url);
  const reads = !random.percent(5);
  if (!reads) client.webSocket.pause();
  try {
    for (let sent = 0; sent < messages && client.isOpen; sent += 1) {
      client.send(grammar.next());
      if (sent % BURST === BURST - 1) await client.written();
    }
    await leave(client, reads, grammar, random);
  } finally {
    client.webSocket.terminate();
  }
}

async function leave(
  client: FuzzClient,
  reads: boolean,
  grammar: MessageGrammar,
  random: Random,
): Promise<void> {
  if (!reads) {
    await sleep(random.below(20));
    return;
  }
  await client.served();
  if (!client.isOpen) return;
  switch (random.below(4)) {
    case 0:
      client.send(grammar.brokenFrame());
      await client.settled(50);
      return;
    case 1:
      client.webSocket.close();
      await client.settled(ANSWER_WITHIN_MS);
      if (client.isOpen) throw new StuckError('the closing handshake was not answered');
      return;
    case 2:
      client.socket?.resetAndDestroy();
      return;
    default:
      return;
  }
}

/** A socket that says nothing, or half a handshake, and goes. */
async function leaveHalfOpen(url: string, random: Random): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  if (random.percent(70))
    socket.write(random.pick(['GET / HTTP/1.1\r\nUpgr', '\u0000\u0016\u0003', 'GET\r\n\r\n']));
  await sleep(random.below(10));
  socket.destroy();
}

class FuzzClient {
  readonly webSocket: WebSocket;
  /** The socket beneath. */
  socket: Socket | undefined;
  #fence: (() => void) | undefined;

  private constructor(url: string) {
    this.webSocket = new WebSocket(url, { perMessageDeflate: false });
    this.webSocket.on('upgrade', (response) => {
      this.socket = response.socket;
    });
    this.webSocket.on('error', () => undefined);
    this.webSocket.on('message', (data) => {
      if (Buffer.isBuffer(data) && data.includes('"the-fence"')) this.#fence?.();
    });
    this.webSocket.on('close', () => this.#fence?.());
  }

  /** @throws {StuckError} when the relay doesn't take the connection in time. */
  static async connect(url: string): Promise<FuzzClient> {
    const client = new FuzzClient(url);
    const opened = once(client.webSocket, 'open', { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    await opened.catch((error: unknown) => {
      client.webSocket.terminate();
      throw new StuckError(`no connection: ${error instanceof Error ? error.message : error}`);
    });
    return client;
  }

  get isOpen(): boolean {
    return this.webSocket.readyState === WebSocket.OPEN;
  }

  send(sent: Sent): void {
    if (sent.how === 'text') this.webSocket.send(sent.text);
    else if (sent.how === 'binary') this.webSocket.send(sent.bytes);
    else if (sent.how === 'ping') this.webSocket.ping(sent.bytes);
    else this.socket?.write(sent.bytes);
  }

  /** Resolves when what was sent has left, or can't soon: a relay may stop reading from who reads nothing. */
  async written(): Promise<void> {
    for (let i = 0; i < 10 && this.isOpen && this.webSocket.bufferedAmount > 0; i += 1) await sleep(1);
  }

  /** Resolves when the relay has answered a REQ, or the connection has ended. @throws {StuckError} */
  async served(): Promise<void> {
    // An odd subscription may be open still; a limit on them must not refuse this one without a word.
    const answered = new Promise<void>((resolve) => {
      this.#fence = resolve;
    });
    if (!this.isOpen) return;
    this.webSocket.send('["REQ","the-fence",{"limit":0}]');
    const late = new AbortController();
    const timeout = sleep(ANSWER_WITHIN_MS, 'late', { signal: late.signal }).catch(() => 'in time');
    const first = await Promise.race([answered, timeout]);
    late.abort();
    if (first === 'late') throw new StuckError('a REQ was not answered');
  }

  /** Resolves when the connection has ended, or after `withinMs`. */
  async settled(withinMs: number): Promise<void> {
    if (this.webSocket.readyState === WebSocket.CLOSED) return;
    await once(this.webSocket, 'close', { signal: AbortSignal.timeout(withinMs) }).catch(() => undefined);
  }
}

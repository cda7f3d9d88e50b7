import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestOptions,
  request,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import type { WireProxy } from './network.js';
import type { HttpTamper, Tamper, Way, WireMessage } from './tamper.js';

/** Larger than any message that a test sends, and a bound for what a relay can make the proxy hold. */
const MAX_MESSAGE_BYTES = 128 * 1024 * 1024;
/** The other side isn't read while more than this waits to be sent. */
const FULL_BYTES = 1024 * 1024;

/** Whether a message is fit to be read is not for the proxy to say. */
const AS_IT_IS = { perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES, skipUTF8Validation: true };

export interface MessageProxyOptions {
  /** `ws://…` */
  readonly upstream: string;
  /**
   * Makes the tamper of each connection; they are numbered from 1 in the order in which they open.
   * @param handshake the client's request for the upgrade
   */
  readonly tamperOf: (connection: number, handshake: IncomingHttpHeaders) => Tamper;
  /** What becomes of an answer to a plain HTTP request; default: it goes through as it is. */
  readonly http?: HttpTamper | undefined;
  /** Whether pings of clients get a pong from the proxy; default true. */
  readonly autoPong?: boolean | undefined;
}

/**
 * A proxy that speaks WebSocket with both sides and gives every message to a tamper. Plain HTTP requests (NIP-11)
 * go through as they are; the relay sees the client's Host header, so that AUTH names an address that it knows.
 */
export async function startMessageProxy(options: MessageProxyOptions): Promise<WireProxy> {
  const { upstream, tamperOf, autoPong = true } = options;
  const target = new URL(upstream);
  const server = createServer((incoming, response) => forward(incoming, response, target, options.http));
  const sockets = new WebSocketServer({ server, ...AS_IT_IS, autoPong });
  const pairs = new Set<Pair>();
  let opened = 0;
  sockets.on('connection', (client, { headers }) => {
    opened += 1;
    const pair = new Pair(client, connectTo(upstream, headers.host), tamperOf(opened, headers));
    pairs.add(pair);
    void pair.over.then(() => pairs.delete(pair));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    url: `ws://127.0.0.1:${port}`,
    connections: () => pairs.size,
    close() {
      for (const pair of pairs) pair.cut();
      closing ??= new Promise((resolve) => {
        sockets.close();
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closing;
    },
  };
}

function connectTo(upstream: string, host: string | undefined): WebSocket {
  return new WebSocket(upstream, {
    ...AS_IT_IS,
    ...(host === undefined ? {} : { headers: { host } }),
  });
}

function forward(
  incoming: IncomingMessage,
  response: ServerResponse,
  target: URL,
  http: HttpTamper | undefined,
): void {
  const options: RequestOptions = {
    host: target.hostname,
    port: target.port,
    path: incoming.url,
    method: incoming.method,
    headers: incoming.headers,
    agent: false,
  };
  const outgoing = request(options, (answer) => {
    if (http) return void tampered(answer, response, http);
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  outgoing.once('error', () => response.writeHead(502).end());
  incoming.pipe(outgoing);
}

async function tampered(answer: IncomingMessage, response: ServerResponse, http: HttpTamper): Promise<void> {
  const chunks: Buffer[] = [];
  answer.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(answer, 'end');
  const { 'content-length': _, 'transfer-encoding': __, ...headers } = answer.headers;
  const given = { status: answer.statusCode ?? 502, headers, body: Buffer.concat(chunks) };
  const instead = http(given);
  if (!instead) return void response.destroy();
  response.writeHead(instead.status, instead.headers).end(instead.body);
}

/** A client and its connection to the relay, with the tamper between them. */
class Pair implements Way {
  readonly over: Promise<void>;
  #settle: () => void = () => {};

  constructor(
    private readonly client: WebSocket,
    private readonly relay: WebSocket,
    tamper: Tamper,
  ) {
    this.over = new Promise((resolve) => {
      this.#settle = resolve;
    });
    client.pause();
    relay.once('open', () => client.resume());
    client.on('message', (data, isBinary) => tamper.fromClient({ payload: asBuffer(data), isBinary }, this));
    relay.on('message', (data, isBinary) => tamper.fromRelay({ payload: asBuffer(data), isBinary }, this));
    this.#join(client, relay);
    this.#join(relay, client);
    client.once('close', () => tamper.clientLeft?.());
  }

  toClient(message: WireMessage): void {
    sendOn(this.client, message, this.relay);
  }

  toRelay(message: WireMessage): void {
    sendOn(this.relay, message, this.client);
  }

  cut(): void {
    this.client.terminate();
    this.relay.terminate();
  }

  /** The end of one side is passed on to the other, with its code where that may be sent. */
  #join(one: WebSocket, other: WebSocket): void {
    one.on('error', () => other.terminate());
    one.once('close', (code, reason) => {
      if (other.readyState === WebSocket.CLOSED) this.#settle();
      else if (isSendable(code)) other.close(code, reason);
      else other.terminate();
    });
  }
}

function sendOn(to: WebSocket, { payload, isBinary }: WireMessage, from: WebSocket): void {
  if (to.readyState !== WebSocket.OPEN) return;
  to.send(payload, { binary: isBinary }, () => {
    if (from.isPaused && to.bufferedAmount < FULL_BYTES) from.resume();
  });
  if (to.bufferedAmount >= FULL_BYTES && from.readyState === WebSocket.OPEN) from.pause();
}

/** Codes that an endpoint may put into a close frame (RFC 6455, section 7.4). */
function isSendable(code: number): boolean {
  return (
    (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999)
  );
}

function asBuffer(data: Buffer | ArrayBuffer | Buffer[]): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { isPending, type MaybePromise } from '../hooks/maybe-promise.js';
import type { RelayInformation } from '../strategy.js';
import { ClientSocket } from './client-socket.js';
import type { Refusal } from './door.js';

const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Headers': '*',
  'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
};

/** Who connects and sends no request doesn't keep its socket longer than this, and half as long again. */
const HEADERS_WITHIN_MS = 20_000;

const NOSTR_JSON = 'application/nostr+json';
const TEXT = 'text/plain';

/** What the front serves and whom it tells. */
export interface FrontConfig {
  readonly host: string;
  readonly port: number;
  /** Largest WebSocket message, in bytes; a larger one ends its connection with 1009. */
  readonly maxMessageBytes: number;
  /** What `/metrics` serves; undefined: there is no such path. */
  readonly metrics: { readonly contentType: string; text(): Promise<string> } | undefined;
  /** The NIP-11 document. */
  information(request: IncomingMessage): RelayInformation | Promise<RelayInformation>;
  /** How a client that may not connect is told so; `address` is its IP address. */
  refusalToConnect(request: IncomingMessage, address: string): MaybePromise<Refusal | undefined>;
  /** How a client is told that there is no room; asked last, right before the upgrade. */
  refusalForWantOfRoom(address: string): Refusal | undefined;
  /** A socket was opened, and who is at its other end has yet to become a client. */
  opened(socket: Socket): void;
  /** A client has connected; `socket` is what lies beneath `webSocket`. */
  connected(webSocket: ClientSocket, socket: Socket, request: IncomingMessage): void;
  /** What came is no HTTP; it gets 400, or 431 for headers that are too large, or 408 if they take too long. */
  brokenRequest(error: Error, address: string): void;
  /** The listening socket failed: connections that are open go on. */
  failed(error: Error): void;
}

/** The listening side of a relay: HTTP and WebSocket on one port. */
export interface Front {
  readonly port: number;
  /** Stops listening; connections that are open stay. */
  stopListening(): void;
  /** Stops listening; resolves when it has, and all connections have ended. Those of WebSocket clients are the caller's. */
  close(): Promise<void>;
}

/** Listens on `host` and `port` (0: any free one). @throws the socket's error when it can't. */
export async function openFront(config: FrontConfig): Promise<Front> {
  const webSockets = new WebSocketServer<typeof ClientSocket>({
    WebSocket: ClientSocket,
    noServer: true,
    clientTracking: false,
    // Compression would change what is measured, and costs memory for each connection.
    perMessageDeflate: false,
    maxPayload: config.maxMessageBytes,
  });
  const server = createServer({ headersTimeout: HEADERS_WITHIN_MS }, (request, response) => {
    if (config.metrics !== undefined && request.url === '/metrics') answerMetrics(response, config.metrics);
    else void answer(request, response, config);
  });
  server.on('connection', config.opened);
  let isListening = true;
  server.on('upgrade', (request, socket, head) => {
    if (!(socket instanceof Socket) || !isEndpoint(request)) {
      refuse(socket, '404 Not Found');
      return;
    }
    if (!isListening) {
      refuse(socket, '503 Service Unavailable');
      return;
    }
    socket.setNoDelay(true);
    const address = socket.remoteAddress ?? '';
    const admit = (refusal = config.refusalForWantOfRoom(address)): void => {
      if (refusal === undefined) {
        webSockets.handleUpgrade(request, socket, head, (webSocket) =>
          config.connected(webSocket, socket, request),
        );
      } else {
        refuse(socket, refusal.status, refusal.reason);
      }
    };
    const refusal = config.refusalToConnect(request, address);
    if (!isPending(refusal)) {
      admit(refusal);
      return;
    }
    const gone = (): void => void socket.destroy();
    socket.once('error', gone);
    void refusal.then((reason) => {
      socket.off('error', gone);
      admit(reason);
    });
  });
  server.on('clientError', (error: Error & { code?: string }, socket) => {
    config.brokenRequest(error, socket instanceof Socket ? (socket.remoteAddress ?? '') : '');
    if (socket.writable) refuse(socket, STATUS_OF_BROKEN[error.code ?? ''] ?? '400 Bad Request');
    else socket.destroy();
  });
  await listen(server, config);
  server.on('error', config.failed);
  const { port } = addressOf(server);
  const stopped = new Promise<void>((resolve) => server.once('close', resolve));
  const stopListening = (): void => {
    if (isListening) server.close();
    isListening = false;
  };
  return {
    port,
    stopListening,
    close: () => {
      stopListening();
      server.closeAllConnections();
      return stopped;
    },
  };
}

/** NIP-01: one endpoint, and no path beneath it that means the same. */
function isEndpoint({ url = '' }: IncomingMessage): boolean {
  return url === '/' || url.startsWith('/?');
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  config: FrontConfig,
): Promise<void> {
  const { status, type, body } = reply(request) ?? (await information(request, config));
  response.writeHead(status, { ...CORS, 'Content-Type': type }).end(body);
}

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** What is answered to all but a request for the NIP-11 document. */
function reply(request: IncomingMessage): Reply | undefined {
  if (!isEndpoint(request)) return { status: 404, type: TEXT, body: 'The relay is at /.\n' };
  if (request.method === 'OPTIONS') return { status: 204, type: TEXT, body: '' };
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, type: TEXT, body: 'Use GET, or a WebSocket.\n' };
  }
  if (request.headers.accept?.includes(NOSTR_JSON)) return undefined;
  return { status: 200, type: TEXT, body: 'This is a Nostr relay: connect with a WebSocket client.\n' };
}

async function information(request: IncomingMessage, config: FrontConfig): Promise<Reply> {
  try {
    return { status: 200, type: NOSTR_JSON, body: JSON.stringify(await config.information(request)) };
  } catch {
    return { status: 500, type: TEXT, body: 'The document could not be made.\n' };
  }
}

function answerMetrics(response: ServerResponse, metrics: NonNullable<FrontConfig['metrics']>): void {
  metrics.text().then(
    (text) => response.writeHead(200, { 'Content-Type': metrics.contentType }).end(text),
    () => response.writeHead(500, { 'Content-Type': TEXT }).end('The metrics could not be read.\n'),
  );
}

/** As Node answers by itself. */
const STATUS_OF_BROKEN: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** How long a client that was turned away may take to read that and to close. */
const LINGER_MS = 1_000;

function refuse(socket: Duplex, status: string, reason = ''): void {
  socket.on('error', () => undefined);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.resume();
  const body = reason === '' ? '' : `${reason}\n`;
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: ${TEXT}; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function listen(server: Server, { host, port }: FrontConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return address;
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { isPending, rescued } from '../hooks/maybe-promise.js';
import type { RelayInformation } from '../strategy.js';

const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Headers': '*',
  'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
};

const NOSTR_JSON = 'application/nostr+json';
const TEXT = 'text/plain';

/** What the front serves and whom it tells. */
export interface FrontConfig {
  readonly host: string;
  readonly port: number;
  /** Largest WebSocket message, in bytes; a larger one ends its connection with 1009. */
  readonly maxMessageBytes: number;
  /** The NIP-11 document. */
  information(request: IncomingMessage): RelayInformation | Promise<RelayInformation>;
  /** Why a client may not connect. */
  refusalToConnect(request: IncomingMessage): string | undefined | Promise<string | undefined>;
  /** A client has connected; `socket` is what lies beneath `webSocket`. */
  connected(webSocket: WebSocket, socket: Socket, request: IncomingMessage): void;
}

/** The listening side of a relay: HTTP and WebSocket on one port. */
export interface Front {
  readonly port: number;
  /** Stops listening; open connections are the caller's. */
  close(): Promise<void>;
}

/** Listens on `host` and `port` (0: any free one). @throws the socket's error when it can't. */
export async function openFront(config: FrontConfig): Promise<Front> {
  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // Compression would change what is measured, and costs memory for each connection.
    perMessageDeflate: false,
    maxPayload: config.maxMessageBytes,
  });
  const server = createServer((request, response) => void answer(request, response, config));
  server.on('upgrade', (request, socket, head) => {
    if (!(socket instanceof Socket) || !isEndpoint(request)) {
      notFound(socket);
      return;
    }
    socket.setNoDelay(true);
    const admit = (refusal: string | undefined): void => {
      if (refusal === undefined) {
        webSockets.handleUpgrade(request, socket, head, (webSocket) =>
          config.connected(webSocket, socket, request),
        );
      } else {
        turnAway(socket, refusal);
      }
    };
    const refusal = rescued(
      () => config.refusalToConnect(request),
      () => 'error: it could not be decided whether to let you in',
    );
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
  await listen(server, config);
  return { port: addressOf(server).port, close: () => close(server) };
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

function turnAway(socket: Duplex, reason: string): void {
  socket.on('error', () => undefined);
  const body = Buffer.from(`${reason}\n`);
  socket.write(
    `HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\nContent-Type: ${TEXT}; charset=utf-8\r\n` +
      `Content-Length: ${body.length}\r\n\r\n`,
  );
  socket.end(body);
}

function notFound(socket: Duplex): void {
  socket.on('error', () => undefined);
  socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
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

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

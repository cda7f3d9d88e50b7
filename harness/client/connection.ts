import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { ReadRate } from '../scenario/pacing.js';
import type { FrameReader } from './frame.js';
import { localLimit } from './local-limit.js';
import type { ReceivedMessage, SentMessage } from './message.js';
import { ReadPace } from './read-pace.js';

/** Largest message that a client takes; a relay that sends more is cut off, and that is a finding. */
const MAX_MESSAGE_BYTES = 128 * 1024 * 1024;

const HANDSHAKE_TIMEOUT_MS = 10_000;

/** Everything that happens on connections, in stamp order. The judge of a round listens, and so does the trace. */
export interface WireListener {
  opened(connection: number, atNs: number): void;
  /** @param payload the message as it goes over the wire */
  sent(
    connection: number,
    message: SentMessage,
    atNs: number,
    payload: string | Buffer,
    isBinary: boolean,
  ): void;
  /** From now on the client reads at another rate: on purpose. */
  paced(connection: number, rate: ReadRate): void;
  /** @param payload the message as it came; undefined where the WebSocket layer could make none of what came. */
  got(
    connection: number,
    message: ReceivedMessage,
    atNs: number,
    payload: Buffer | undefined,
    isBinary: boolean,
  ): void;
  closed(connection: number, by: 'client' | 'relay', detail: string, atNs: number): void;
}

export interface ConnectionOptions {
  readonly url: string;
  /** Address of this machine to connect from. */
  readonly localAddress?: string | undefined;
  /** Number of the connection in this round; unique among all of the worker's. */
  readonly connection: number;
  readonly clock: () => number;
  readonly reader: FrameReader;
  readonly wire: WireListener;
  readonly onMessage: (message: ReceivedMessage, atNs: number, bytes: number) => void;
  readonly onClosed: (by: 'client' | 'relay', detail: string, atNs: number) => void;
}

/** A client's WebSocket: stamps, reads once, and tells the wire listener and then its session. */
export interface ClientConnection {
  readonly connection: number;
  isOpen(): boolean;
  /** Sends a message, text unless `isBinary`, and returns the stamp that was taken right before the write. */
  send(payload: string | Buffer, message: SentMessage, isBinary?: boolean): number;
  /** Sends what the wire listener isn't told of: loading, before a round. */
  sendRaw(text: string): void;
  /** Reads no faster from now on; a connection that closes reads at full speed. */
  readAt(rate: ReadRate): void;
  close(): void;
  /** Cuts the socket without a closing handshake. */
  terminate(): void;
}

/** The upgrade failed or the connection was refused. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
}

/**
 * Opens a connection: permessage-deflate off, TCP_NODELAY on (the default of `ws`).
 * @throws {ConnectError} when no WebSocket can be opened within 10 s
 * @throws {LocalLimitError} when this machine has no more files or ports for it
 */
export function openConnection(options: ConnectionOptions): Promise<ClientConnection> {
  const { connection, clock, reader, wire } = options;
  const socket = new WebSocket(options.url, {
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    // The reader looks at it, so that bad UTF-8 is a finding and not the end of the connection.
    skipUTF8Validation: true,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
  });
  let closedByClient = false;
  let lastError: Error | undefined;
  // What is read from the socket at once has arrived at once: one stamp for all of its messages. What is sent in
  // between moves it on, so that stamps of a connection never go back.
  let arrivedNs = 0;

  let stream: Socket | undefined;
  socket.once('upgrade', (response) => {
    stream = response.socket;
  });
  socket.on('message', (data, isBinary) => {
    const payload = asBuffer(data);
    const message = reader.read(payload, isBinary);
    wire.got(connection, message, arrivedNs, payload, isBinary);
    options.onMessage(message, arrivedNs, payload.length);
  });

  return new Promise((resolve, reject) => {
    socket.on('error', (error: Error & { code?: string }) => {
      lastError = error;
      // ws closes the connection itself when a frame breaks RFC 6455 or isn't UTF-8: the relay's fault, so judged.
      if (error.code?.startsWith('WS_ERR')) {
        const broken = { label: 'malformed', problem: error.message, text: '' } as const;
        wire.got(connection, broken, clock(), undefined, false);
      }
    });
    socket.once('open', () => {
      arrivedNs = clock();
      // Not before: ws has to be the one who lets the stream flow.
      const pace = new ReadPace(socket);
      stream?.prependListener('data', (chunk: Buffer) => {
        arrivedNs = clock();
        pace.took(chunk.length);
      });
      wire.opened(connection, arrivedNs);
      resolve({
        connection,
        isOpen: () => socket.readyState === WebSocket.OPEN,
        send(payload, message, isBinary = false) {
          arrivedNs = clock();
          const atNs = arrivedNs;
          wire.sent(connection, message, atNs, payload, isBinary);
          socket.send(payload, { binary: isBinary });
          return atNs;
        },
        sendRaw: (text) => socket.send(text),
        readAt(rate) {
          wire.paced(connection, rate);
          pace.set(rate);
        },
        close() {
          closedByClient = true;
          pace.set('full');
          socket.close(1000);
        },
        terminate() {
          closedByClient = true;
          socket.terminate();
        },
      });
      socket.once('close', (code, reason) => {
        pace.end();
        const atNs = clock();
        const by = closedByClient ? 'client' : 'relay';
        const detail = lastError?.message ?? `${code}${reason.length > 0 ? ` ${reason.toString()}` : ''}`;
        wire.closed(connection, by, detail, atNs);
        options.onClosed(by, detail, atNs);
      });
    });
    socket.once('close', () =>
      reject(
        (lastError && localLimit(lastError)) ??
          new ConnectError(lastError?.message ?? 'closed before the WebSocket was open'),
      ),
    );
  });
}

function asBuffer(data: Buffer | ArrayBuffer | Buffer[]): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { readCannedBook } from './canned-answers.js';
import { Connection } from './connection.js';
import { frame, Opcode } from './frames.js';
import { answerHandshake } from './handshake.js';
import { Subscriptions } from './subscriptions.js';

export interface NullRelayConfig {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** JSON file of `CannedAnswers`; undefined: every REQ gets EOSE alone. */
  readonly cannedFile?: string | undefined;
}

export interface NullRelay {
  readonly port: number;
  connections(): number;
  subscriptions(): number;
  close(): Promise<void>;
}

const MAX_HEAD_BYTES = 16 * 1024;
/** Its information document; connections stay open for more. */
const DOCUMENT = '{"name":"null"}';
const DOCUMENT_ANSWER = `HTTP/1.1 200 OK\r\nContent-Type: application/nostr+json\r\nContent-Length: ${DOCUMENT.length}\r\n\r\n${DOCUMENT}`;

const END_OF_HEAD = '\r\n\r\n';

/**
 * The floor (contracts.md, "The null relay"): canned frames and OKs over a bare TCP server, since whatever it did
 * besides would be counted as the harness's own time.
 * @throws {Error} when the canned file can't be used, or the port is taken.
 */
export async function startNullRelay(config: NullRelayConfig): Promise<NullRelay> {
  const book = readCannedBook(config.cannedFile);
  const subscriptions = new Subscriptions(book);
  const challenge = frame(Opcode.text, `["AUTH","${randomBytes(16).toString('hex')}"]`);
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // A client that is gone shows as `close` as well.
    socket.on('error', () => socket.destroy());
    onRequest(socket, (requestHead, rest) => {
      const { upgraded, head } = answerHandshake(requestHead);
      if (!upgraded) {
        socket.end(head);
        return;
      }
      socket.write(Buffer.concat([Buffer.from(head, 'latin1'), challenge]));
      const connection = new Connection(socket, book, subscriptions);
      socket.on('data', (chunk: Buffer) => connection.receive(chunk));
      if (rest.length > 0) connection.receive(rest);
    });
  });
  const port = await listen(server, config);
  return {
    port,
    connections: () => sockets.size,
    subscriptions: () => subscriptions.count,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Calls back once with the head of the HTTP request that isn't for the document, and the bytes after it. */
function onRequest(socket: Socket, then: (head: string, rest: Buffer) => void): void {
  let received = Buffer.alloc(0);
  const collect = (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    const end = received.indexOf(END_OF_HEAD);
    if (end === -1) {
      if (received.length > MAX_HEAD_BYTES) socket.destroy();
      return;
    }
    const head = received.toString('latin1', 0, end);
    const rest = received.subarray(end + END_OF_HEAD.length);
    if (isForDocument(head)) {
      socket.write(DOCUMENT_ANSWER);
      received = Buffer.alloc(0);
      if (rest.length > 0) collect(rest);
      return;
    }
    socket.off('data', collect);
    then(head, rest);
  };
  socket.on('data', collect);
}

function isForDocument(head: string): boolean {
  return head.startsWith('GET ') && /^accept:[ \t]*application\/nostr\+json/im.test(head);
}

function listen(server: Server, { host, port }: NullRelayConfig): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      if (typeof address === 'object' && address) resolve(address.port);
    });
  });
}

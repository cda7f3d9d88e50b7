import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { InputError } from '../errors.js';
import { randomStream } from '../scenario/random.js';
import { Link } from './link.js';
import { type Fault, type NetworkConditions, PERFECT_NETWORK, type WireProxy } from './network.js';

export interface ByteProxyOptions {
  /** `ws://…`; the proxy leaves TLS, HTTP and WebSocket alone, so it can't stand before `wss://`. */
  readonly upstream: string;
  readonly network?: NetworkConditions | undefined;
  /** What goes wrong with a connection; they are numbered from 1 in the order in which they are accepted. */
  readonly faultOf?: ((connection: number) => Fault | undefined) | undefined;
  /** The jitter comes from it. */
  readonly seed: number;
}

/**
 * A proxy below WebSocket: it delays, throttles, stalls and cuts streams of bytes and knows nothing of messages.
 * @throws {InputError} for an upstream that isn't `ws://`
 */
export async function startByteProxy(options: ByteProxyOptions): Promise<WireProxy> {
  const upstream = new URL(options.upstream);
  if (upstream.protocol !== 'ws:') {
    throw new InputError([
      {
        message: `network conditions can't be played before ${options.upstream}: its bytes are encrypted`,
        hint: 'leave out network, or give an address that begins with ws://',
      },
    ]);
  }
  const pairs = new Set<Pair>();
  let accepted = 0;
  const noDelay = options.network?.nagle !== true;
  const server = createServer({ allowHalfOpen: true, noDelay }, (client) => {
    accepted += 1;
    const pair = new Pair(client, upstream, accepted, options);
    pairs.add(pair);
    void pair.over.then(() => pairs.delete(pair));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    url: `ws://127.0.0.1:${port}${upstream.pathname === '/' ? '' : upstream.pathname}${upstream.search}`,
    connections: () => pairs.size,
    close() {
      for (const pair of pairs) pair.end();
      closing ??= new Promise((resolve) => server.close(() => resolve()));
      return closing;
    },
  };
}

/** A client's socket and the one to the relay. */
class Pair {
  readonly over: Promise<void>;
  readonly #sockets: readonly Socket[];
  readonly #links: readonly Link[];
  #settle: () => void = () => {};

  constructor(client: Socket, upstream: URL, connection: number, options: ByteProxyOptions) {
    this.over = new Promise((resolve) => {
      this.#settle = resolve;
    });
    const relay = connect({
      host: upstream.hostname.replace(/^\[|\]$/g, ''),
      port: Number(upstream.port || 80),
      allowHalfOpen: true,
      noDelay: options.network?.nagle !== true,
    });
    this.#sockets = [client, relay];
    const network = options.network ?? PERFECT_NETWORK;
    const fault = options.faultOf?.(connection);
    const link = (from: Socket, to: Socket, way: string, admit: (bytes: number) => number): Link =>
      new Link(from, to, {
        network,
        random: randomStream(options.seed, 'proxy', connection, way),
        clockMs: () => performance.now(),
        admit,
        onRefused: () => this.#strike(fault),
      });
    const all = (bytes: number): number => bytes;
    this.#links = [
      link(client, relay, 'to relay', all),
      link(relay, client, 'to client', fault ? upTo(fault.afterBytes) : all),
    ];
    for (const socket of this.#sockets) {
      socket.on('error', () => this.end());
      socket.once('close', () => this.#closed(socket));
    }
  }

  end(): void {
    for (const link of this.#links) link.stop();
    for (const socket of this.#sockets) socket.destroy();
    this.#settle();
  }

  #strike(fault: Fault | undefined): void {
    if (fault?.kind !== 'half-open') {
      for (const socket of this.#sockets) socket.resetAndDestroy();
      return;
    }
    for (const link of this.#links) link.stop();
  }

  /** A side that is gone without its end, or after both ends, takes the other along. */
  #closed(socket: Socket): void {
    const orderly = socket.readableEnded && !socket.errored;
    if (!orderly || this.#sockets.every(({ destroyed }) => destroyed)) this.end();
  }
}

/** Admits so many bytes in all. */
function upTo(limit: number): (bytes: number) => number {
  let left = limit;
  return (bytes) => {
    const admitted = Math.min(bytes, left);
    left -= admitted;
    return admitted;
  };
}

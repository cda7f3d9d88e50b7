import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { WireProxy } from './network.js';

/** First byte of a WebSocket frame (RFC 6455, 5.2): a text message of which more fragments follow. */
const FIRST_FRAGMENT_OF_TEXT = 0x01;

/**
 * A proxy that passes bytes until a client sends the first fragment of a message: nothing of that connection
 * reaches the relay from then on. It looks where writes begin, and so needs a client that writes a frame at a time.
 */
export async function startFragmentDroppingProxy(upstream: string): Promise<WireProxy> {
  const { hostname, port } = new URL(upstream);
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    const relay = connect({ host: hostname, port: Number(port), noDelay: true });
    let isDeaf = false;
    client.on('data', (bytes) => {
      isDeaf ||= bytes[0] === FIRST_FRAGMENT_OF_TEXT;
      if (!isDeaf) relay.write(bytes);
    });
    relay.pipe(client);
    for (const [one, other] of [
      [client, relay],
      [relay, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.once('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => sockets.size / 2,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

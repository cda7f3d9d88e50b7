import { connect } from 'node:net';

const WITHIN_MS = 1_000;

/** Whether somebody listens where a relay does. False only where the connection is refused: a busy relay listens, too. */
export function listens(webSocketUrl: string): Promise<boolean> {
  const { protocol, hostname, port } = new URL(webSocketUrl);
  const fallback = protocol === 'wss:' ? 443 : 80;
  return new Promise((resolve) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || fallback) });
    const settle = (answer: boolean) => (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(WITHIN_MS, settle(true));
    socket.once('connect', settle(true));
    socket.once('error', (error: NodeJS.ErrnoException) => settle(error.code !== 'ECONNREFUSED')());
  });
}

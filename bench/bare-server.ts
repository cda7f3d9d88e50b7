/**
 * The yardstick: the least that a WebSocket server over `ws` does. `["REQ",id,{"limit":n}]` is answered by n prepared
 * frames in corked writes and an EOSE; `["EVENT",…]` goes unread to every client that has sent a REQ, and is answered
 * by an OK. Argument: the port.
 */

import type { Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

/** The size of a usual note on the wire. */
const FRAME_BYTES = 670;

/** Frames a cork: ws writes each frame in two parts, and what is corked leaves in one call of the system. */
const FRAMES_A_CORK = 100;

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(process.argv[2]),
  perMessageDeflate: false,
});
const subscribers = new Set<WebSocket>();
const envelope = '["EVENT","bench",""]';
const event = Buffer.from(`["EVENT","bench","${'x'.repeat(FRAME_BYTES - envelope.length)}"]`);

server.on('connection', (webSocket, request) => {
  const { socket } = request;
  webSocket.on('close', () => subscribers.delete(webSocket));
  webSocket.on('error', () => undefined);
  webSocket.on('message', (data) => {
    if (!Buffer.isBuffer(data)) return;
    if (data.toString('latin1', 2, 5) === 'REQ') {
      subscribers.add(webSocket);
      void answer(webSocket, socket, limitIn(data));
    } else if (data.toString('latin1', 2, 7) === 'EVENT') {
      for (const subscriber of subscribers) subscriber.send(event, { binary: false });
      webSocket.send('["OK"]');
    }
  });
});

async function answer(webSocket: WebSocket, socket: Socket, frames: number): Promise<void> {
  for (let sent = 0; sent < frames; sent += FRAMES_A_CORK) {
    socket.cork();
    for (let i = sent; i < Math.min(frames, sent + FRAMES_A_CORK); i += 1)
      webSocket.send(event, { binary: false });
    socket.uncork();
    if (socket.writableNeedDrain) await new Promise((resolve) => socket.once('drain', resolve));
    if (webSocket.readyState !== WebSocket.OPEN) return;
  }
  webSocket.send('["EOSE","bench"]');
}

function limitIn(request: Buffer): number {
  return Number(/"limit":(\d+)/.exec(request.toString('latin1'))?.[1] ?? 0);
}

import { WebSocket } from 'ws';

/** What is told what comes from a client. */
export interface SocketListener {
  message(bytes: Buffer, isBinary: boolean): void;
  ping(): void;
  pong(): void;
  /** A frame broke RFC 6455, or was too large; `ws` has begun to close the connection with the right code. */
  broken(error: Error): void;
  closed(): void;
}

/**
 * A client's WebSocket that knows who listens to it. The functions on it are the same for all clients: a closure for each
 * event and client would be a fifth of what an idle connection weighs.
 */
export class ClientSocket extends WebSocket {
  listener: SocketListener | undefined;

  /** From now on `listener` is told. Called once. */
  listen(listener: SocketListener): void {
    this.listener = listener;
    this.on('message', onMessage);
    this.on('ping', onPing);
    this.on('pong', onPong);
    this.on('error', onError);
    this.on('close', onClose);
  }
}

function onMessage(this: WebSocket, data: unknown, isBinary: boolean): void {
  if (Buffer.isBuffer(data)) listenerOf(this)?.message(data, isBinary);
}

function onPing(this: WebSocket): void {
  listenerOf(this)?.ping();
}

function onPong(this: WebSocket): void {
  listenerOf(this)?.pong();
}

function onError(this: WebSocket, error: Error): void {
  listenerOf(this)?.broken(error);
}

function onClose(this: WebSocket): void {
  listenerOf(this)?.closed();
}

function listenerOf(webSocket: WebSocket): SocketListener | undefined {
  return webSocket instanceof ClientSocket ? webSocket.listener : undefined;
}

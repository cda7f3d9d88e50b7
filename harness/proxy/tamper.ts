import type { IncomingHttpHeaders } from 'node:http';

/** A WebSocket message as it goes over the wire. */
export interface WireMessage {
  readonly payload: Buffer;
  readonly isBinary: boolean;
}

/** Where a tamper sends things; at once, or any time later while the connection lasts. */
export interface Way {
  toClient(message: WireMessage): void;
  toRelay(message: WireMessage): void;
  /** Cuts both sides without a closing handshake. */
  cut(): void;
}

/** Stands between one client and the relay: what it doesn't send on gets lost. */
export interface Tamper {
  fromClient(message: WireMessage, way: Way): void;
  fromRelay(message: WireMessage, way: Way): void;
  /** The client's connection has ended. */
  clientLeft?(): void;
}

/** An answer to a plain HTTP request. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What goes out instead; undefined: the connection is cut without an answer. */
export type HttpTamper = (answer: HttpAnswer) => HttpAnswer | undefined;

export function textMessage(text: string): WireMessage {
  return { payload: Buffer.from(text, 'utf8'), isBinary: false };
}

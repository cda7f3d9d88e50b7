/** What HTTP load is made of, between a load worker and the process that makes it. Plain data, sent over IPC. */

/** `nip11`: GET with the Accept header of NIP-11, connections kept. `upgrade`: a WebSocket handshake on a fresh connection. */
export type HttpRequestKind = 'nip11' | 'upgrade';

export interface HttpOrder {
  /** http: or https:. */
  readonly url: string;
  readonly request: HttpRequestKind;
  readonly connections: number;
  /** Of all connections together; undefined: each asks again once it was answered. */
  readonly perS?: number | undefined;
  readonly durationMs: number;
}

/** What came of one order. */
export interface HttpReport {
  /** From request to answer (of an upgrade: from connecting), of those with the status that was asked for. */
  readonly latency: { readonly histogram: string; readonly sumMs: number; readonly maxMs: number };
  /** Answers in all, and those with another status than 2xx, or 101 where an upgrade was asked for. */
  readonly responses: number;
  readonly unexpected: number;
  /** Requests that got no answer: refused connections, ended ones, timeouts. */
  readonly errors: number;
  /** Of the answers, heads included. */
  readonly bytes: number;
  readonly elapsedMs: number;
}

export type HttpProcessOrder =
  | { readonly type: 'play'; readonly id: number; readonly order: HttpOrder }
  /** End everything that runs; its reports follow. */
  | { readonly type: 'stop' };

export type HttpProcessMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'done'; readonly id: number; readonly report: HttpReport }
  | { readonly type: 'failed'; readonly id: number; readonly message: string };

/** The address of a relay's HTTP side: NIP-11 has it at that of its WebSocket. */
export function httpUrl(relayUrl: string): string {
  return relayUrl.replace(/^ws/i, 'http');
}

/** What the harness uses of autocannon 8, which has no declarations of its own. */
declare module 'autocannon' {
  import type { EventEmitter } from 'node:events';

  /** One of its connections. Events: `request`, `headers` ({statusCode}), `response` (status, bytes, ms). */
  export interface Client extends EventEmitter {
    readonly parser: { execute(chunk: Buffer): unknown };
  }

  export interface Options {
    readonly url: string;
    readonly connections: number;
    /** In seconds. */
    readonly duration: number;
    /** Requests a second, of all connections together. */
    readonly overallRate?: number;
    /** How often it looks whether its time is over, in ms. */
    readonly sampleInt: number;
    /** Seconds until a request without an answer is given up. */
    readonly timeout: number;
    /** Requests after which a connection is replaced. */
    readonly reconnectRate?: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly setupClient: (client: Client) => void;
  }

  export interface Instance extends EventEmitter {
    stop(): void;
  }

  export default function autocannon(options: Options, done: (error: Error | null) => void): Instance;
}

/** The network between clients and relay, as the proxy plays it; the same in both directions of a connection. */
export interface NetworkConditions {
  /** One way: a round trip takes twice as long. */
  readonly latencyMs: number;
  /** Each piece of a stream is delayed by up to so much more or less, evenly drawn; order is kept, as TCP keeps it. */
  readonly jitterMs: number;
  /** Of each connection; undefined: as fast as the machine is. */
  readonly bytesPerS?: number | undefined;
  /**
   * Leave Nagle's algorithm on at the proxy's sockets (RFC 896), as a client or relay that never sets TCP_NODELAY: a small write waits for
   * the acknowledgement of the one before it. Off unless asked for.
   */
  readonly nagle?: boolean | undefined;
}

export const PERFECT_NETWORK: NetworkConditions = { latencyMs: 0, jitterMs: 0 };

/** What goes wrong with a connection once the relay has sent so many bytes, its handshake included. */
export interface Fault {
  /** `cut`: reset, in mid-message if that is where the byte lies. `half-open`: from there on both sides hear nothing. */
  readonly kind: 'cut' | 'half-open';
  readonly afterBytes: number;
}

/** A proxy that listens on loopback. */
export interface WireProxy {
  /** What clients connect to; path and query of the relay's address are kept. */
  readonly url: string;
  /** Connections that are open. */
  connections(): number;
  /** Cuts every connection and stops listening. Safe to call twice. */
  close(): Promise<void>;
}

/** For people: `40 ms one way, ± 5 ms, 64000 bytes/s`. */
export function describeNetwork({ latencyMs, jitterMs, bytesPerS, nagle }: NetworkConditions): string {
  const parts = [
    ...(latencyMs > 0 ? [`${latencyMs} ms one way`] : []),
    ...(jitterMs > 0 ? [`± ${jitterMs} ms`] : []),
    ...(bytesPerS === undefined ? [] : [`${bytesPerS} bytes/s each way of a connection`]),
  ];
  const shape = parts.length === 0 ? 'no delay' : parts.join(', ');
  return nagle ? `${shape} and with Nagle's algorithm on` : shape;
}

import { randomBytes } from 'node:crypto';
import autocannon, { type Client, type Instance } from 'autocannon';
import { LatencyHistogram } from '../../measure/histogram.js';
import type { HttpOrder, HttpReport, HttpRequestKind } from './order.js';

/** How often autocannon looks whether its time is over; what is answered after it isn't counted. */
const LOOK_EVERY_MS = 50;
const TIMEOUT_S = 5;
/** A relay that is gone refuses as fast as anybody can ask: after so many requests without an answer it is left alone. */
const MOST_ERRORS = 1_000;
const END_OF_HEAD = '\r\n\r\n';

/** HTTP load that runs; `stop` ends it early. */
export interface RunningHttp {
  readonly report: Promise<HttpReport>;
  stop(): void;
}

/** Makes HTTP load by autocannon: each of its connections asks again once it was answered, up to the rate if there is one. */
export function playHttp(order: HttpOrder): RunningHttp {
  const tally = new Tally(order);
  let instance: Instance | undefined;
  const stop = (): void => {
    tally.end();
    instance?.stop();
  };
  const report = new Promise<HttpReport>((resolve, reject) => {
    instance = autocannon(
      {
        url: order.url,
        connections: order.connections,
        duration: order.durationMs / 1_000,
        sampleInt: LOOK_EVERY_MS,
        timeout: TIMEOUT_S,
        headers: headersOf(order.request),
        ...(order.perS === undefined ? {} : { overallRate: order.perS }),
        ...(order.request === 'upgrade' ? { reconnectRate: 1 } : {}),
        setupClient: (client) => tally.watch(client, () => stop()),
      },
      (error) => (error ? reject(error) : resolve(tally.report())),
    );
  });
  return { report, stop };
}

function headersOf(request: HttpRequestKind): Readonly<Record<string, string>> {
  if (request === 'nip11') return { accept: 'application/nostr+json' };
  return {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
  };
}

/** Counts what comes of the requests of all connections, from its making until its time is over. */
class Tally {
  readonly #latency = new LatencyHistogram();
  readonly #fromMs = performance.now();
  #untilMs: number;
  #sumMs = 0;
  #maxMs = 0;
  #responses = 0;
  #unexpected = 0;
  #errors = 0;
  #bytes = 0;

  constructor(private readonly order: HttpOrder) {
    this.#untilMs = this.#fromMs + order.durationMs;
  }

  /** @param giveUp called when too many requests got no answer */
  watch(client: Client, giveUp: () => void): void {
    let askedMs: number | undefined;
    client.on('request', () => {
      // Whoever asks while an answer is missing has lost the connection, or its patience.
      if (askedMs !== undefined && this.#counts()) this.#errors += 1;
      if (this.#errors > MOST_ERRORS) giveUp();
      askedMs = performance.now();
    });
    const answered = (status: number, bytes: number): void => {
      const ms = askedMs === undefined ? 0 : performance.now() - askedMs;
      askedMs = undefined;
      this.#answered(status, bytes, ms);
    };
    if (this.order.request === 'nip11') {
      client.on('response', answered);
      return;
    }
    // Of a connection that is replaced after each answer, autocannon reports none; its head says all.
    client.on('headers', ({ statusCode }: { readonly statusCode: number }) => answered(statusCode, 0));
    this.#readHeadsAlone(client);
  }

  end(): void {
    this.#untilMs = Math.min(this.#untilMs, performance.now());
  }

  report(): HttpReport {
    this.end();
    return {
      latency: { histogram: this.#latency.encode(), sumMs: this.#sumMs, maxMs: this.#maxMs },
      responses: this.#responses,
      unexpected: this.#unexpected,
      errors: this.#errors,
      bytes: this.#bytes,
      elapsedMs: this.#untilMs - this.#fromMs,
    };
  }

  /** What follows the head of an upgrade is no HTTP: a relay may send its AUTH challenge right behind it. */
  #readHeadsAlone(client: Client): void {
    const execute = client.parser.execute.bind(client.parser);
    client.parser.execute = (chunk) => {
      const end = chunk.indexOf(END_OF_HEAD);
      const head = end < 0 ? chunk : chunk.subarray(0, end + END_OF_HEAD.length);
      if (this.#counts()) this.#bytes += head.length;
      const isUpgrade = chunk.toString('latin1', 0, 12).startsWith('HTTP/1.1 101');
      return execute(isUpgrade ? head : chunk);
    };
  }

  #counts(): boolean {
    return performance.now() <= this.#untilMs;
  }

  #answered(status: number, bytes: number, ms: number): void {
    if (!this.#counts()) return;
    this.#responses += 1;
    this.#bytes += bytes;
    const isWanted = this.order.request === 'upgrade' ? status === 101 : status >= 200 && status < 300;
    if (!isWanted) {
      this.#unexpected += 1;
      return;
    }
    this.#latency.record(ms);
    this.#sumMs += ms;
    this.#maxMs = Math.max(this.#maxMs, ms);
  }
}

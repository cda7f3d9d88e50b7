import type { Registry } from 'prom-client';
import { RECEIVED_LABELS, type TrafficCounters } from './counters.js';
import { REFUSED_FOR, type RefusedFor } from './door.js';
import { HELD_FOR, type HeldBytes } from './held-bytes.js';

/** The relay's figures at the moment of asking. */
export interface RelayFigures {
  connections(): number;
  /** Connections since the start. */
  connectionsOpened(): number;
  /** Clients that were turned away since the start. */
  turnedAway(why: RefusedFor): number;
  subscriptions(): number;
  storedEvents(): number;
  /** Sums over all connections since the start. */
  traffic(): TrafficCounters;
  held(): HeldBytes;
}

/** What `/metrics` serves. */
export interface Metrics {
  readonly contentType: string;
  /** The Prometheus text. */
  text(): Promise<string>;
  /** A REQ was answered up to EOSE. */
  answered(durationMs: number): void;
}

const MS_PER_S = 1_000;

/** Seconds; from an answer out of memory to one that waited for a slow source. */
const ANSWER_BUCKETS_S = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];

/**
 * Prometheus metrics over the sums that the relay keeps anyway, read when they are asked for. With them go prom-client's
 * own of the process: CPU, memory, file descriptors, GC, event-loop delay. prom-client is loaded here and nowhere else.
 */
export async function openMetrics(figures: RelayFigures): Promise<Metrics> {
  const prometheus = await import('prom-client');
  const registry = new prometheus.Registry();
  prometheus.collectDefaultMetrics({ register: registry });
  const instruments = new Instruments(prometheus, registry);
  addGauges(instruments, figures);
  addSums(instruments, figures);
  const answers = new prometheus.Histogram({
    name: 'relay_req_duration_seconds',
    help: 'From the start of a REQ to its EOSE.',
    buckets: ANSWER_BUCKETS_S,
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    answered: (durationMs) => answers.observe(durationMs / MS_PER_S),
  };
}

function addGauges(instruments: Instruments, figures: RelayFigures): void {
  instruments.gauge('relay_connections', 'WebSocket connections that are open.', () => figures.connections());
  instruments.gauge('relay_subscriptions', 'Subscriptions that are open.', () => figures.subscriptions());
  instruments.gauge('relay_stored_events', 'Events in the store.', () => figures.storedEvents());
  instruments.gaugeBy(
    'relay_held_bytes',
    'Bytes held for clients, counted exactly.',
    'in',
    () => new Map(HELD_FOR.map((what) => [what, figures.held().of(what)])),
  );
}

function addSums(instruments: Instruments, figures: RelayFigures): void {
  const traffic = () => figures.traffic();
  instruments.sum('relay_connections_opened_total', 'WebSocket connections since the start.', () =>
    figures.connectionsOpened(),
  );
  instruments.sumsBy(
    'relay_connections_refused_total',
    'Clients that were turned away before the WebSocket upgrade.',
    'for',
    () => new Map(REFUSED_FOR.map((why) => [why, figures.turnedAway(why)])),
  );
  instruments.sum('relay_events_sent_total', 'Stored events sent in answers.', () => traffic().eventsSent);
  instruments.sum(
    'relay_live_deliveries_total',
    'Live events sent to subscriptions.',
    () => traffic().liveDeliveries,
  );
  instruments.sum(
    'relay_bytes_received_total',
    'Bytes of WebSocket messages from clients.',
    () => traffic().bytesReceived,
  );
  instruments.sumsBy('relay_messages_received_total', 'Messages from clients.', 'label', () => {
    const { received } = traffic();
    return new Map(RECEIVED_LABELS.map((label) => [label, received[label]]));
  });
  instruments.sumsBy(
    'relay_refused_total',
    'Refusals: REQs by CLOSED, EVENTs and AUTHs by OK false.',
    'by',
    () => {
      const { closed, rejected } = traffic();
      return new Map([
        ['CLOSED', closed],
        ['OK', rejected],
      ]);
    },
  );
}

/** Instruments of one registry that take their values from outside, each time they are read. */
class Instruments {
  readonly #prometheus: typeof import('prom-client');
  readonly #registers: Registry[];

  constructor(prometheus: typeof import('prom-client'), registry: Registry) {
    this.#prometheus = prometheus;
    this.#registers = [registry];
  }

  gauge(name: string, help: string, value: () => number): void {
    const registers = this.#registers;
    new this.#prometheus.Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  }

  gaugeBy(name: string, help: string, label: string, values: () => ReadonlyMap<string, number>): void {
    const registers = this.#registers;
    new this.#prometheus.Gauge({
      name,
      help,
      registers,
      labelNames: [label],
      collect() {
        for (const [key, value] of values()) this.set({ [label]: key }, value);
      },
    });
  }

  sum(name: string, help: string, value: () => number): void {
    const registers = this.#registers;
    new this.#prometheus.Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(value());
      },
    });
  }

  sumsBy(name: string, help: string, label: string, values: () => ReadonlyMap<string, number>): void {
    const registers = this.#registers;
    new this.#prometheus.Counter({
      name,
      help,
      registers,
      labelNames: [label],
      collect() {
        this.reset();
        for (const [key, value] of values()) this.inc({ [label]: key }, value);
      },
    });
  }
}

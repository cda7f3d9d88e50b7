/** Unit of a metric's values, as results write it. */
export type MetricUnit = 'ms' | 'bytes' | '1/s' | 's' | 'count';

/**
 * How a metric comes about. `distribution`: many samples a round, in a histogram. `round`: one value a round.
 * `count`: an exact number; not an estimate, so no interval.
 */
export type MetricShape = 'distribution' | 'round' | 'count';

export interface MetricDefinition {
  readonly unit: MetricUnit;
  readonly shape: MetricShape;
  /** One sentence for a reader of the report. */
  readonly definition: string;
  /** Whether smaller values are better; undefined where neither is. */
  readonly lowerIsBetter?: boolean;
}

/** Every metric of results.json: unit and definition in one place, for reports, gates and docs. */
export const METRICS = {
  connect: {
    unit: 'ms',
    shape: 'distribution',
    definition: 'From when the connect step was due to the open WebSocket.',
    lowerIsBetter: true,
  },
  auth: {
    unit: 'ms',
    shape: 'distribution',
    definition: 'From when an AUTH could be sent (due, and challenge known) to its OK.',
    lowerIsBetter: true,
  },
  'req.ttfe': {
    unit: 'ms',
    shape: 'distribution',
    definition:
      'Time to first event: from when the REQ was due to its first EVENT. REQs without an EVENT have none.',
    lowerIsBetter: true,
  },
  'req.eose': {
    unit: 'ms',
    shape: 'distribution',
    definition: 'From when the REQ was due to its EOSE.',
    lowerIsBetter: true,
  },
  'count.latency': {
    unit: 'ms',
    shape: 'distribution',
    definition: 'From when the COUNT was due to the COUNT that answered it.',
    lowerIsBetter: true,
  },
  'event.ok': {
    unit: 'ms',
    shape: 'distribution',
    definition: 'From when the EVENT was due to its OK.',
    lowerIsBetter: true,
  },
  'event.delivery': {
    unit: 'ms',
    shape: 'distribution',
    definition: 'From when an EVENT was sent to its arrival on a subscription that was past EOSE.',
    lowerIsBetter: true,
  },
  'http.latency': {
    unit: 'ms',
    shape: 'distribution',
    definition:
      'From an HTTP request to its answer of status 2xx; of an upgrade, from connecting to status 101. A connection asks again once it was answered.',
    lowerIsBetter: true,
  },
  'http.errors': {
    unit: 'count',
    shape: 'count',
    definition: 'HTTP requests without an answer: connections that were refused or ended, and timeouts.',
    lowerIsBetter: true,
  },
  'http.unexpected': {
    unit: 'count',
    shape: 'count',
    definition: 'HTTP answers with another status than 2xx, or, of an upgrade, than 101.',
    lowerIsBetter: true,
  },
  'http.rate': {
    unit: '1/s',
    shape: 'round',
    definition: 'HTTP answers per second while HTTP load was on in measured phases.',
    lowerIsBetter: false,
  },
  'http.bytes.rate': {
    unit: 'bytes',
    shape: 'round',
    definition: 'Bytes of HTTP answers per second while HTTP load was on in measured phases.',
  },
  'events.received.rate': {
    unit: '1/s',
    shape: 'round',
    definition: 'EVENT messages received per second of the measured window.',
  },
  'bytes.received.rate': {
    unit: 'bytes',
    shape: 'round',
    definition: 'WebSocket payload bytes received per second of the measured window.',
  },
  refused: {
    unit: 'count',
    shape: 'count',
    definition: 'REQs and COUNTs answered by CLOSED, and EVENTs answered by OK false.',
  },
  lost: {
    unit: 'count',
    shape: 'count',
    definition: 'Answers and live events that were owed and never came.',
    lowerIsBetter: true,
  },
  late: {
    unit: 'count',
    shape: 'count',
    definition: 'Answers that came after the deadline.',
    lowerIsBetter: true,
  },
  lateness: {
    unit: 'ms',
    shape: 'distribution',
    definition: 'How long after its due time the generator sent a step: the harness, not the relay.',
    lowerIsBetter: true,
  },
  'memory.rss.peak': {
    unit: 'bytes',
    shape: 'round',
    definition: 'Largest resident set size among the samples of the measured window.',
    lowerIsBetter: true,
  },
  'memory.anon.peak': {
    unit: 'bytes',
    shape: 'round',
    definition: 'Largest anonymous memory (RssAnon: without mapped files) among the samples of the window.',
    lowerIsBetter: true,
  },
  'memory.heap.peak': {
    unit: 'bytes',
    shape: 'round',
    definition: 'Largest V8 heap in use among the samples that the relay took of itself.',
    lowerIsBetter: true,
  },
  'memory.external.peak': {
    unit: 'bytes',
    shape: 'round',
    definition: 'Largest memory that V8 knows of outside its heap (buffers), as the relay saw it of itself.',
    lowerIsBetter: true,
  },
  'memory.held.peak': {
    unit: 'bytes',
    shape: 'round',
    definition:
      'Most bytes that the relay counted as held in answers, outboxes, caches and subscriptions at one moment.',
    lowerIsBetter: true,
  },
  'cpu.time': {
    unit: 's',
    shape: 'round',
    definition:
      'CPU time, user and system, that the relay’s processes (its children too) used in the measured window.',
    lowerIsBetter: true,
  },
  'cpu.user': {
    unit: 's',
    shape: 'round',
    definition: 'The part of the CPU time that was spent in user mode.',
    lowerIsBetter: true,
  },
  'cpu.system': {
    unit: 's',
    shape: 'round',
    definition: 'The part of the CPU time that was spent in the kernel: sockets, files, memory.',
    lowerIsBetter: true,
  },
  'switches.voluntary': {
    unit: 'count',
    shape: 'round',
    definition: 'Context switches in the window because a thread of the relay had to wait.',
    lowerIsBetter: true,
  },
  'switches.involuntary': {
    unit: 'count',
    shape: 'round',
    definition: 'Context switches in the window because another thread was given the core.',
    lowerIsBetter: true,
  },
  'gc.count': {
    unit: 'count',
    shape: 'round',
    definition: 'Garbage collections of the relay in the window.',
    lowerIsBetter: true,
  },
  'gc.pause': {
    unit: 'ms',
    shape: 'round',
    definition: 'Time that the relay spent in garbage collections in the window, in all.',
    lowerIsBetter: true,
  },
  'gc.pause.max': {
    unit: 'ms',
    shape: 'round',
    definition: 'Longest garbage collection of the relay in the window.',
    lowerIsBetter: true,
  },
  'connections.peak': {
    unit: 'count',
    shape: 'round',
    definition: 'Most WebSocket connections that the relay had open at one of its samples in the window.',
  },
  'subscriptions.peak': {
    unit: 'count',
    shape: 'round',
    definition: 'Most subscriptions that the relay had open at one of its samples in the window.',
  },
  'eventloop.delay': {
    unit: 'ms',
    shape: 'round',
    definition: 'Largest event-loop delay that the relay saw of itself in the window.',
    lowerIsBetter: true,
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;

/** The metrics of one shape. */
export type MetricNameOf<Shape extends MetricShape> = {
  [Name in MetricName]: (typeof METRICS)[Name]['shape'] extends Shape ? Name : never;
}[MetricName];

export function isMetricName(name: string): name is MetricName {
  return Object.hasOwn(METRICS, name);
}

export function metricDefinition(name: MetricName): MetricDefinition {
  return METRICS[name];
}

/** How metrics and differences are called in sentences and headings. */
import { isMetricName, metricDefinition } from '../harness/results.js';
import { printable } from './printable.js';

interface Naming {
  /** In a heading or the middle of a sentence. */
  readonly name: string;
  /** What a relay does that has less: "streaming *answers* 1.8× *sooner*". */
  readonly verb: string;
  readonly less: string;
}

const LATENCY = { less: 'sooner' };
const AMOUNT = { verb: 'uses', less: 'less' };

const NAMES: Readonly<Record<string, Naming>> = {
  connect: { name: 'time to connect', verb: 'accepts connections', ...LATENCY },
  auth: { name: 'time to authenticate', verb: 'authenticates', ...LATENCY },
  'req.ttfe': { name: 'time to first event', verb: 'sends its first event', ...LATENCY },
  'req.eose': { name: 'time to EOSE', verb: 'completes answers', ...LATENCY },
  'count.latency': { name: 'time to COUNT', verb: 'counts', ...LATENCY },
  'http.latency': { name: 'HTTP latency', verb: 'answers HTTP', ...LATENCY },
  'http.rate': { name: 'HTTP answers', verb: 'answers HTTP', less: 'less often' },
  'http.bytes.rate': { name: 'HTTP bytes', verb: 'sends over HTTP', less: 'fewer bytes a second' },
  'http.errors': {
    name: 'HTTP requests without an answer',
    verb: 'leaves HTTP unanswered',
    less: 'less often',
  },
  'http.unexpected': { name: 'HTTP answers of another status', verb: 'refuses HTTP', less: 'less often' },
  'event.ok': { name: 'time to OK', verb: 'acknowledges events', ...LATENCY },
  'event.delivery': { name: 'publish to delivery', verb: 'delivers live events', ...LATENCY },
  'events.received.rate': { name: 'events received', verb: 'sends', less: 'fewer events a second' },
  'bytes.received.rate': { name: 'bytes received', verb: 'sends', less: 'fewer bytes a second' },
  refused: { name: 'refused', verb: 'refuses', less: 'less' },
  lost: { name: 'lost', verb: 'loses', less: 'less' },
  late: { name: 'late', verb: 'is late', less: 'less often' },
  lateness: { name: 'lateness of the generator', verb: 'was asked', less: 'less late' },
  'memory.rss.peak': { name: 'resident memory, peak', ...AMOUNT, less: 'less resident memory' },
  'memory.anon.peak': { name: 'anonymous memory, peak', ...AMOUNT, less: 'less anonymous memory' },
  'memory.heap.peak': { name: 'V8 heap, peak', ...AMOUNT, less: 'less heap' },
  'memory.held.peak': { name: 'bytes held, peak', verb: 'holds', less: 'fewer bytes' },
  'memory.external.peak': {
    name: 'memory outside the V8 heap, peak',
    ...AMOUNT,
    less: 'less external memory',
  },
  'cpu.time': { name: 'CPU time', ...AMOUNT, less: 'less CPU time' },
  'cpu.user': { name: 'CPU time, user', ...AMOUNT, less: 'less CPU time in user mode' },
  'cpu.system': { name: 'CPU time, system', ...AMOUNT, less: 'less CPU time in the kernel' },
  'switches.voluntary': { name: 'context switches, voluntary', verb: 'waits', less: 'less often' },
  'switches.involuntary': {
    name: 'context switches, involuntary',
    verb: 'is interrupted',
    less: 'less often',
  },
  'gc.count': { name: 'garbage collections', verb: 'collects garbage', less: 'less often' },
  'gc.pause': { name: 'garbage collection, in all', verb: 'collects garbage', less: 'for less time' },
  'gc.pause.max': {
    name: 'garbage collection, longest',
    verb: 'collects garbage',
    less: 'for less time at once',
  },
  'connections.peak': { name: 'open connections, most', verb: 'holds', less: 'fewer connections' },
  'subscriptions.peak': { name: 'open subscriptions, most', verb: 'holds', less: 'fewer subscriptions' },
  'eventloop.delay': { name: 'event-loop delay', verb: 'blocks its event loop', less: 'for less time' },
};

const SERIES: Readonly<Record<string, string>> = {
  'memory.rss': 'resident memory (RSS)',
  'memory.anon': 'anonymous memory',
  'memory.heap': 'V8 heap in use',
  'memory.held': 'held for clients',
  'memory.external': 'memory outside the V8 heap',
  connections: 'open connections',
  subscriptions: 'open subscriptions',
  'gc.pause': 'garbage collection between samples',
};

export function metricNaming(metric: string): Naming {
  return (
    NAMES[metric] ?? { name: printable(metric, 60), verb: `has ${printable(metric, 60)}`, less: 'lower' }
  );
}

/** Name of a series, which may be called like the metric that is its peak. */
export function seriesName(metric: string): string {
  const stem = metric.replace(/\.peak$/, '');
  return SERIES[stem] ?? metricNaming(metric).name;
}

export function metricMeaning(metric: string): string | undefined {
  return isMetricName(metric) ? metricDefinition(metric).definition : undefined;
}

/** Capital first letter, for the start of a sentence or a heading. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

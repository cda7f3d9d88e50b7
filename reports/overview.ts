/** The few figures of each relay that a terminal or a summary has room for. */
import type { RelayResult, Results } from '../harness/results.js';
import { ABSENT, formatRatio, formatValue } from './format.js';
import { isSpoiled, metricOf, perSecond } from './select.js';

export interface OverviewRow {
  readonly label: string;
  /** One text a relay, in the order of `results.relays`. */
  readonly cells: readonly string[];
}

type Figure = 'p50' | 'p90' | 'p99' | 'mean';

/** Shown when they were measured; those of live events and writes only when the run compares them. */
const LATENCIES = [
  ['first event', 'req.ttfe'],
  ['EOSE', 'req.eose'],
  ['COUNT', 'count.latency'],
  ['HTTP', 'http.latency'],
] as const;

const COMPARED_LATENCIES = [
  ['delivery', 'event.delivery'],
  ['OK', 'event.ok'],
  ['AUTH', 'auth'],
  ['connect', 'connect'],
] as const;

const AMOUNTS = [
  ['memory (RSS) peak', 'memory.rss.peak'],
  ['CPU a round', 'cpu.time'],
  ['events received', 'events.received.rate'],
  ['HTTP answers', 'http.rate'],
] as const;

/** Exact numbers, shown where anything was counted. */
const COUNTS = [
  ['HTTP without answer', 'http.errors'],
  ['HTTP, other status', 'http.unexpected'],
] as const;

/** Rows for the relays of `results`; rows in which no relay has a figure are left out. */
export function overviewRows(results: Results): readonly OverviewRow[] {
  const row = (label: string, cell: (relay: RelayResult) => string): OverviewRow => ({
    label,
    cells: results.relays.map(cell),
  });
  const compared = COMPARED_LATENCIES.filter(([, name]) =>
    results.comparisons.some(({ metric }) => metric === name),
  );
  const figures = [...compared, ...LATENCIES].flatMap(([label, metric]) =>
    (['p50', 'p90', 'p99'] as const).map((figure) =>
      row(`${label} ${figure}`, (relay) => shown(results, relay, metric, figure)),
    ),
  );
  const amounts = AMOUNTS.map(([label, metric]) =>
    row(label, (relay) => shown(results, relay, metric, 'p50')),
  );
  const counts = COUNTS.map(([label, metric]) =>
    row(label, (relay) => formatValue(metricOf(relay, metric)?.count, 'count')),
  );
  const headroom = row('harness headroom', ({ name }) => headroomOver(results, name));
  return [...figures, ...amounts, ...counts, row('failed checks', failures), headroom].filter(({ cells }) =>
    cells.some((cell) => cell !== ABSENT),
  );
}

/** Stands beside a figure that a warning spoils. */
export const SPOILED_MARK = '!';

function shown(results: Results, relay: RelayResult, metric: string, figure: Figure): string {
  const entry = metricOf(relay, metric);
  const text = formatValue(entry?.[figure], entry?.unit ?? '');
  if (!entry || text === ABSENT) return text;
  const mark = isSpoiled(results, relay.name, entry, figure) ? ` ${SPOILED_MARK}` : '';
  return `${text}${perSecond(entry.metric)}${mark}`;
}

/** How many times the load the generator could have carried while it loaded this relay. */
function headroomOver({ harness }: Results, name: string): string {
  const headroom = harness.perRelay.find(({ relay }) => relay === name)?.headroom ?? null;
  return headroom === null ? ABSENT : `${formatRatio(headroom)}×`;
}

function failures({ conformance }: RelayResult): string {
  return conformance ? `${conformance.failed} of ${conformance.checked}` : ABSENT;
}

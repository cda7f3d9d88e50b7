/** Why two numbers of samples that a reader expects to agree do not: in words, for a line below a table. */
import type { MetricLabels, Results } from '../harness/results.js';
import { formatCount } from './format.js';
import { printable } from './printable.js';
import { metricOf } from './select.js';

const UNANSWERED = ['refused', 'lost'] as const;

/** Says why relays have different numbers of samples; undefined where they have the same. */
export function unequalSamples(results: Results, metric: string, labels: MetricLabels): string | undefined {
  const measured = results.relays.filter(({ status }) => status === 'ok');
  const counts = measured.flatMap((relay) => metricOf(relay, metric, labels)?.count ?? []);
  if (new Set(counts).size < 2) return undefined;
  const isCutShort = measured.some(
    (relay) =>
      (relay.work?.connectionsLost ?? 0) > 0 ||
      UNANSWERED.some((name) => (metricOf(relay, name)?.count ?? 0) > 0),
  );
  return [
    'The relays have different numbers of samples. A step that waits for an answer is due when that came, so a slower relay has fewer steps due in the measured window; each that was due in it counts in full, also if its answer came after the window.',
    isCutShort ? 'What was refused, lost or cut off has no sample.' : '',
  ]
    .filter(Boolean)
    .join(' ');
}

/** Says why the median EOSE comes before the median first event; undefined where it doesn't. */
export function emptyAnswers(results: Results, metric: string, labels: MetricLabels): string | undefined {
  if (metric !== 'req.eose' && metric !== 'req.ttfe') return undefined;
  const empty = results.relays.flatMap((relay) => {
    const eose = metricOf(relay, 'req.eose', labels);
    const first = metricOf(relay, 'req.ttfe', labels);
    const isBefore = (eose?.p50 ?? Number.POSITIVE_INFINITY) < (first?.p50 ?? 0);
    if (!eose || !first || !isBefore || eose.count <= first.count) return [];
    return [
      `${printable(relay.name, 40)} ${formatCount(eose.count - first.count)} of ${formatCount(eose.count)}`,
    ];
  });
  if (empty.length === 0) return undefined;
  return `The median EOSE comes before the median first event because they are medians of different answers: an empty one has an EOSE and no first event. Empty were: ${empty.join(', ')}.`;
}

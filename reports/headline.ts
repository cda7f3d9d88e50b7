/** The one metric that a summary shows of each relay, and how relays stand to the first of them in it. */
import type { Comparison, MetricLabels, Results } from '../harness/results.js';
import { contenders, metricOf } from './select.js';

export interface Headline {
  readonly metric: string;
  readonly labels: MetricLabels;
}

/** Asked for where nothing is compared. */
const USUAL = ['req.eose', 'event.ok', 'event.delivery', 'http.latency', 'count.latency', 'connect'] as const;

/** What is compared, EOSE before all else; or what was measured. Undefined for a run without figures. */
export function headlineOf(results: Results): Headline | undefined {
  const compared = results.comparisons.filter(({ statistic }) => statistic === 'p50');
  const usual = USUAL.filter((metric) => contenders(results).some((relay) => metricOf(relay, metric)));
  return (
    compared.find(({ metric }) => metric === 'req.eose') ??
    compared[0] ??
    usual.map((metric) => ({ metric, labels: {} }))[0]
  );
}

/** How many times the first relay's p50 a relay's is, and what may be said of that. */
export interface Standing {
  readonly ratio: number | null;
  readonly ci95: readonly [low: number, high: number] | null;
  readonly verdict: 'lower' | 'higher' | Exclude<Comparison['verdict'], 'a-lower' | 'b-lower'>;
  readonly reason: string | undefined;
}

/** Undefined for the first relay itself, and where the two weren't compared. */
export function standingOf(
  results: Results,
  { metric, labels }: Headline,
  name: string,
): Standing | undefined {
  const first = contenders(results)[0]?.name;
  const found = results.comparisons.find(
    (one) =>
      one.metric === metric &&
      one.statistic === 'p50' &&
      JSON.stringify(one.labels) === JSON.stringify(labels) &&
      [one.a, one.b].toSorted().join('\0') === [first, name].toSorted().join('\0'),
  );
  if (!found || name === first) return undefined;
  const { a, ratio, ci95, verdict, reason } = found;
  const isA = a === name;
  return {
    ratio: ratio === null || isA ? ratio : 1 / ratio,
    ci95: ci95 === null || isA ? ci95 : [1 / ci95[1], 1 / ci95[0]],
    verdict:
      verdict === 'a-lower' || verdict === 'b-lower'
        ? (verdict === 'a-lower') === isA
          ? 'lower'
          : 'higher'
        : verdict,
    reason,
  };
}

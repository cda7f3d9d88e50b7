import { newlyFailed } from '../conformance/conform-known-failures.js';
import { selectMetric } from '../measure/assemble.js';
import { METRICS, type MetricName } from '../measure/catalogue.js';
import { labelKey } from '../measure/labels.js';
import { perRoundValues } from '../measure/statistics.js';
import type { RelayResult, Results } from '../results.js';
import { isSpoiledBy } from '../spoiled.js';
import type { FigureByRound } from '../stats/paired.js';
import type { MetricTerm } from './term.js';

/** The part of results that gates are about. */
export type GatedResults = Pick<Results, 'relays' | 'harness' | 'warnings' | 'stopping'>;

/** How many looks at the results share the error rate of a gate. */
export function looksOf({ stopping }: GatedResults): number {
  return stopping?.looks ?? 1;
}

/** What a term of a gate is of one relay. */
export type Figure =
  | { readonly kind: 'unknown'; readonly why: string }
  | { readonly kind: 'exact'; readonly value: number; readonly text: string }
  | { readonly kind: 'sampled'; readonly byRound: FigureByRound };

/** The figure of a relay that a term names, or why there is none that a gate may be held against. */
export function figureOf(relay: RelayResult, term: MetricTerm, results: GatedResults): Figure {
  return term.metric === 'conformance.failed'
    ? failedChecks(relay)
    : measured(relay, { ...term, metric: term.metric }, results);
}

function unknown(why: string): Figure {
  return { kind: 'unknown', why };
}

function failedChecks({ conformance }: RelayResult): Figure {
  if (conformance === null) return unknown('its answers were not checked');
  const { checked, failed, checks } = conformance;
  if (checked === 0 && failed === 0) return unknown('no check had anything to judge');
  const value = newlyFailed({ conformance });
  const known = value === failed ? '' : `, ${failed - value} of them known`;
  const uncounted = checks.filter(({ result }) => result === 'failed').length - failed;
  const light =
    uncounted > 0
      ? `, ${uncounted} more of level SHOULD, which ${uncounted === 1 ? 'counts' : 'count'} with --strict`
      : '';
  return { kind: 'exact', value, text: `${failed} of ${checked} checks failed${known}${light}` };
}

function measured(
  relay: RelayResult,
  { metric, labels, statistic }: MetricTerm & { readonly metric: MetricName },
  { harness, warnings }: GatedResults,
): Figure {
  const entry = selectMetric(relay.metrics, metric, labels);
  if (entry === undefined)
    return unknown(
      `no ${metric}${labelKey(labels) === labelKey({}) ? '' : ' with these labels'} was measured`,
    );
  const generator = harness.perRelay.find((one) => one.relay === relay.name) ?? harness;
  if (isSpoiledByLoad(metric) && generator.bound) {
    return unknown('harness-bound: the generator was saturated');
  }
  const spoiler = isSpoiledByLoad(metric)
    ? warnings.find((one) => isSpoiledBy(one, { relay: relay.name, metric, labels, statistic }))
    : undefined;
  if (spoiler) return unknown(spoiler.text);
  if (statistic === 'count') return { kind: 'exact', value: entry.count, text: String(entry.count) };
  const isOfTheTail = METRICS[metric].shape === 'distribution' && statistic !== 'p50';
  if (isOfTheTail && generator.tailBound) {
    return unknown(`harness-bound: the generator was late too often for ${statistic}`);
  }
  return { kind: 'sampled', byRound: perRoundValues(entry, statistic) };
}

/**
 * What a saturated generator changes: everything that is timed, or that depends on the load which the relay should
 * have had. What was refused or lost was so whatever the pace.
 */
function isSpoiledByLoad(metric: MetricName): boolean {
  return METRICS[metric].shape !== 'count' || metric === 'late';
}

/** Whether a term is of the relay's pace: such figures are not compared between relays that did unequal work. */
export function isTimed({ metric, statistic }: MetricTerm): boolean {
  if (metric === 'conformance.failed' || statistic === 'count') return false;
  return METRICS[metric].unit !== 'bytes' || metric.endsWith('.rate');
}

/** Finding things in results: a relay's metric, the floor, the rows that a table has. */
import {
  isMetricName,
  isSpoiledBy,
  type MetricLabels,
  type MetricResult,
  metricDefinition,
  NULL_RELAY,
  type RelayResult,
  type Results,
} from '../harness/results.js';
import { printable } from './printable.js';

/** The relays that are measured against each other: all but the floor. */
export function contenders(results: Results): readonly RelayResult[] {
  return results.relays.filter(({ name }) => name !== NULL_RELAY);
}

export function floor(results: Results): RelayResult | undefined {
  return results.relays.find(({ name }) => name === NULL_RELAY);
}

/** Place of a relay among the {@link contenders}, which its colour and marker go by; undefined for the floor. */
export function contenderIndex(results: Results, name: string): number | undefined {
  const index = contenders(results).findIndex((relay) => relay.name === name);
  return index < 0 ? undefined : index;
}

export function relayNamed(results: Results, name: string): RelayResult | undefined {
  return results.relays.find((relay) => relay.name === name);
}

/** One text for equal labels, whatever the order of their keys. */
export function labelKey({ client, req, phase }: MetricLabels): string {
  return JSON.stringify([client ?? null, req ?? null, phase ?? null]);
}

/** A relay's metric with exactly these labels; `{}` is the whole. */
export function metricOf(
  relay: RelayResult | undefined,
  metric: string,
  labels: MetricLabels = {},
): MetricResult | undefined {
  const key = labelKey(labels);
  return relay?.metrics.find((entry) => entry.metric === metric && labelKey(entry.labels) === key);
}

/** `timeline`, `client reader`, `timeline, phase steady`; empty for the whole. Made fit to be shown. */
export function labelText(labels: MetricLabels): string {
  const parts = [
    labels.req,
    labels.client === undefined ? undefined : `client ${labels.client}`,
    labels.phase === undefined ? undefined : `phase ${labels.phase}`,
  ];
  return parts
    .filter((part) => part !== undefined)
    .map((part) => printable(part, 60))
    .join(', ');
}

/** Whether a metric is a distribution of many samples a round. Unknown ones are, if they carry a histogram. */
export function isDistribution(entry: Pick<MetricResult, 'metric' | 'histogram'>): boolean {
  return isMetricName(entry.metric)
    ? metricDefinition(entry.metric).shape === 'distribution'
    : entry.histogram !== undefined;
}

/** What follows a metric's unit: the byte rate is in bytes a second. */
export function perSecond(metric: string): string {
  return metric.includes('bytes.') && metric.endsWith('.rate') ? '/s' : '';
}

/** Whether a metric is one exact number, and not one value a round. */
export function isExactCount({ metric, unit, perRound }: MetricResult): boolean {
  if (isMetricName(metric)) return metricDefinition(metric).shape === 'count';
  return unit === 'count' && perRound.every(({ p50 }) => p50 === null);
}

/** What a generator that was late for a moment spoils: the median it leaves alone. */
const TAIL: readonly string[] = ['p90', 'p99', 'mean', 'max'];

/**
 * Whether something that was found spoils a relay's figure: a warning that names it, or a load generator at its limit. Every
 * document marks by this rule. The floor is what the generator takes, so that alone doesn't spoil it.
 */
export function isSpoiled(
  { warnings, harness }: Results,
  relay: string,
  entry: Pick<MetricResult, 'metric' | 'labels' | 'histogram'>,
  statistic: string,
): boolean {
  const { metric, labels } = entry;
  if (warnings.some((warning) => isSpoiledBy(warning, { relay, metric, labels, statistic }))) return true;
  if (relay === NULL_RELAY || !isDistribution(entry)) return false;
  const generator = harness.perRelay.find((one) => one.relay === relay);
  return (generator?.bound ?? false) || ((generator?.tailBound ?? false) && TAIL.includes(statistic));
}

/** Whether any figure of the run is spoiled. */
export function isAnySpoiled(results: Results): boolean {
  return results.relays.some(({ name, metrics }) =>
    metrics.some((entry) => ['p50', ...TAIL].some((statistic) => isSpoiled(results, name, entry, statistic))),
  );
}

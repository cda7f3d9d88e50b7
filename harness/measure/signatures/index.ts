/**
 * Artefacts that are known to pass for a relay's speed, looked for by the mark that they leave in its latencies. What
 * each looks for, and from when on, stands in its file; none of them knows a cause, only a likeness.
 */
import { isMetricName, METRICS, type MetricLabels, type MetricResult } from '../../results.js';
import { LatencyHistogram } from '../histogram.js';
import { type DelayedAck, findDelayedAck } from './delayed-ack.js';
import { findTimerQuantum, type TimerQuantum } from './timer-quantum.js';

export { type FirstSampleOutlier, findFirstSampleOutlier, type RoundStart } from './first-sample.js';

/** Delays that the run was told to play; the figures have them for a reason. */
export interface OwnDelays {
  /** Round trip of the scenario's network, in ms. */
  readonly pathMs: number;
  /** Service times of the reference relays' event source, in ms. */
  readonly serviceMs: readonly number[];
}

interface Where {
  readonly metric: string;
  readonly labels: MetricLabels;
}

export type Signature =
  | (Where & { readonly code: 'delayed-ack' } & DelayedAck)
  | (Where & { readonly code: 'timer-quantum'; readonly timer: TimerQuantum });

/** Looks at every latency of a relay: the whole, and each REQ by itself, whose steps others would blur. */
export function findSignatures(metrics: readonly MetricResult[], own: OwnDelays): Signature[] {
  return metrics.filter(isLatency).flatMap(({ metric, labels, histogram }): Signature[] => {
    if (histogram === undefined) return [];
    const bins = [...LatencyHistogram.decode(histogram).bins()];
    const delayedAck = findDelayedAck(bins, own.pathMs, own.serviceMs);
    if (delayedAck) return [{ code: 'delayed-ack' as const, metric, labels, ...delayedAck }];
    const ownDelays = [own.pathMs, ...own.serviceMs, ...own.serviceMs.map((ms) => ms + own.pathMs)];
    const timer = findTimerQuantum(bins, ownDelays);
    return timer ? [{ code: 'timer-quantum' as const, metric, labels, timer }] : [];
  });
}

/** `lateness` is the harness's own. */
function isLatency({ metric, labels }: MetricResult): boolean {
  if (!isMetricName(metric) || METRICS[metric].shape !== 'distribution' || metric === 'lateness')
    return false;
  return labels.client === undefined && labels.phase === undefined;
}

import { isOwn } from '../../relays/relay.js';
import { LatencyHistogram } from '../measure/histogram.js';
import type { RecordedMetric } from '../measure/recorder.js';
import {
  type FirstSampleOutlier,
  findFirstSampleOutlier,
  findSignatures,
  type OwnDelays,
  type RoundStart,
  type Signature,
} from '../measure/signatures/index.js';
import type { RelayResult, Warning } from '../results.js';
import type { Scenario } from '../scenario/loader.js';
import { figureText } from '../spoiled.js';

/** Metrics whose first sample of a round is looked at. */
const FIRST_OF = ['connect', 'req.eose', 'event.ok'] as const;

/** How each round of a metric began. */
export type RoundStarts = ReadonlyMap<string, readonly RoundStart[]>;

/** How a round began, from what was recorded in it. */
export function roundStarts(recorded: readonly RecordedMetric[]): Map<string, RoundStart> {
  const starts = new Map<string, RoundStart>();
  for (const metric of FIRST_OF) {
    const parts = recorded.filter((one) => one.metric === metric && one.shape === 'distribution');
    const samples = new LatencyHistogram();
    let firstMs: number | undefined;
    for (const part of parts) {
      if (part.shape !== 'distribution') continue;
      samples.add(LatencyHistogram.decode(part.histogram));
      if (part.firstMs !== undefined) firstMs = Math.max(firstMs ?? 0, part.firstMs);
    }
    const medianMs = samples.percentileMs(50);
    if (firstMs === undefined || medianMs === null) continue;
    starts.set(metric, { firstMs, medianMs, count: samples.count });
  }
  return starts;
}

/** Delays that a scenario plays on purpose. Only reference relays have its event source. */
export function ownDelays({ network, relay }: Scenario, kind: RelayResult['target']['kind']): OwnDelays {
  const { serviceTimeMs = 0, slowKinds = [] } = relay.source ?? {};
  const isReference = isOwn({ kind });
  const all = [serviceTimeMs, ...slowKinds.map((slow) => slow.serviceTimeMs)];
  return {
    pathMs: 2 * (network?.latencyMs ?? 0),
    serviceMs: isReference ? all.filter((ms) => ms > 0) : [],
  };
}

/** Warnings about latencies of a relay that something else than its work has set. */
export function artefacts(relay: RelayResult, starts: RoundStarts, own: OwnDelays): Warning[] {
  const signatures = withoutParts(findSignatures(relay.metrics, own));
  const delayedAcks = signatures.filter((one) => one.code === 'delayed-ack');
  const timers = signatures.filter((one) => one.code === 'timer-quantum');
  return [
    ...(delayedAcks.length === 0 ? [] : [delayedAckWarning(relay.name, delayedAcks)]),
    ...(timers.length === 0 ? [] : [timerWarning(relay.name, timers)]),
    ...[...starts].flatMap(([metric, rounds]) => {
      const outlier = findFirstSampleOutlier(rounds);
      return outlier ? [firstSampleWarning(relay.name, metric, outlier)] : [];
    }),
  ];
}

/** Where the whole of a metric is marked, its parts needn't be named. */
function withoutParts(signatures: readonly Signature[]): Signature[] {
  const wholes = signatures.filter(({ labels }) => labels.req === undefined);
  return signatures.filter(
    (one) =>
      one.labels.req === undefined ||
      !wholes.some(({ code, metric }) => code === one.code && metric === one.metric),
  );
}

type Found<Code extends Signature['code']> = Extract<Signature, { readonly code: Code }>;

function delayedAckWarning(relay: string, found: readonly Found<'delayed-ack'>[]): Warning {
  const where = found.map(
    (one) => `${Math.round(one.share * 100)} % of ${nameOf(one)} at ${one.atMs.toFixed(1)} ms`,
  );
  return {
    code: 'delayed-ack',
    text: `delayed ACK: with ${relay}, ${where.join(', ')} and almost nothing beside it, which is the mark of the 40 ms timer of TCP acknowledgements: an answer in two writes stands still where TCP_NODELAY is not set. It says nothing about the relay’s work`,
    spoils: spoiledOf(relay, found),
  };
}

function timerWarning(relay: string, found: readonly Found<'timer-quantum'>[]): Warning {
  const where = found.map((one) =>
    one.timer.kind === 'steps'
      ? `${nameOf(one)} comes in steps of ${one.timer.quantumMs} ms`
      : `nine tenths of ${nameOf(one)} lie just above ${one.timer.delayMs} ms (median ${one.timer.medianMs.toFixed(1)} ms)`,
  );
  return {
    code: 'timer-quantum',
    text: `timer: with ${relay}, ${where.join(', ')}: a timer set these latencies, not the work, and differences below its step can’t be told`,
    spoils: spoiledOf(relay, found),
  };
}

function firstSampleWarning(relay: string, metric: string, outlier: FirstSampleOutlier): Warning {
  const { times, rounds, statistics } = outlier;
  return {
    code: 'first-sample',
    text: `first of a round: the first ${metric} of ${relay} took ${Math.round(times)}× the median in ${rounds} rounds; its ${statistics.join(', ')} include that start. A longer warm-up (measure: false) leaves it out`,
    spoils: statistics.map((statistic) => figureText({ relay, metric, labels: {}, statistic })),
  };
}

function nameOf({ metric, labels }: Signature): string {
  return labels.req === undefined ? metric : `${metric}{req=${labels.req}}`;
}

function spoiledOf(relay: string, found: readonly Signature[]): string[] {
  return found.map(({ metric, labels }) => figureText({ relay, metric, labels }));
}

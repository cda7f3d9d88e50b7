import { type MetricLabels, median, type Results } from '../harness/results.js';
import { metricOf } from './select.js';

/** A relay whose p50 of all samples together is not what its rounds had. */
export interface RoundsApart {
  readonly relay: string;
  readonly unit: string;
  /** Of the rounds' own p50s. */
  readonly median: number;
}

/** Nobody cares for less; as of equivalence (contracts: δ). */
const APART = 0.05;
/** With fewer samples a round the two differ by chance. */
const LEAST_SAMPLES = 20;

/**
 * Relays whose rounds had another p50 than all samples together, by more than 5 %: rounds of different length or load weigh
 * differently in it. Verdicts and gates go by the rounds.
 */
export function roundsApart({ relays }: Results, metric: string, labels: MetricLabels): RoundsApart[] {
  return relays.flatMap((relay) => {
    const entry = metricOf(relay, metric, labels);
    const rounds = entry?.perRound ?? [];
    if (!entry?.p50 || rounds.some(({ count }) => count < LEAST_SAMPLES)) return [];
    const ofRounds = median(rounds.flatMap(({ p50 }) => p50 ?? []));
    if (ofRounds === null || Math.abs(ofRounds / entry.p50 - 1) <= APART) return [];
    return [{ relay: relay.name, unit: entry.unit, median: ofRounds }];
  });
}

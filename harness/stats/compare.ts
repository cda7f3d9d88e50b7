import type { ComparedTerm } from '../gates/term.js';
import { selectMetric } from '../measure/assemble.js';
import { perRoundValues } from '../measure/statistics.js';
import { type Comparison, NULL_RELAY, type RelayResult } from '../results.js';
import { comparePaired, type FigureByRound } from './paired.js';
import { leastPairs } from './sign-interval.js';

/** A figure that all relays are compared by; `parseComparedTerm` reads one. */
export type ComparedFigure = Pick<ComparedTerm, 'metric' | 'labels' | 'statistic'>;

/** What a scenario without `compare:` compares. */
export const DEFAULT_COMPARISONS = ['req.ttfe.p50', 'req.eose.p50'] as const;

type ComparedRelay = Pick<RelayResult, 'name' | 'metrics'>;

export interface CompareOptions {
  /** See `PairedFigures`. */
  readonly equivalence?: number | undefined;
  /** How many looks at the results share the error rate; see stopping.ts. */
  readonly looks?: number | undefined;
  /** Why a pair can't be compared by a figure, in a sentence; undefined where it can. */
  readonly spoiled?: ((a: string, b: string, figure: ComparedFigure) => string | undefined) | undefined;
}

/** How many comparisons share the error rate: every figure for every pair of relays, null apart. */
export function comparisonCount(figures: number, relayNames: readonly string[]): number {
  const relays = relayNames.filter((name) => name !== NULL_RELAY).length;
  return figures * ((relays * (relays - 1)) / 2);
}

/** Rounds that verdicts on all figures take. */
export function roundsForVerdicts(figures: number, relayNames: readonly string[]): number {
  return leastPairs(comparisonCount(figures, relayNames));
}

/** Compares every pair of relays, in their order, by every figure. `relays` are all of the run, null included. */
export function compareRelays(
  figures: readonly ComparedFigure[],
  relays: readonly ComparedRelay[],
  options: CompareOptions = {},
): Comparison[] {
  const floor = relays.find(({ name }) => name === NULL_RELAY);
  const compared = relays.filter((relay) => relay !== floor);
  const comparisons = comparisonCount(
    figures.length,
    compared.map(({ name }) => name),
  );
  return figures.flatMap((figure) =>
    compared.flatMap((a, index) =>
      compared.slice(index + 1).map((b) => ({
        metric: figure.metric,
        labels: figure.labels,
        statistic: figure.statistic,
        a: a.name,
        b: b.name,
        ...comparePaired({
          a: figureByRound(a, figure) ?? new Map(),
          b: figureByRound(b, figure) ?? new Map(),
          floor: floor && figureByRound(floor, figure),
          comparisons: comparisons * (options.looks ?? 1),
          equivalence: options.equivalence,
          spoiled: options.spoiled?.(a.name, b.name, figure),
        }),
      })),
    ),
  );
}

/** Undefined when the relay doesn't have the metric with these labels at all. */
function figureByRound(
  relay: ComparedRelay,
  { metric, labels, statistic }: ComparedFigure,
): FigureByRound | undefined {
  const entry = selectMetric(relay.metrics, metric, labels);
  return entry && perRoundValues(entry, statistic);
}

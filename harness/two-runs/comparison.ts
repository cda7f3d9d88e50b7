/**
 * What `reqbench compare` says of two results files: schema `reqbench.comparison/1`. Units are those of results.json. Names of
 * relays, checks and what a relay says of itself are hostile text, to be escaped by whoever shows it.
 */
import type { Comparison, MetricLabels, RelayResult } from '../results.js';
import type { Differing } from '../same-question.js';

export interface RunsComparison {
  readonly schema: 'reqbench.comparison/1';
  readonly scenario: string;
  readonly runs: { readonly a: RunSummary; readonly b: RunSummary };
  /** What is known to differ; scenario, plan, corpus and schema are the same, or nothing is compared. */
  readonly differences: readonly Differing[];
  /** What the two files can't tell, in sentences. */
  readonly limits: readonly string[];
  /** Relays that only one of the two has. */
  readonly unmatched: { readonly a: readonly string[]; readonly b: readonly string[] };
  readonly relays: readonly RelayChange[];
}

export interface RunSummary {
  readonly file: string;
  readonly startedAt: string;
  readonly complete: boolean;
  readonly rounds: number;
}

export interface RelayChange {
  /** Its name in either run. */
  readonly a: string;
  readonly b: string;
  readonly status: { readonly a: RelayResult['status']; readonly b: RelayResult['status'] };
  readonly figures: readonly BetweenFigure[];
  readonly points: readonly PointFigure[];
  readonly conformance: ConformanceChange;
}

/** A figure with an interval and a verdict. What is not comparable has a reason and no numbers. */
export interface BetweenFigure {
  readonly metric: string;
  readonly labels: MetricLabels;
  readonly statistic: string;
  readonly unit: string;
  /** Median over the rounds of either run. */
  readonly a: number | null;
  readonly b: number | null;
  /** b / a. */
  readonly ratio: number | null;
  readonly ci95: readonly [number, number] | null;
  /** b / a of the null relay: what the machine and the harness changed by, as far as it shows. */
  readonly floorRatio: number | null;
  /** The smallest ratio that these runs could have told from 1; ≥ 1. */
  readonly detectable: number | null;
  /** Rounds that have the figure. */
  readonly rounds: { readonly a: number; readonly b: number };
  readonly verdict: Comparison['verdict'];
  readonly reason?: string | undefined;
}

/** A figure without an interval: median over the rounds, or an exact count. */
export interface PointFigure {
  readonly metric: string;
  readonly statistic: string;
  readonly unit: string;
  readonly a: number | null;
  readonly b: number | null;
  /** b / a; null for counts, and where a is zero. */
  readonly ratio: number | null;
  /** Why it is not compared. */
  readonly reason?: string | undefined;
}

export interface ConformanceChange {
  readonly a: { readonly checked: number; readonly failed: number } | null;
  readonly b: { readonly checked: number; readonly failed: number } | null;
  /** Ids of checks that failed in one run and not in the other. */
  readonly onlyInA: readonly string[];
  readonly onlyInB: readonly string[];
}

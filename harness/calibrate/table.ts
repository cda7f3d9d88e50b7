import type { Estimated } from '../stats/binomial.js';
import {
  CALIBRATED,
  type CalibratedStatistic,
  type Calibration,
  equalRatios,
  SLOWDOWNS,
  slowedRatios,
} from './calibration.js';
import {
  failingRate,
  findingRate,
  playedRuns,
  scatterOf,
  serialCorrelation,
  slowdownOf,
  smallestFound,
} from './rates.js';

/** Rounds of a run, besides those of the calibrated scenario: a quick gate, and what p90 and p99 take. */
const ROUNDS = [12, 80, 190] as const;

/** Bounds of a rule `head <= k * base`: no slower at all, and with a tolerance. */
const FACTORS = [1, 1.02] as const;

/** What the machine does to a statistic of one relay. */
export interface NoiseRow {
  readonly statistic: CalibratedStatistic;
  /** Rounds that have the figure. */
  readonly recorded: number;
  /** Standard deviation of the log ratio of the relay to itself. */
  readonly scatter: number;
  readonly serialCorrelation: number;
  /** Whether that is more than independent rounds have in one of twenty cases. */
  readonly isDependent: boolean;
  /** Median ratio of the relay to itself, then of each slowed self to it; undefined with too few rounds. */
  readonly equal: Estimated | undefined;
  readonly slowed: readonly { readonly asked: number; readonly ratio: Estimated | undefined }[];
}

/** A rule and how it does. */
export interface RateRow {
  readonly statistic: CalibratedStatistic;
  readonly rounds: number;
  /** k of `head <= k * base`. */
  readonly factor: number;
  /** How often it fails for two equal relays. */
  readonly falseAlarms: Estimated;
  /** How often it fails where the head is slower by `slowdown`; undefined with too few recorded rounds. */
  readonly found: readonly { readonly slowdown: number; readonly rate: Estimated | undefined }[];
  readonly smallest: { readonly slowdown: number; readonly atMost: number } | undefined;
  /** The recorded rounds cut into runs of so many: how many there are, and how many failed, equal and slowed. */
  readonly played: { readonly of: number; readonly equal: number; readonly slowed: readonly number[] };
}

export interface CalibrationTable {
  readonly noise: readonly NoiseRow[];
  readonly rates: readonly RateRow[];
}

/** What a calibration says, as plain data. Statistics without a single round are left out. */
export function calibrationTable(calibration: Calibration): CalibrationTable {
  const statistics = CALIBRATED.filter((one) => equalRatios(calibration, one).length > 0);
  const rounds = [...new Set([calibration.scenario.rounds ?? 12, ...ROUNDS])].toSorted((x, y) => x - y);
  return {
    noise: statistics.map((statistic) => noiseRow(calibration, statistic)),
    rates: statistics.flatMap((statistic) =>
      rounds.flatMap((count) =>
        FACTORS.map((factor) => rateRow(calibration, statistic, { rounds: count, factor })),
      ),
    ),
  };
}

function noiseRow(calibration: Calibration, statistic: CalibratedStatistic): NoiseRow {
  const equal = equalRatios(calibration, statistic);
  const correlation = serialCorrelation(equal);
  return {
    statistic,
    recorded: equal.length,
    scatter: scatterOf(equal),
    serialCorrelation: correlation,
    isDependent: Math.abs(correlation) > 2 / Math.sqrt(equal.length),
    equal: slowdownOf(equal),
    slowed: calibration.slowdowns.map(({ asked }, index) => ({
      asked,
      ratio: slowdownOf(slowedRatios(calibration, statistic, index)),
    })),
  };
}

/** What a rule is worth by a calibration. `shared`: how many looks of a run share the error rate. */
export function rateRow(
  calibration: Calibration,
  statistic: CalibratedStatistic,
  rule: { readonly rounds: number; readonly factor: number; readonly shared?: number | undefined },
): RateRow {
  const equal = equalRatios(calibration, statistic);
  const slowed = calibration.slowdowns.map((_, index) => slowedRatios(calibration, statistic, index));
  const { failed, of } = playedRuns(equal, rule);
  return {
    statistic,
    rounds: rule.rounds,
    factor: rule.factor,
    falseAlarms: failingRate(equal, rule),
    found: SLOWDOWNS.map((slowdown, index) => ({
      slowdown,
      rate: findingRate(slowed[index] ?? [], slowdown, rule),
    })),
    smallest: smallestFound(equal, rule),
    played: { of, equal: failed, slowed: slowed.map((ratios) => playedRuns(ratios, rule).failed) },
  };
}

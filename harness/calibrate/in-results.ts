import type { Results } from '../results.js';
import { leastPairs } from '../stats/sign-interval.js';
import { CALIBRATED, type Calibration, equalRatios } from './calibration.js';
import { rateRow } from './table.js';

/** A run's size, as far as a gate between two of its relays goes by it. */
export interface RunSize {
  readonly rounds: number;
  /** How many looks share the error rate. */
  readonly looks: number;
}

/**
 * What the machine's calibration says of a run: how a gate `head <= base` between two relays does over so many rounds. Without rates
 * where the run is too short for a gate.
 */
export function calibrationOfRun(
  calibration: Calibration,
  { rounds, looks }: RunSize,
): NonNullable<Results['calibration']> {
  const statistics = CALIBRATED.filter((one) => equalRatios(calibration, one).length > 0);
  return {
    measuredAt: calibration.measuredAt,
    scenario: calibration.scenario.name,
    relay: calibration.relay,
    recorded: calibration.rounds.length,
    rounds,
    rates:
      rounds < leastPairs(looks) ? [] : statistics.map((one) => ratesOf(calibration, one, rounds, looks)),
  };
}

function ratesOf(
  calibration: Calibration,
  statistic: (typeof CALIBRATED)[number],
  rounds: number,
  looks: number,
) {
  const row = rateRow(calibration, statistic, { rounds, factor: 1, shared: looks });
  return {
    statistic,
    falseAlarms: { rate: row.falseAlarms.rate, atMost: row.falseAlarms.hi },
    found: row.found.flatMap(({ slowdown, rate }) =>
      rate ? [{ slowdown, rate: rate.rate, atLeast: rate.lo }] : [],
    ),
  };
}

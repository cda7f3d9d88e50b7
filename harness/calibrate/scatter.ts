import type { MetricTerm } from '../gates/term.js';
import { TYPICAL_SCATTER } from '../stats/power.js';
import { CALIBRATED, type Calibration, equalRatios } from './calibration.js';
import { scatterOf } from './rates.js';

/** How much a figure's log ratio of two equal relays scatters over rounds. */
export interface Scatter {
  readonly value: number;
  /** What was recorded on this machine; undefined: what was seen elsewhere. */
  readonly calibration: Calibration | undefined;
}

/** With fewer rounds a scatter of one's own is worth no more than a typical one. */
const LEAST_ROUNDS = 12;

/** Calibrated is the time to EOSE of a whole scenario; anything else scatters as is typical of its statistic. */
export function scatterOfFigure(
  { metric, labels, statistic }: MetricTerm & { readonly statistic: keyof typeof TYPICAL_SCATTER },
  scenario: string,
  calibration: Calibration | null,
): Scatter {
  const typical = { value: TYPICAL_SCATTER[statistic], calibration: undefined };
  const calibrated = CALIBRATED.find((one) => one === statistic);
  if (calibration?.scenario.name !== scenario || calibrated === undefined) return typical;
  if (metric !== 'req.eose' || Object.keys(labels).length > 0) return typical;
  const ratios = equalRatios(calibration, calibrated);
  return ratios.length < LEAST_ROUNDS ? typical : { value: scatterOf(ratios), calibration };
}

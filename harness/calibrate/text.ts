/** A calibration's table in words, for a terminal and for Markdown. */
import type { Estimated } from '../stats/binomial.js';
import { type Calibration, SLOWDOWNS } from './calibration.js';
import { type CalibrationTable, calibrationTable, type NoiseRow, type RateRow } from './table.js';

export interface TextTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What was played, what the machine does to it, and how rules do. */
export interface CalibrationText {
  readonly facts: readonly string[];
  readonly noise: TextTable;
  readonly rates: TextTable;
}

/** Stands for what too few rounds can't tell. */
const UNKNOWN = '–';

export function calibrationText(calibration: Calibration): CalibrationText {
  const table = calibrationTable(calibration);
  return { facts: facts(calibration, table), noise: noiseTable(table), rates: ratesTable(table) };
}

function facts(calibration: Calibration, { noise }: CalibrationTable): string[] {
  const { machine, scenario, rounds, slowdowns, relay, complete, measuredAt } = calibration;
  const spins = slowdowns.map(({ asked, spinUs }) => `${spinUs} µs a query for ${slowdownText(asked)}`);
  const dependent = noise.filter(({ isDependent }) => isDependent).map(({ statistic }) => statistic);
  return [
    `${measuredAt.slice(0, 10)}, ${machine.cpu}, ${machine.cores} cores, Node ${machine.node.replace(/^v/, '')}, reqbench ${machine.reqbench}`,
    `${rounds.length} rounds of ${scenario.name} with ${relay}: against itself, and slowed by ${spins.join(' and ')}${complete ? '' : '; it was interrupted'}`,
    ...(dependent.length === 0
      ? []
      : [
          `rounds of ${dependent.join(' and ')} are not independent of each other (see the correlation), so that these rates are rougher than their limits say`,
        ]),
  ];
}

function noiseTable({ noise }: CalibrationTable): TextTable {
  return {
    head: [
      'EOSE',
      'rounds',
      'scatter',
      'correlation',
      'against itself',
      ...SLOWDOWNS.map((asked) => `slowed by ${slowdownText(asked)}`),
    ],
    rows: noise.map((row: NoiseRow) => [
      row.statistic,
      String(row.recorded),
      row.scatter.toFixed(3),
      `${row.serialCorrelation.toFixed(2)}${row.isDependent ? ' !' : ''}`,
      ratioText(row.equal),
      ...row.slowed.map(({ ratio }) => ratioText(ratio)),
    ]),
  };
}

function ratesTable({ rates }: CalibrationTable): TextTable {
  return {
    head: [
      'EOSE',
      'rounds',
      'rule',
      'false alarms',
      ...SLOWDOWNS.map((slowdown) => `${slowdownText(slowdown)} found`),
      'found in 95 %',
      'runs played',
    ],
    rows: rates.map((row: RateRow) => [
      row.statistic,
      String(row.rounds),
      row.factor === 1 ? 'head <= base' : `head <= ${row.factor} * base`,
      `${shareText(row.falseAlarms.rate)} (≤ ${upperText(row.falseAlarms.hi)})`,
      ...row.found.map(({ rate }) => (rate ? `${shareText(rate.rate)} (≥ ${lowerText(rate.lo)})` : UNKNOWN)),
      row.smallest ? smallestText(row.smallest) : UNKNOWN,
      playedText(row),
    ]),
  };
}

function smallestText({ slowdown, atMost }: NonNullable<RateRow['smallest']>): string {
  return Number.isFinite(atMost)
    ? `from ${slowdownText(slowdown)} (≤ ${slowdownText(atMost)})`
    : `from ${slowdownText(slowdown)}`;
}

/** Of so many consecutive runs: failed for equal sides, then for each slowed one. */
function playedText({ played: { of, equal, slowed } }: RateRow): string {
  return of === 0 ? UNKNOWN : `${[equal, ...slowed].join(', ')} of ${of}`;
}

function ratioText(ratio: Estimated | undefined): string {
  if (!ratio) return UNKNOWN;
  return `${ratio.rate.toFixed(3)} (${ratio.lo.toFixed(3)}–${ratio.hi.toFixed(3)})`;
}

/** `+10 %`, `+7.2 %`. */
export function slowdownText(slowdown: number): string {
  const percent = (100 * slowdown).toFixed(1).replace(/\.0$/, '');
  return `${slowdown < 0 ? '' : '+'}${percent} %`;
}

/** `1.9 %`, `98 %`; never a rounded 0 or 100. */
export function shareText(share: number): string {
  const percent = 100 * share;
  if (percent > 0 && percent < 0.05) return '<0.1 %';
  if (percent < 100 && percent > 99.95) return '>99.9 %';
  return `${percent.toFixed(1).replace(/\.0$/, '')} %`;
}

/** An upper limit in tenths of a percent, rounded up. */
function upperText(share: number): string {
  return `${tenths(Math.ceil(1_000 * share))} %`;
}

/** A lower limit in tenths of a percent, rounded down. */
function lowerText(share: number): string {
  return `${tenths(Math.floor(1_000 * share))} %`;
}

function tenths(count: number): string {
  return (count / 10).toFixed(1).replace(/\.0$/, '');
}

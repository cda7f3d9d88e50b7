/** Charts of what was sampled over time. */
import type { Results, SeriesResult } from '../../harness/results.js';
import { formatValue } from '../format.js';
import { capitalised, seriesName } from '../metric-names.js';
import { type Chart, linesOf, rounded } from './chart-data.js';

const MOST_POINTS = 120;
const MOST_ROUNDS = 12;

/** One chart for each metric that was sampled over time: every relay, every round. */
export function timeCharts(results: Results): readonly Chart[] {
  const metrics = [...new Set(results.relays.flatMap(({ series }) => series.map(({ metric }) => metric)))];
  return metrics.flatMap((metric, index): Chart[] => {
    const found = linesOf(results, ({ series }) =>
      nonEmpty(series.filter((entry) => entry.metric === metric)),
    );
    const unit = found[0]?.selected[0]?.unit ?? '';
    const lines = found.flatMap(({ relay, series, selected }) =>
      evenly(selected, MOST_ROUNDS).map((entry) => ({ relay, series, points: pointsOf(entry) })),
    );
    if (lines.length === 0) return [];
    const rows = found.map(({ relay, selected }) => [
      relay,
      ...extremes(selected).map((value) => formatValue(value, unit)),
    ]);
    const head = ['', 'First sample, median', 'Largest', 'Last sample, median'];
    const title = capitalised(seriesName(metric));
    return [{ id: `time-${index}`, kind: 'time', title, unit, lines, table: { head, rows } }];
  });
}

function nonEmpty(entries: readonly SeriesResult[]): readonly SeriesResult[] | undefined {
  const filled = entries.filter(({ value }) => value.length > 0);
  return filled.length ? filled : undefined;
}

/** At most `most` of `items`, evenly spread, the first and the last among them. */
function evenly<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from(
    { length: most },
    (_, index) => items[Math.round((index * (items.length - 1)) / (most - 1))],
  ).filter((item): item is T => item !== undefined);
}

function pointsOf({ atMs, value }: SeriesResult): readonly (readonly [number, number])[] {
  const points = atMs.flatMap((at, index) => {
    const sample = value[index];
    return sample === undefined ? [] : [[rounded(at), rounded(sample)] as const];
  });
  return evenly(points, MOST_POINTS);
}

function extremes(
  entries: readonly SeriesResult[],
): readonly [number | undefined, number, number | undefined] {
  const largest = Math.max(
    ...entries.map(({ value }) => value.reduce((most, sample) => Math.max(most, sample))),
  );
  return [
    median(entries.map(({ value }) => value[0])),
    largest,
    median(entries.map(({ value }) => value.at(-1))),
  ];
}

function median(values: readonly (number | undefined)[]): number | undefined {
  const sorted = values.filter((value) => value !== undefined).toSorted((x, y) => x - y);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

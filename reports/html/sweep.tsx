/** The section of a sweep: a chart and a table for each figure. */
import type { Results } from '../../harness/results.js';
import { printable } from '../printable.js';
import { contenderIndex } from '../select.js';
import { sweepHeading, sweptFigures, sweptTable } from '../sweep.js';
import type { Chart } from './chart-data.js';
import { ChartsWithLegend } from './charts.js';
import { seriesIndex } from './palette.js';

/** A chart of each figure over the values of the sweep; none for a run without one. */
export function sweepCharts(results: Results): readonly Chart[] {
  const { sweep } = results;
  if (!sweep) return [];
  return sweptFigures(results).map((figure, index) => ({
    id: `sweep-${index}`,
    kind: 'sweep',
    title: figure.title,
    unit: figure.unit,
    xLabels: sweep.points.map(({ value }) => printable(value, 24)),
    lines: figure.relays.map(({ name, values }) => {
      const place = contenderIndex(results, name);
      return {
        relay: printable(name, 40),
        series: place === undefined ? undefined : seriesIndex(place),
        points: values.flatMap((value, at) => (value === undefined ? [] : [[at + 1, value] as const])),
      };
    }),
    table: sweptTable(figure, sweep),
  }));
}

export function SweepSection({
  results,
  charts,
}: {
  readonly results: Results;
  readonly charts: readonly Chart[];
}) {
  const { sweep } = results;
  if (!sweep || charts.length === 0) return null;
  return (
    <section id="sweep">
      <h2>Sweep</h2>
      <p class="lead">
        {sweepHeading(sweep)}: a run at each value, one after another, with its own report in a folder beside
        this one. Checks, gates and warnings of this page are those of all values; all other sections are
        about the last.
      </p>
      <ChartsWithLegend results={results} charts={charts} />
    </section>
  );
}

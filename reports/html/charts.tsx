/** Sections with charts: latencies, and what was sampled over time. */
import { NULL_RELAY, type Results } from '../../harness/results.js';
import { metricMeaning } from '../metric-names.js';
import { contenderIndex } from '../select.js';
import type { Chart, MetricCharts } from './chart-data.js';
import { MetricTable } from './metrics.js';
import { seriesIndex } from './palette.js';
import { colorOf, Figure, Foreign, Scroll } from './parts.js';

const ABSENT_PERCENTILE = 'too few samples: p90 is shown from 100, p99 from 1,000';

export function Latencies({
  results,
  groups,
}: {
  readonly results: Results;
  readonly groups: readonly MetricCharts[];
}) {
  if (groups.length === 0) return null;
  return (
    <section id="latency">
      <h2>Latency</h2>
      <p class="lead">
        Counted from when a step was due, not from when it went out. The null relay answers with canned
        frames: what it takes is the harness, the sockets and the machine. Curves end where ten samples remain
        beyond them.
      </p>
      <Legend results={results} />
      {groups.map(({ metric, labels, title, charts }) => (
        <div key={title}>
          <h3>{title}</h3>
          <p>{metricMeaning(metric) ?? ''}</p>
          <div class="charts">
            {charts.map((chart) => (
              <ChartFigure key={chart.id} chart={chart} of={title} />
            ))}
          </div>
          <MetricTable results={results} metric={metric} labels={labels} />
        </div>
      ))}
    </section>
  );
}

export function OverTime({
  results,
  charts,
}: {
  readonly results: Results;
  readonly charts: readonly Chart[];
}) {
  if (charts.length === 0) return null;
  return (
    <section id="over-time">
      <h2>Memory and event loop over time</h2>
      <p class="lead">
        One line a round. Time counts from the start of the measured window; before it is warm-up.
      </p>
      <ChartsWithLegend results={results} charts={charts} />
    </section>
  );
}

/** Charts of different things side by side, with one legend for all of them. */
export function ChartsWithLegend({
  results,
  charts,
}: {
  readonly results: Results;
  readonly charts: readonly Chart[];
}) {
  return (
    <>
      <Legend results={results} />
      <div class="charts even">
        {charts.map((chart) => (
          <ChartFigure key={chart.id} chart={chart} of={chart.title} />
        ))}
      </div>
    </>
  );
}

function ChartFigure({ chart, of }: { readonly chart: Chart; readonly of: string }) {
  return (
    <figure>
      <figcaption>{chart.title}</figcaption>
      <div class="canvas">
        <canvas
          id={chart.id}
          role="img"
          aria-label={`${of}: ${chart.title}. The table below holds the figures.`}
        />
      </div>
      <details class="more">
        <summary>As a table</summary>
        <Scroll label={`${of}: ${chart.title}`}>
          <table>
            <thead>
              <tr>
                {chart.table.head.map((cell) => (
                  <th key={cell} scope="col">
                    {cell}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {chart.table.rows.map(([first, ...cells]) => (
                <tr key={first}>
                  <th scope="row">{first}</th>
                  {cells.map((cell, index) => (
                    <td key={chart.table.head[index + 1]}>
                      <Figure text={cell} why={ABSENT_PERCENTILE} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </details>
    </figure>
  );
}

/** Shapes as Chart.js draws its point styles, in the same order as browser.ts names them. */
const MARKER_SHAPES = [
  'M14 2.5a3.5 3.5 0 1 0 .01 0z',
  'M14 2l4 4-4 4-4-4z',
  'M14 2l4 7h-8z',
  'M11 3h6v6h-6z',
  'M10 6h8M14 2v8M11 3l6 6M17 3l-6 6',
  'M11 3l6 6M17 3l-6 6',
];

function Legend({ results }: { readonly results: Results }) {
  return (
    <ul class="legend" aria-label="Lines">
      {results.relays.map(({ name }) => (
        <li key={name}>
          <svg class="key" viewBox="0 0 28 12" aria-hidden="true" style={{ color: colorOf(results, name) }}>
            <path
              d="M0 6h28"
              stroke="currentColor"
              stroke-width="2"
              stroke-dasharray={name === NULL_RELAY ? '5 4' : undefined}
            />
            {name === NULL_RELAY ? null : (
              <path
                d={MARKER_SHAPES[seriesIndex(contenderIndex(results, name) ?? 0)]}
                fill="currentColor"
                stroke="currentColor"
              />
            )}
          </svg>
          <Foreign text={name} max={40} />
          {name === NULL_RELAY ? <span class="sub">the floor</span> : null}
        </li>
      ))}
    </ul>
  );
}

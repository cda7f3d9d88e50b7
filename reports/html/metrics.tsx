/** Tables of figures. */
import {
  type MetricLabels,
  type MetricResult,
  NULL_RELAY,
  type RelayResult,
  type Results,
} from '../../harness/results.js';
import { ABSENT, formatCount, formatDifference, formatValue } from '../format.js';
import { capitalised, metricMeaning, metricNaming } from '../metric-names.js';
import { roundsApart } from '../round-medians.js';
import {
  contenders,
  floor,
  isDistribution,
  isExactCount,
  isSpoiled,
  labelKey,
  labelText,
  metricOf,
  perSecond,
} from '../select.js';
import { Figure, Mark, RelayName, Scroll } from './parts.js';

const NO_P90 = 'printed from 100 samples';
const NO_P99 = 'printed from 1,000 samples';

interface MetricTableProps {
  readonly results: Results;
  readonly metric: string;
  readonly labels: MetricLabels;
}

/** A latency of every relay; for the whole metric, broken down by request and client. */
export function MetricTable({ results, metric, labels }: MetricTableProps) {
  const parts = labelKey(labels) === labelKey({}) ? breakdown(results, metric) : [];
  const name = metricNaming(metric).name;
  return (
    <>
      <Scroll label={`Figures: ${name}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">Relay</th>
              <th scope="col" title="of all samples of all rounds together">
                p50
              </th>
              <th scope="col">p90</th>
              <th scope="col">p99</th>
              <th scope="col">Max</th>
              <th scope="col">Samples</th>
              <th scope="col" title="p50 minus the null relay's p50">
                p50 over the floor
              </th>
              <Against results={results} />
            </tr>
          </thead>
          <tbody>
            <RelayRows results={results} metric={metric} labels={labels} />
            {parts.map((part) => (
              <GroupRows key={labelKey(part)} results={results} metric={metric} labels={part} />
            ))}
          </tbody>
        </table>
      </Scroll>
      <RoundsApart results={results} metric={metric} labels={labels} />
    </>
  );
}

/** Says where the rounds had another p50 than the table: verdicts and gates go by theirs. */
function RoundsApart({ results, metric, labels }: MetricTableProps) {
  const apart = roundsApart(results, metric, labels);
  if (apart.length === 0) return null;
  return (
    <p class="sub">
      p50 is of all samples together. Verdicts and gates go by the rounds, whose median p50 is another:{' '}
      {apart.map(({ relay, median, unit }, index) => (
        <>
          {index > 0 ? ', ' : ''}
          <RelayName results={results} name={relay} /> <Figure text={formatValue(median, unit)} />
        </>
      ))}
      .
    </p>
  );
}

function Against({ results }: { readonly results: Results }) {
  const first = contenders(results)[0];
  if (!first) return null;
  return (
    <th scope="col">
      p50 against <RelayName results={results} name={first.name} />
    </th>
  );
}

const DIMENSIONS = ['req', 'client', 'phase'] as const;

/** Labels that tell parts of a metric apart: by request, client and phase, where there is more than one. */
function breakdown(results: Results, metric: string): readonly MetricLabels[] {
  const labels = results.relays.flatMap(({ metrics }) =>
    metrics.filter((entry) => entry.metric === metric).map((entry) => entry.labels),
  );
  const distinct = [...new Map(labels.map((entry) => [labelKey(entry), entry])).values()];
  return DIMENSIONS.flatMap((dimension) => {
    const parts = distinct.filter((entry) => labelKey(entry) === labelKey({ [dimension]: entry[dimension] }));
    const labelled = parts.filter((entry) => entry[dimension] !== undefined);
    return labelled.length > 1 ? labelled : [];
  });
}

function GroupRows({ results, metric, labels }: MetricTableProps) {
  return (
    <>
      <tr class="group">
        <th scope="rowgroup" colSpan={8}>
          <bdi>{labelText(labels)}</bdi>
        </th>
      </tr>
      <RelayRows results={results} metric={metric} labels={labels} />
    </>
  );
}

function RelayRows({ results, metric, labels }: MetricTableProps) {
  const base = metricOf(contenders(results)[0], metric, labels);
  const lowest = metricOf(floor(results), metric, labels);
  return (
    <>
      {results.relays.map((relay) => {
        const entry = metricOf(relay, metric, labels);
        if (!entry) return null;
        const isFloor = relay.name === NULL_RELAY;
        return (
          <tr key={relay.name} class={isFloor ? 'floor' : ''}>
            <th scope="row">
              <RelayName results={results} name={relay.name} />
              {isSpoiled(results, relay.name, entry) ? <Spoiled /> : null}
            </th>
            <td>
              <Figure text={formatValue(entry.p50, entry.unit)} />
            </td>
            <td>
              <Figure text={formatValue(entry.p90, entry.unit)} why={NO_P90} />
            </td>
            <td>
              <Figure text={formatValue(entry.p99, entry.unit)} why={NO_P99} />
            </td>
            <td>
              <Figure text={formatValue(entry.max, entry.unit)} />
            </td>
            <td>{formatCount(entry.count)}</td>
            <td>
              <Figure
                text={isFloor ? ABSENT : difference(entry, lowest)}
                why={isFloor ? 'the floor itself' : 'no floor'}
              />
            </td>
            <td>
              <Figure
                text={isFloor || entry === base ? ABSENT : difference(entry, base)}
                why={isFloor ? 'the floor' : 'the one that is compared with'}
              />
            </td>
          </tr>
        );
      })}
    </>
  );
}

/** Beside figures that a warning at the top of the report spoils. */
function Spoiled() {
  return (
    <a class="unsure" href="#warnings" title="A warning at the top says what spoils these figures">
      {' '}
      <Mark standing="unsure" />
    </a>
  );
}

/** Difference of the p50s, with a sign. */
function difference(entry: MetricResult, other: MetricResult | undefined): string {
  if (entry.p50 === null || other === undefined || other.p50 === null) return ABSENT;
  return formatDifference(entry.p50 - other.p50, entry.unit);
}

/** Everything that isn't a latency: one row a metric, one column a relay. */
export function Resources({ results }: { readonly results: Results }) {
  const rows = resourceMetrics(results);
  if (rows.length === 0) return null;
  return (
    <section id="resources">
      <h2>Memory, CPU, throughput, counts</h2>
      <p class="lead">
        Median over the rounds, with the smallest and the largest round below it; counts are exact.
      </p>
      <Scroll label="Memory, CPU, throughput, counts">
        <table>
          <thead>
            <tr>
              <th scope="col">Metric</th>
              {results.relays.map(({ name }) => (
                <th key={name} scope="col">
                  <RelayName results={results} name={name} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((metric) => (
              <tr key={metric}>
                <th scope="row" title={metricMeaning(metric)}>
                  {capitalised(metricNaming(metric).name)}
                </th>
                {results.relays.map((relay) => (
                  <td key={relay.name}>
                    <ResourceCell relay={relay} metric={metric} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

/** Metrics that have one figure a round or a count, and the generator's lateness. */
export function resourceMetrics({ relays }: Results): readonly string[] {
  const entries = relays.flatMap(({ metrics }) => metrics);
  return [
    ...new Set(
      entries
        .filter((entry) => !isDistribution(entry) || entry.metric === 'lateness')
        .map(({ metric }) => metric),
    ),
  ];
}

function ResourceCell({ relay, metric }: { readonly relay: RelayResult; readonly metric: string }) {
  const entry = metricOf(relay, metric);
  if (!entry) return <Figure text={ABSENT} />;
  if (isExactCount(entry)) return <>{formatCount(entry.count)}</>;
  const rounds = entry.perRound.map(({ p50 }) => p50).filter((value) => value !== null);
  const rate = perSecond(metric);
  return (
    <>
      <Figure text={`${formatValue(entry.p50, entry.unit)}${entry.p50 === null ? '' : rate}`} />
      {rounds.length > 1 ? (
        <div class="sub">
          {formatValue(Math.min(...rounds), entry.unit)} to {formatValue(Math.max(...rounds), entry.unit)}
        </div>
      ) : null}
    </>
  );
}

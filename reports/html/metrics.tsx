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
import { emptyAnswers, unequalSamples } from '../samples-apart.js';
import {
  contenders,
  floor,
  isDistribution,
  isExactCount,
  isSpoiled,
  labelKey,
  labelText,
  metricOf,
} from '../select.js';
import { Figure, RelayName, Scroll, Spoiled, Statistic } from './parts.js';

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
      {[unequalSamples, emptyAnswers].map((explained) => (
        <Remark key={explained.name} text={explained(results, metric, labels)} />
      ))}
    </>
  );
}

function Remark({ text }: { readonly text: string | undefined }) {
  return text === undefined ? null : <p class="sub">{text}</p>;
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
  return (
    <>
      {results.relays.map((relay) => {
        const entry = metricOf(relay, metric, labels);
        return entry ? <RelayRow key={relay.name} results={results} relay={relay} entry={entry} /> : null;
      })}
    </>
  );
}

interface RelayRowProps {
  readonly results: Results;
  readonly relay: RelayResult;
  readonly entry: MetricResult;
}

function RelayRow({ results, relay, entry }: RelayRowProps) {
  const isFloor = relay.name === NULL_RELAY;
  const [first] = contenders(results);
  const figure = { results, relay: relay.name, entry };
  return (
    <tr class={isFloor ? 'floor' : ''}>
      <th scope="row">
        <RelayName results={results} name={relay.name} />
      </th>
      <td>
        <Statistic {...figure} statistic="p50" />
      </td>
      <td>
        <Statistic {...figure} statistic="p90" why={NO_P90} />
      </td>
      <td>
        <Statistic {...figure} statistic="p99" why={NO_P99} />
      </td>
      <td>
        <Statistic {...figure} statistic="max" />
      </td>
      <td>{formatCount(entry.count)}</td>
      <td>
        {isFloor ? (
          <Figure text={ABSENT} why="the floor itself" />
        ) : (
          <Difference {...figure} other={floor(results)} why="no floor" />
        )}
      </td>
      <td>
        {isFloor || relay === first ? (
          <Figure text={ABSENT} why={isFloor ? 'the floor' : 'the one that is compared with'} />
        ) : (
          <Difference {...figure} other={first} why="not measured" />
        )}
      </td>
    </tr>
  );
}

interface DifferenceProps {
  readonly results: Results;
  readonly relay: string;
  readonly entry: MetricResult;
  readonly other: RelayResult | undefined;
  readonly why: string;
}

/** Difference of the p50s, with a sign; spoiled where one of them is. */
function Difference({ results, relay, entry, other, why }: DifferenceProps) {
  const { metric, labels, unit, p50 } = entry;
  const others = metricOf(other, metric, labels)?.p50 ?? null;
  if (other === undefined || p50 === null || others === null) return <Figure text={ABSENT} why={why} />;
  const isDoubtful = [relay, other.name].some((name) => isSpoiled(results, name, entry, 'p50'));
  return (
    <>
      {formatDifference(p50 - others, unit)}
      {isDoubtful ? <Spoiled /> : null}
    </>
  );
}

/** Everything that isn't a latency: one row a metric, one column a relay. */
export function Resources({ results }: { readonly results: Results }) {
  const rows = resourceMetrics(results);
  if (rows.length === 0) return null;
  return (
    <section id="resources">
      <h2>Memory, CPU, throughput, counts</h2>
      <p class="lead">
        Median over the rounds, with the smallest and the largest round below it. Refused, lost and late are
        counted over all rounds together.
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
                    <ResourceCell results={results} relay={relay} metric={metric} />
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

interface ResourceCellProps {
  readonly results: Results;
  readonly relay: RelayResult;
  readonly metric: string;
}

function ResourceCell({ results, relay, metric }: ResourceCellProps) {
  const entry = metricOf(relay, metric);
  if (!entry) return <Figure text={ABSENT} />;
  if (isExactCount(entry)) return <>{formatCount(entry.count)}</>;
  const rounds = entry.perRound.map(({ p50 }) => p50).filter((value) => value !== null);
  return (
    <>
      <Statistic results={results} relay={relay.name} entry={entry} statistic="p50" />
      {rounds.length > 1 ? (
        <div class="sub">
          {formatValue(Math.min(...rounds), entry.unit)} to {formatValue(Math.max(...rounds), entry.unit)}
        </div>
      ) : null}
    </>
  );
}

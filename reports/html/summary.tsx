/** The answer in one table, relay by relay, before everything else. */
import type { ComponentChildren } from 'preact';
import { NULL_RELAY, type RelayResult, type Results } from '../../harness/results.js';
import { answersFindings, failedChecks, gatesFinding, wrongStoredAnswers } from '../findings.js';
import { ABSENT, formatCount, plural } from '../format.js';
import { type Headline, headlineOf, standingOf } from '../headline.js';
import { capitalised, metricNaming } from '../metric-names.js';
import { printable } from '../printable.js';
import { contenders, labelText, metricOf } from '../select.js';
import { Figure, Mark, RelayName, Statistic } from './parts.js';

const MEMORY = ['memory.rss.peak', 'memory.anon.peak'] as const;

interface Column {
  readonly name: string;
  readonly cell: (relay: RelayResult) => ComponentChildren;
}

export function Summary({ results }: { readonly results: Results }) {
  if (results.relays.length === 0) return null;
  const columns: readonly Column[] = [
    { name: 'Answers', cell: (relay) => <Answers results={results} relay={relay} /> },
    ...latencyColumns(results),
    ...memoryColumn(results),
  ];
  return (
    <table class="summary" aria-label="The answer, relay by relay">
      <thead>
        <tr>
          <th scope="col">Relay</th>
          {columns.map(({ name }) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {results.relays.map((relay) => (
          <tr key={relay.name} class={relay.name === NULL_RELAY ? 'floor' : ''}>
            <th scope="row">
              <RelayName results={results} name={relay.name} />
            </th>
            {columns.map(({ name, cell }) => (
              <td key={name} data-label={name}>
                <div>{cell(relay)}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
      <Gates results={results} columns={columns.length} />
    </table>
  );
}

function latencyColumns(results: Results): readonly Column[] {
  const headline = headlineOf(results);
  if (!headline) return [];
  const { metric, labels } = headline;
  const entryOf = (relay: RelayResult) => metricOf(relay, metric, labels);
  const of = labelText(labels);
  const name = capitalised(`${metricNaming(metric).name}${of ? ` of ${of}` : ''}`);
  const tail = results.relays.some((relay) => entryOf(relay)?.p99 != null) ? 'p99' : 'p90';
  const column = (statistic: 'p50' | 'p90' | 'p99'): Column => ({
    name: `${name}, ${statistic}`,
    cell: (relay) => {
      const entry = entryOf(relay);
      if (!entry) return <Figure text={ABSENT} />;
      const why = 'too few samples: p90 is printed from 100, p99 from 1,000';
      return <Statistic results={results} relay={relay.name} entry={entry} statistic={statistic} why={why} />;
    },
  });
  return [column('p50'), column(tail), ...ratioColumn(results, headline)];
}

function ratioColumn(results: Results, headline: Headline): readonly Column[] {
  const [first, second] = contenders(results);
  if (!first || !second) return [];
  return [
    {
      name: `p50 ÷ ${printable(first.name, 40)}’s, round by round`,
      cell: ({ name }) => {
        if (name === NULL_RELAY) return <Figure text={ABSENT} why="the floor" />;
        if (name === first.name) return 1;
        return <Ratio results={results} headline={headline} name={name} />;
      },
    },
  ];
}

const VERDICT_WORDS = {
  lower: 'lower',
  higher: 'higher',
  equivalent: 'equal',
  undecided: 'can’t be told apart',
  'not-measurable': 'not measurable',
} as const;

interface RatioProps {
  readonly results: Results;
  readonly headline: Headline;
  readonly name: string;
}

function Ratio({ results, headline, name }: RatioProps) {
  const standing = standingOf(results, headline, name);
  if (!standing) return <Figure text={ABSENT} why="the scenario does not compare it" />;
  const { ratio, ci95, verdict, reason } = standing;
  const interval = ci95 ? ` (${ci95.map((bound) => bound.toFixed(2)).join('–')})` : '';
  return (
    <>
      {ratio === null ? '' : `${ratio.toFixed(2)}${interval}`}
      <div class="sub" title={reason === undefined ? '95 % interval in brackets' : printable(reason, 400)}>
        {ci95 && verdict === 'not-measurable' ? 'no measurable difference' : VERDICT_WORDS[verdict]}
      </div>
    </>
  );
}

function memoryColumn(results: Results): readonly Column[] {
  const metric = MEMORY.find((name) => results.relays.some((relay) => metricOf(relay, name)));
  if (metric === undefined) return [];
  return [
    {
      name: capitalised(metricNaming(metric).name),
      cell: (relay) => {
        const entry = metricOf(relay, metric);
        if (!entry) return <Figure text={ABSENT} />;
        return <Statistic results={results} relay={relay.name} entry={entry} statistic="p50" />;
      },
    },
  ];
}

/** Right, wrong, or nobody knows; the list below the verdicts says which checks. */
function Answers({ results, relay }: { readonly results: Results; readonly relay: RelayResult }) {
  if (relay.name === NULL_RELAY) return <span class="sub">not judged: the floor</span>;
  const place = contenders(results).indexOf(relay);
  const finding = answersFindings(results)[place];
  if (!finding) return <Figure text={ABSENT} />;
  const wrong = wrongStoredAnswers(relay);
  const standing = wrong ? 'bad' : finding.standing;
  return (
    <span class={`result ${standing}`}>
      <Mark standing={standing} />
      <a href={`#${finding.anchor}`}>{answerWords(relay, standing)}</a>
    </span>
  );
}

function answerWords(relay: RelayResult, standing: 'good' | 'bad' | 'unsure'): string {
  const { conformance } = relay;
  if (!conformance || conformance.checked === 0) return 'not judged';
  const wrong = wrongStoredAnswers(relay);
  if (wrong && conformance.failed === 0) {
    return `wrong: ${formatCount(wrong.wrong)} of ${plural(wrong.all, 'answer')}`;
  }
  const ofChecks = `of ${plural(conformance.checked, 'check')}`;
  if (standing === 'bad') return `wrong: ${conformance.failed} ${ofChecks} failed`;
  const findings = failedChecks(relay).length;
  if (findings > 0) return `${plural(findings, 'SHOULD finding')}, ${ofChecks}`;
  return standing === 'good' ? `right: ${plural(conformance.checked, 'check')}` : 'stored answers not judged';
}

function Gates({ results, columns }: { readonly results: Results; readonly columns: number }) {
  const finding = gatesFinding(results.gates);
  if (!finding) return null;
  return (
    <tfoot>
      <tr>
        <th scope="row">Gates</th>
        <td colSpan={columns}>
          <span class={`result ${finding.standing}`}>
            <Mark standing={finding.standing} />
            <a href={`#${finding.anchor}`}>{finding.text}</a>
          </span>
        </td>
      </tr>
    </tfoot>
  );
}

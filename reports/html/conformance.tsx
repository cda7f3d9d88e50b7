/** Every check, what each relay made of it, and the evidence. */
import type { CheckFailure, CheckResult, ExcerptLine, Results } from '../../harness/results.js';
import { checkAnchor, countsAsFailed, isMeasured, type Standing } from '../findings.js';
import { formatCount, plural } from '../format.js';
import { printable } from '../printable.js';
import { contenders } from '../select.js';
import { Foreign, Mark, RelayName } from './parts.js';

interface Judged {
  readonly relay: string;
  readonly check: CheckResult;
  readonly standing: Standing | undefined;
}

interface CheckGroup {
  readonly check: CheckResult;
  readonly judged: readonly Judged[];
}

const LONGEST_TEXT = 4000;

export function ConformanceSection({ results }: { readonly results: Results }) {
  const groups = checkGroups(results);
  const telling = groups.filter((group) => urgency(group) < QUIET_FROM);
  const quiet = groups.filter((group) => urgency(group) >= QUIET_FROM);
  return (
    <section id="conformance">
      <h2>Conformance</h2>
      <p class="lead">
        {isMeasured(results)
          ? 'Every message of the run was checked while the load was on.'
          : 'Each probe asks one question, and every message is checked.'}{' '}
        MUST and POLICY count; SHOULD and INFO are findings worth knowing. Cases that no rule could decide are
        set aside.
      </p>
      {groups.length === 0 ? <p class="lead">No relay was judged.</p> : null}
      <div class="checks">
        {telling.map((group) => (
          <CheckRow key={group.check.id} results={results} group={group} />
        ))}
      </div>
      {quiet.length === 0 ? null : (
        <details class="more">
          <summary>{plural(quiet.length, 'more check')}: traits not seen, not tested or not claimed</summary>
          <div class="checks">
            {quiet.map((group) => (
              <CheckRow key={group.check.id} results={results} group={group} />
            ))}
          </div>
        </details>
      )}
    </section>
  );
}

function checkGroups(results: Results): readonly CheckGroup[] {
  const judged = contenders(results).flatMap(({ name, conformance }) =>
    (conformance?.checks ?? []).map((check): Judged => {
      const counts = conformance ? countsAsFailed(check, conformance) : false;
      return { relay: name, check, standing: standingOf(check, counts) };
    }),
  );
  const ids = [...new Set(judged.map(({ check }) => check.id))];
  const groups = ids.flatMap((id): CheckGroup[] => {
    const same = judged.filter(({ check }) => check.id === id);
    return same[0] ? [{ check: same[0].check, judged: same }] : [];
  });
  return groups.toSorted((x, y) => urgency(x) - urgency(y));
}

function standingOf({ result }: CheckResult, counts: boolean): Standing | undefined {
  if (result === 'passed') return 'good';
  if (result === 'failed') return counts ? 'bad' : 'unsure';
  return undefined;
}

/** From this {@link urgency} on, a check says nothing about any relay. */
const QUIET_FROM = 4;

/** Failures first, then traits that were seen, then what passed, then traits not seen and what wasn't judged. */
function urgency({ judged }: CheckGroup): number {
  const rank = ({ check, standing }: Judged) => {
    if (standing === 'bad') return 0;
    if (standing === 'unsure') return 1;
    if (check.result === 'observed' && check.failedCases === 0) return QUIET_FROM;
    return { failed: 1, observed: 2, passed: 3, 'not-tested': 5, 'not-supported': 6 }[check.result];
  };
  return Math.min(...judged.map(rank));
}

function CheckRow({ results, group }: { readonly results: Results; readonly group: CheckGroup }) {
  const { check, judged } = group;
  const evidence = judged.filter(({ check: { failures } }) => failures.length > 0);
  return (
    <details
      class="check"
      id={checkAnchor(check.id)}
      open={judged.some(({ standing }) => standing === 'bad')}
    >
      <summary>
        <span class="level">{check.level}</span>
        <span>
          <span class="title">
            <Foreign text={check.title} />
          </span>
          <code class="id">{printable(check.id, 100)}</code>
        </span>
        <span class="results">
          {judged.map((one) => (
            <Outcome key={one.relay} judged={one} />
          ))}
        </span>
      </summary>
      <div class="body">
        <p>
          <Foreign text={check.requirement} max={600} /> (<Foreign text={check.reference} />)
        </p>
        <ul class="sub">
          {judged.map((one) => (
            <li key={one.relay}>
              <Foreign text={one.relay} max={40} />: {countsOf(one.check)}
              {one.check.note === undefined ? null : (
                <>
                  : <Foreign text={one.check.note} max={600} />
                </>
              )}
            </li>
          ))}
        </ul>
        {evidence.map(({ relay, check: { failures, failedCases } }) => (
          <div key={relay}>
            {failures.map((failure, index) => (
              <Case key={`${relay} ${index}`} results={results} relay={relay} failure={failure} />
            ))}
            {failedCases > failures.length ? (
              <p class="sub">
                The first {formatCount(failures.length)} of {plural(failedCases, 'case')}{' '}
                {failures.length === 1 ? 'is' : 'are'} shown.
              </p>
            ) : null}
          </div>
        ))}
      </div>
    </details>
  );
}

function Outcome({ judged }: { readonly judged: Judged }) {
  const { relay, check, standing } = judged;
  const words: Readonly<Record<CheckResult['result'], string>> = {
    passed: '',
    failed: `${formatCount(check.failedCases)} failed`,
    observed: check.failedCases === 0 ? 'not seen' : `seen ${formatCount(check.failedCases)}×`,
    'not-supported': 'not claimed',
    'not-tested': 'not tested',
  };
  return (
    <span class={`result ${standing ?? ''}`}>
      {standing ? <Mark standing={standing} /> : null}
      <span>
        <Foreign text={relay} max={40} /> {words[check.result]}
      </span>
    </span>
  );
}

function countsOf({ result, seen, setAside, failedCases, note }: CheckResult): string {
  if (result === 'not-supported') return 'the relay does not claim it';
  if (result === 'not-tested')
    return `not tested${note === undefined ? ', no case to judge' : ''}${setAside ? `, ${formatCount(setAside)} set aside` : ''}`;
  const verb = result === 'observed' ? 'showed it' : 'failed';
  return `${plural(seen, 'case')} judged, ${formatCount(failedCases)} ${verb}, ${formatCount(setAside)} set aside`;
}

interface CaseProps {
  readonly results: Results;
  readonly relay: string;
  readonly failure: CheckFailure;
}

function Case({ results, relay, failure }: CaseProps) {
  const { message, round, connection, excerpt } = failure;
  const where = [
    round === undefined ? '' : `round ${round}`,
    connection === undefined ? '' : `connection ${connection}`,
  ].filter(Boolean);
  return (
    <div class="case">
      <h4>
        <RelayName results={results} name={relay} />: <Foreign text={message} max={600} />
      </h4>
      {where.length ? <p class="sub">{where.join(', ')}</p> : null}
      {excerpt.length ? (
        <ol class="wire" aria-label="What went over the wire; times since the connection opened">
          {excerpt.map((line, index) => (
            <WireLine key={`${index} ${line.atMs}`} line={line} />
          ))}
        </ol>
      ) : null}
    </div>
  );
}

const WAYS = { sent: '→ sent', got: '← got', note: '· note' } as const;

function WireLine({ line: { atMs, direction, text } }: { readonly line: ExcerptLine }) {
  return (
    <li class={direction}>
      <time>{atMs.toFixed(3)} ms</time>
      <span class="way">{WAYS[direction]}</span>
      {direction === 'note' ? (
        <span class="note-line">
          <Foreign text={text} max={LONGEST_TEXT} />
        </span>
      ) : (
        <span>
          <code>{printable(text, LONGEST_TEXT)}</code>
          {text.length > LONGEST_TEXT ? (
            <span class="sub"> ({formatCount(text.length)} characters in all)</span>
          ) : null}
        </span>
      )}
    </li>
  );
}

/** What was measured, where, and how to do it again. */
import type { GateResult, GeneratorFigures, RelayResult, Results } from '../../harness/results.js';
import { endingOf, type Standing, slug } from '../findings.js';
import { ABSENT, formatCount, formatPercent, formatRatio, formatValue } from '../format.js';
import { printable } from '../printable.js';
import { Figure, Foreign, Mark, RelayName, Scroll } from './parts.js';
import { repeatCommand } from './repeat.js';

const LONGEST_DOCUMENT = 20_000;

export function GateSection({ results }: { readonly results: Results }) {
  if (results.gates.length === 0) return null;
  return (
    <section id="gates">
      <h2>Gates</h2>
      <Scroll label="Gates">
        <table>
          <thead>
            <tr>
              <th scope="col">Rule</th>
              <th scope="col" class="text">
                Result
              </th>
              <th scope="col" class="text">
                Measured
              </th>
            </tr>
          </thead>
          <tbody>
            {results.gates.map((gate) => (
              <GateRow key={gate.rule} gate={gate} />
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

function GateRow({ gate: { rule, result, actual } }: { readonly gate: GateResult }) {
  const standing = ({ passed: 'good', failed: 'bad', 'not-measurable': 'unsure' } as const)[
    result
  ] satisfies Standing;
  return (
    <tr>
      <th scope="row">
        <code>{printable(rule, 200)}</code>
      </th>
      <td class="text">
        <span class={`result ${standing}`}>
          <Mark standing={standing} /> {result.replace('-', ' ')}
        </span>
      </td>
      <td class="text">
        <Foreign text={actual} max={300} />
      </td>
    </tr>
  );
}

export function RelaySection({ results }: { readonly results: Results }) {
  if (results.relays.length === 0) return null;
  return (
    <section id="relays">
      <h2>What was measured</h2>
      <div class="columns">
        {results.relays.map((relay) => (
          <RelayCard key={relay.name} results={results} relay={relay} />
        ))}
      </div>
    </section>
  );
}

function RelayCard({ results, relay }: { readonly results: Results; readonly relay: RelayResult }) {
  const { target, error, name, spec } = relay;
  const saysMore = spec !== name && spec !== `${name}=${target.command}`;
  const ending = endingOf(relay);
  const pids = results.rounds.map(({ pids: all }) => all[name] ?? null);
  const known = pids.filter((pid) => pid !== null);
  return (
    <div class="relay" id={`relay-${slug(name)}`}>
      <h3>
        <RelayName results={results} name={name} />
      </h3>
      {ending === undefined ? null : (
        <p class="bad">
          <Foreign text={ending} max={500} />
        </p>
      )}
      <dl class="facts">
        <dt>Kind</dt>
        <dd>{target.kind}</dd>
        {spec === undefined || !saysMore ? null : <Fact name="Given as" text={spec} />}
        {target.url === undefined ? null : <Fact name="Address" text={target.url} />}
        {target.command === undefined ? null : <Fact name="Command" text={target.command} />}
        {known.length ? <Fact name="Process of each round" text={known.join(', ')} /> : null}
        {target.process === undefined ? null : <ProcessFacts process={target.process} />}
        {target.transport === undefined ? null : (
          <Fact name="Transport" text={transportText(target.transport)} />
        )}
      </dl>
      {target.nip11 === undefined ? null : (
        <details class="more">
          <summary>NIP-11 document, as the relay gave it</summary>
          <pre>{lines(JSON.stringify(target.nip11, null, 2) ?? '', LONGEST_DOCUMENT)}</pre>
        </details>
      )}
      {error?.logTail.length ? (
        <details class="more" open>
          <summary>Last lines of its log</summary>
          <pre>{error.logTail.map((line) => printable(line, 1000)).join('\n')}</pre>
        </details>
      ) : null}
    </div>
  );
}

/** Who holds the listening socket: the evidence that this is what was measured. */
function ProcessFacts({ process }: { readonly process: NonNullable<RelayResult['target']['process']> }) {
  return (
    <>
      <Fact name="Listens on it" text={`${process.pid}: ${process.arguments}`} />
      {process.program === undefined ? null : <Fact name="Program" text={process.program} />}
      {process.sha256 === undefined ? null : <Fact name="Its SHA-256" text={process.sha256} />}
    </>
  );
}

function transportText({
  clientNoDelay,
  relayNoDelay,
  permessageDeflate,
}: NonNullable<RelayResult['target']['transport']>): string {
  const relay = relayNoDelay === null ? 'not known' : onOrOff(relayNoDelay);
  const deflate = permessageDeflate ? 'on' : 'never offered';
  return `TCP_NODELAY: clients ${onOrOff(clientNoDelay)}, relay ${relay}; permessage-deflate: ${deflate}`;
}

function onOrOff(is: boolean): string {
  return is ? 'on' : 'off';
}

function lines(text: string, longest: number): string {
  const shown = text.slice(0, longest).split('\n');
  return shown.map((line) => printable(line, 2000)).join('\n');
}

function Fact({ name, text }: { readonly name: string; readonly text: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <code>{printable(text, 500)}</code>
      </dd>
    </>
  );
}

export function GeneratorSection({ results }: { readonly results: Results }) {
  const { perRelay, ...all } = results.harness;
  return (
    <section id="generator">
      <h2>The load generator</h2>
      <p class="lead">
        It watches itself: how late it sent what was due, how long its own event loop stood still, and how
        much more load it could have carried. Where it was saturated, figures are harness-bound.
      </p>
      <Scroll label="The load generator">
        <table>
          <thead>
            <tr>
              <th scope="col">While loading</th>
              <th scope="col">Late, p50</th>
              <th scope="col">Late, p99</th>
              <th scope="col">Late, max</th>
              <th scope="col">Event-loop delay, p99</th>
              <th scope="col">CPU</th>
              <th scope="col">Headroom</th>
              <th scope="col">Harness-bound</th>
            </tr>
          </thead>
          <tbody>
            {perRelay.map(({ relay, workers = [], ...figures }) => (
              <>
                <tr key={relay}>
                  <th scope="row">
                    <RelayName results={results} name={relay} />
                    {workers.length > 0 && ', the worst of its workers'}
                  </th>
                  <GeneratorCells figures={figures} />
                </tr>
                {workers.map(({ worker, pid, ...own }) => (
                  <tr key={`${relay} ${worker}`}>
                    <th scope="row">{`load worker ${worker} of ${workers.length}`}</th>
                    <GeneratorCells figures={own} />
                  </tr>
                ))}
              </>
            ))}
            <tr>
              <th scope="row">all</th>
              <GeneratorCells figures={all} />
            </tr>
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

function GeneratorCells({ figures }: { readonly figures: GeneratorFigures }) {
  const { lateness, eventLoopDelay, cpu, headroom, bound } = figures;
  const cells = [
    formatValue(lateness.p50, 'ms'),
    formatValue(lateness.p99, 'ms'),
    formatValue(lateness.max, 'ms'),
    formatValue(eventLoopDelay.p99, 'ms'),
    cpu === null ? ABSENT : `${formatPercent(cpu)} of a core`,
    headroom === null ? ABSENT : `${formatRatio(headroom)}×`,
    bound ? 'yes' : 'no',
  ];
  return (
    <>
      {cells.map((cell, index) => (
        <td key={index.toString()}>
          <Figure text={cell} />
        </td>
      ))}
    </>
  );
}

export function EnvironmentSection({ results }: { readonly results: Results }) {
  const { environment, scenario, corpus, rounds } = results;
  return (
    <section id="environment">
      <h2>How to repeat it</h2>
      <p class="lead">
        With reqbench {printable(environment.reqbench, 40)}
        {environment.commit === undefined ? '' : `, commit ${printable(environment.commit, 40)}`}, in the
        folder in which it was run:
      </p>
      <pre class="command">{repeatCommand(results)}</pre>
      <div class="columns">
        <div>
          <h3>Scenario</h3>
          <dl class="facts">
            <Fact name="Name" text={scenario.name} />
            {scenario.file === undefined ? null : <Fact name="File" text={scenario.file} />}
            {scenario.overrides?.length ? <Fact name="Set" text={scenario.overrides.join(' ')} /> : null}
            <Fact name="Seed" text={String(scenario.seed)} />
            <Fact name="Epoch" text={scenario.epoch} />
            <Fact name="Plan" text={scenario.planFingerprint} />
            <Fact name="Corpus" text={`${formatCount(corpus.events)} events, ${corpus.fingerprint}`} />
            {corpus.keyNonce === undefined ? undefined : (
              <Fact name="Keys" text={`of this run alone, nonce ${printable(corpus.keyNonce, 40)}`} />
            )}
            <Fact
              name="Rounds"
              text={rounds.map(({ round, order }) => `${round}: ${order.join(', ')}`).join(' · ') || 'none'}
            />
          </dl>
        </div>
        <div>
          <h3>Machine</h3>
          <dl class="facts">
            <Fact name="Processor" text={`${environment.cpu}, ${environment.cores} cores`} />
            <Fact name="System" text={environment.os} />
            <Fact name="Node" text={environment.node} />
            <Fact name="Flags" text={environment.flags.join(' ') || 'none'} />
            <Fact
              name="reqbench"
              text={[environment.reqbench, environment.commit].filter(Boolean).join(', commit ')}
            />
            <Fact name="Started" text={results.startedAt} />
          </dl>
        </div>
      </div>
    </section>
  );
}

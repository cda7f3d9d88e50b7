/** The top of the report: doubts, verdicts, and whether answers and figures hold. */
import type { Comparison, Results } from '../../harness/results.js';
import { answersFindings, doubts, evidence, type Finding, gatesFinding, isMeasured } from '../findings.js';
import { formatRatio } from '../format.js';
import { printable } from '../printable.js';
import { type Verdict, verdicts, withoutVerdict } from '../words.js';
import { colorOf, Foreign, Mark } from './parts.js';
import { Summary } from './summary.js';

export function Masthead({ results }: { readonly results: Results }) {
  const answers = answersFindings(results);
  const wrong = answers.filter(({ standing }) => standing === 'bad');
  const all = verdicts(results);
  return (
    <header class="masthead" id="verdict">
      <p class="eyebrow">
        <b>
          <Foreign text={results.scenario.name} max={80} />
        </b>
        <span>{results.startedAt.replace('T', ' ').replace(/\.\d+Z$|Z$/, ' UTC')}</span>
        {results.scenario.description === undefined ? null : (
          <span>
            <Foreign text={results.scenario.description} max={240} />
          </span>
        )}
      </p>
      <Summary results={results} />
      <Notes findings={[...wrong, ...doubts(results)]} />
      <div class="verdicts">
        {all.length === 0 ? <NoVerdict results={results} /> : null}
        {all.map((verdict, index) => (
          <VerdictBlock key={verdict.headline} verdict={verdict} results={results} first={index === 0} />
        ))}
      </div>
      <div class="standing">
        <StandingList title="Were the answers right?" findings={answers} empty="No relay was judged." />
        {isMeasured(results) ? <Belief results={results} /> : <HowAsked results={results} />}
        {isMeasured(results) ? <Gates results={results} /> : null}
      </div>
    </header>
  );
}

function Notes({ findings }: { readonly findings: readonly Finding[] }) {
  if (findings.length === 0) return null;
  return (
    <ul class="doubts" id="warnings" aria-label="Read this first">
      {findings.map(({ standing, text, anchor }) => (
        <li key={text} class={`note ${standing}`}>
          <Mark standing={standing} />
          <p>{anchor === 'warnings' ? text : <a href={`#${anchor}`}>{text}</a>}</p>
        </li>
      ))}
    </ul>
  );
}

function NoVerdict({ results }: { readonly results: Results }) {
  return (
    <div class="verdict">
      <h1 class="wide">{withoutVerdict(results)}</h1>
    </div>
  );
}

interface VerdictProps {
  readonly verdict: Verdict;
  readonly results: Results;
  readonly first: boolean;
}

function VerdictBlock({ verdict, results, first }: VerdictProps) {
  const { comparison } = verdict;
  const Heading = first ? 'h1' : 'h2';
  const drawn = comparison?.ci95 && comparison.ratio !== null;
  return (
    <div class="verdict">
      <div class={drawn ? '' : 'wide'}>
        <Heading>{verdict.headline}</Heading>
        {verdict.detail ? <p>{verdict.detail}</p> : null}
        {verdict.caution ? <p class="spoiled">{verdict.caution}</p> : null}
      </div>
      {drawn ? <IntervalPlot comparison={comparison} results={results} /> : null}
    </div>
  );
}

const PLOT = { width: 300, height: 74, left: 14, right: 286, axis: 40 } as const;

/** The interval of the ratio on a log axis around 1, where neither is lower; inside the grey nothing can be told. */
function IntervalPlot({
  comparison,
  results,
}: {
  readonly comparison: Comparison;
  readonly results: Results;
}) {
  const { ci95, ratio, detectable, a, b } = comparison;
  if (!ci95 || ratio === null) return null;
  const reach = Math.log(
    Math.max(1.25, ...[...ci95, ratio].map((value) => Math.max(value, 1 / value))) * 1.1,
  );
  const middle = (PLOT.left + PLOT.right) / 2;
  const x = (value: number) => middle + (Math.log(value) / reach) * (PLOT.right - middle);
  const color = { 'a-lower': colorOf(results, a), 'b-lower': colorOf(results, b) }[
    String(comparison.verdict)
  ];
  const stroke = color ?? 'var(--soft)';
  const [low, high] = ci95;
  const blind = Math.min(detectable ?? 1, Math.exp(reach));
  const title = `Ratio ${printable(a, 40)} to ${printable(b, 40)}: ${ratio.toFixed(2)}, 95 % interval ${low.toFixed(2)} to ${high.toFixed(2)}`;
  const { axis } = PLOT;
  return (
    <svg class="interval" viewBox={`0 0 ${PLOT.width} ${PLOT.height}`} role="img" aria-label={title}>
      <title>{title}</title>
      <text class="name" x={PLOT.left} y="12">
        ← {printable(a, 16)} lower
      </text>
      <text class="name" x={PLOT.right} y="12" text-anchor="end">
        {printable(b, 16)} lower →
      </text>
      <rect x={x(1 / blind)} y={axis - 14} width={x(blind) - x(1 / blind)} height="28" fill="var(--sunken)" />
      <line x1={PLOT.left} x2={PLOT.right} y1={axis} y2={axis} stroke="var(--line)" />
      <line x1={middle} x2={middle} y1={axis - 16} y2={axis + 16} stroke="var(--faint)" />
      <line
        x1={x(low)}
        x2={x(high)}
        y1={axis}
        y2={axis}
        stroke={stroke}
        stroke-width="5"
        stroke-linecap="round"
      />
      <circle cx={x(ratio)} cy={axis} r="7" fill={stroke} stroke="var(--page)" stroke-width="2" />
      <text x={middle} y={PLOT.height - 4} text-anchor="middle">
        equal
      </text>
      <text x={PLOT.left} y={PLOT.height - 4}>
        {formatRatio(Math.exp(reach))}×
      </text>
      <text x={PLOT.right} y={PLOT.height - 4} text-anchor="end">
        {formatRatio(Math.exp(reach))}×
      </text>
    </svg>
  );
}

interface StandingProps {
  readonly title: string;
  readonly findings: readonly Finding[];
  readonly empty: string;
}

function StandingList({ title, findings, empty }: StandingProps) {
  return (
    <div>
      <h2>{title}</h2>
      <ul>
        {findings.length === 0 ? <li class="plain">{empty}</li> : null}
        {findings.map(({ standing, text, anchor }) => (
          <li key={text} class={standing}>
            <Mark standing={standing} />
            <a href={`#${anchor}`}>{text}</a>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Belief({ results }: { readonly results: Results }) {
  const against = doubts(results).length;
  const standing = against === 0 ? 'good' : 'unsure';
  const text = against === 0 ? 'Nothing found that speaks against them' : 'Not without the warnings above';
  return (
    <div>
      <h2>Can the figures be believed?</h2>
      <ul>
        <li class={standing}>
          <Mark standing={standing} />
          <a href={against === 0 ? '#generator' : '#warnings'}>{text}</a>
        </li>
        {evidence(results).map((line) => (
          <li key={line} class="plain">
            {line}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Of a run that took no figures: how it came to its answers. */
function HowAsked({ results }: { readonly results: Results }) {
  return (
    <div>
      <h2>How was it asked?</h2>
      <ul>
        {evidence(results).map((line) => (
          <li key={line} class="plain">
            {line}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Gates({ results }: { readonly results: Results }) {
  const finding = gatesFinding(results.gates);
  return (
    <StandingList
      title="Did it pass?"
      findings={finding ? [finding] : []}
      empty="The scenario sets no gates."
    />
  );
}

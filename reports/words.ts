/** Verdicts in plain words, the same in the terminal, the summary and the report. */
import { type Comparison, NULL_RELAY, type Results, type Warning } from '../harness/results.js';
import { formatPercent, formatRatio, formatValue, listed, plural } from './format.js';
import { capitalised, metricNaming } from './metric-names.js';
import { printable } from './printable.js';
import { contenders, labelText, metricOf, relayNamed } from './select.js';

/** From this factor on a difference is told as `1.8×`, below it in percent. */
const FACTOR_FROM = 1.2;

export interface Verdict {
  readonly tone: 'difference' | 'equivalent' | 'undecided' | 'not-measurable';
  /** What the metric is about: `time to first event, timeline`. */
  readonly subject: string;
  /** The answer: `streaming sends its first event 1.8× sooner`. */
  readonly headline: string;
  /** The figures behind it, comma separated; may be empty. */
  readonly detail: string;
  /** What speaks against the figures, in a sentence or two; empty when nothing does. */
  readonly caution: string;
  /** What it is the verdict of; undefined where that is several comparisons. */
  readonly comparison: Comparison | undefined;
}

/** So many comparisons that could not be made for one reason are told as one. */
const TOLD_AS_ONE = 3;

/** The verdicts in the order of the results, and after them what could not be compared at all, reason by reason. */
export function verdicts(results: Results): readonly Verdict[] {
  const { comparisons } = results;
  const byReason = grouped(comparisons.filter(isWithoutFigures), ({ reason }) => reason);
  const untold = [...byReason.values()].flatMap((group) =>
    group.length < TOLD_AS_ONE
      ? group.map((comparison) => verdictOf(results, comparison))
      : [withoutComparison(group)],
  );
  const told = comparisons.filter((comparison) => !isWithoutFigures(comparison));
  return [...told.map((comparison) => verdictOf(results, comparison)), ...untold];
}

/** What a run that compared nothing has to say: each relay's own figure, or its checks. */
export function withoutVerdict(results: Results): string {
  const measured = contenders(results).flatMap((relay) => {
    const entry = metricOf(relay, 'req.eose') ?? metricOf(relay, 'event.ok');
    if (!entry || entry.p50 === null) return [];
    const naming = metricNaming(entry.metric);
    return [`${printable(relay.name, 40)}: ${naming.name} p50 ${formatValue(entry.p50, entry.unit)}`];
  });
  if (measured.length > 0) return measured.join(', ');
  const checked = contenders(results).flatMap(({ name, conformance }) =>
    conformance && conformance.checked > 0
      ? [`${printable(name, 40)}: ${conformance.failed} of ${plural(conformance.checked, 'check')} failed`]
      : [],
  );
  return checked.length > 0 ? checked.join(', ') : 'This run measured nothing';
}

/** A verdict as one sentence: headline, and the figures in brackets. */
export function verdictSentence({ headline, detail }: Verdict): string {
  return detail ? `${headline} (${detail})` : headline;
}

/** The comparisons of each key, in the order of their first. */
function grouped<Key>(
  comparisons: readonly Comparison[],
  keyOf: (comparison: Comparison) => Key,
): ReadonlyMap<Key, readonly Comparison[]> {
  const groups = new Map<Key, Comparison[]>();
  for (const comparison of comparisons) {
    const key = keyOf(comparison);
    const group = groups.get(key);
    if (group) group.push(comparison);
    else groups.set(key, [comparison]);
  }
  return groups;
}

function isWithoutFigures({ verdict, ci95 }: Comparison): boolean {
  return verdict === 'not-measurable' && !ci95;
}

/** Several comparisons that one reason forbids: mostly all those with one relay. */
function withoutComparison(group: readonly Comparison[]): Verdict {
  const inAll = [...new Set(group.flatMap(({ a, b }) => [a, b]))].filter((name) =>
    group.every(({ a, b }) => name === a || name === b),
  );
  const common = inAll.length === 1 ? inAll[0] : undefined;
  const subject = `${group.length} comparisons`;
  const bySubject = grouped(group, subjectOf);
  const what = [...bySubject].map(
    ([about, pairs]) => `${about} ${listed(pairs.map((pair) => partners(pair, common)))}`,
  );
  return {
    tone: 'not-measurable',
    subject,
    headline: `${subject}${common === undefined ? '' : ` with ${printable(common, 40)}`} could not be made`,
    detail: [reasonOf(group[0]), ...what].join('; '),
    caution: '',
    comparison: undefined,
  };
}

/** `with batched`, seen from the relay that all have in common, or `of streaming and batched`. */
function partners(comparison: Comparison, common: string | undefined): string {
  const { a, b } = names(comparison);
  if (common === undefined) return `of ${a} and ${b}`;
  return `with ${comparison.a === common ? b : a}`;
}

function reasonOf(comparison: Comparison | undefined): string {
  return printable(comparison?.reason ?? 'this run could not measure it', 400);
}

function subjectOf({ metric, labels: given }: Comparison): string {
  const labels = labelText(given);
  const { name } = metricNaming(metric);
  return labels ? `${name} of ${labels}` : name;
}

function verdictOf(results: Results, comparison: Comparison): Verdict {
  const naming = metricNaming(comparison.metric);
  const labels = labelText(comparison.labels);
  const subject = subjectOf(comparison);
  const { a, b } = names(comparison);
  const common = { subject, comparison, caution: cautionOf(results, comparison) };
  const figures = pointFigures(results, comparison);
  switch (comparison.verdict) {
    case 'a-lower':
    case 'b-lower': {
      const lower = comparison.verdict === 'a-lower' ? a : b;
      const share = inFavourOf(comparison, comparison.verdict);
      const size = share.size ? `${share.size} ` : '';
      const headline = `${labels ? `${capitalised(labels)}: ` : ''}${lower} ${naming.verb} ${size}${naming.less}`;
      return {
        ...common,
        tone: 'difference',
        headline,
        detail: joined([naming.name, figures, share.interval]),
      };
    }
    case 'equivalent':
      return {
        ...common,
        tone: 'equivalent',
        headline: `${a} and ${b} are equal in ${subject}`,
        detail: joined([figures, ratioFigures(comparison)]),
      };
    case 'undecided':
      return {
        ...common,
        tone: 'undecided',
        headline: `${a} and ${b} can't be told apart in ${subject}`,
        detail: joined([figures, ratioFigures(comparison), detectableFigure(comparison)]),
      };
    case 'not-measurable':
      return {
        ...common,
        // The reason says it already.
        caution: '',
        tone: 'not-measurable',
        // With an interval the figures are there; it is the harness that isn't fine enough for their difference.
        headline: comparison.ci95
          ? `No measurable difference between ${a} and ${b} in ${subject}`
          : `${capitalised(subject)} of ${a} and ${b} could not be compared`,
        detail: joined([
          reasonOf(comparison),
          ...(comparison.ci95 ? [figures, ratioFigures(comparison)] : []),
        ]),
      };
  }
}

function names({ a, b }: Comparison): { a: string; b: string } {
  return { a: printable(a, 40), b: printable(b, 40) };
}

function joined(parts: readonly string[]): string {
  return parts.filter(Boolean).join(', ');
}

/** `p50 0.42 ms against 0.77 ms`, a's figure first unless b is the lower one. */
function pointFigures(results: Results, comparison: Comparison): string {
  const order =
    comparison.verdict === 'b-lower' ? [comparison.b, comparison.a] : [comparison.a, comparison.b];
  const [first, second] = order.map((name) => statisticOf(results, comparison, name));
  return first && second ? `${comparison.statistic} ${first} against ${second}` : '';
}

function statisticOf(
  results: Results,
  { metric, labels, statistic }: Comparison,
  name: string,
): string | undefined {
  const entry = metricOf(relayNamed(results, name), metric, labels);
  const value = { p50: entry?.p50, p90: entry?.p90, p99: entry?.p99, mean: entry?.mean, max: entry?.max }[
    statistic
  ];
  return entry && typeof value === 'number' ? formatValue(value, entry.unit) : undefined;
}

/** The difference as seen from the relay that is lower: `1.8×` with `95 % interval 1.6–2.0×`, or in percent. */
function inFavourOf(
  { ratio, ci95 }: Comparison,
  verdict: 'a-lower' | 'b-lower',
): { size: string; interval: string } {
  if (ratio === null || ratio <= 0) return { size: '', interval: '' };
  const factorOf = (value: number) => (verdict === 'a-lower' ? 1 / value : value);
  const factor = factorOf(ratio);
  const bounds = (ci95 ?? []).map(factorOf).toSorted((x, y) => x - y);
  const tell = factor >= FACTOR_FROM ? (value: number) => `${formatRatio(value)}` : percentLess;
  const unit = factor >= FACTOR_FROM ? '×' : '\u00a0%';
  const [low, high] = bounds;
  const interval =
    low === undefined || high === undefined ? '' : `95\u00a0% interval ${tell(low)}–${tell(high)}${unit}`;
  return { size: `${tell(factor)}${unit}`, interval };
}

/** By how many percent the lower one is lower, when the other one is `factor` times as much. */
function percentLess(factor: number): string {
  return formatPercent(1 - 1 / factor).replace('\u00a0%', '');
}

function ratioFigures({ ratio, ci95 }: Comparison): string {
  if (ratio === null) return '';
  const interval = ci95 ? `, 95\u00a0% interval ${ci95.map((bound) => bound.toFixed(2)).join('–')}` : '';
  return `ratio ${ratio.toFixed(2)}${interval}`;
}

function detectableFigure({ detectable, pairs }: Comparison): string {
  if (detectable === null) return `${plural(pairs, 'pair')} of rounds are too few for an interval`;
  const size = detectable >= 2 ? `${formatRatio(detectable)}×` : formatPercent(detectable - 1);
  return `smallest difference that this run could have found: ${size}`;
}

/** Speeds of wrong answers aren't worth comparing, and warnings may speak against a figure. */
function cautionOf(results: Results, comparison: Comparison): string {
  const wrong = [comparison.a, comparison.b].filter(
    (name) => (relayNamed(results, name)?.conformance?.failed ?? 0) > 0,
  );
  const shown = wrong.map((name) => printable(name, 40));
  return [
    shown.length ? `${listed(shown)} gave wrong answers, and their speed proves nothing.` : '',
    spoiling(results, comparison).length ? 'A warning above speaks against this figure.' : '',
  ]
    .filter(Boolean)
    .join(' ');
}

/** Warnings whose `spoils` names the metric, one of the relays, `relay:metric`, the floor, or everything (`*`). */
function spoiling(results: Results, { metric, a, b }: Comparison): readonly Warning[] {
  const touched = new Set([
    '*',
    'all',
    metric,
    a,
    b,
    `${a}:${metric}`,
    `${b}:${metric}`,
    `${NULL_RELAY}:${metric}`,
  ]);
  return results.warnings.filter(({ spoils }) => spoils.some((spoiled) => touched.has(spoiled)));
}

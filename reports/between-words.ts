/** What two runs of different times say of each other, in plain words; the same in the terminal and the summary. */
import type { BetweenFigure, PointFigure, RelayChange, RunsComparison } from '../harness/results.js';
import type { Standing } from './findings.js';
import { formatPercent, formatRatio, formatValue, listed, plural } from './format.js';
import { metricNaming } from './metric-names.js';
import { printable } from './printable.js';
import { labelText, perSecond } from './select.js';

/** From this ratio on a difference is told as `1.8×`, below it in percent. */
const FACTOR_FROM = 2;
/** What is shown of a relay without a verdict; the JSON has every metric. */
const SHOWN_POINTS: readonly string[] = [
  'req.ttfe',
  'req.eose',
  'event.ok',
  'event.delivery',
  'auth',
  'connect',
  'memory.rss.peak',
  'memory.anon.peak',
  'cpu.time',
  'events.received.rate',
  'refused',
  'lost',
  'late',
];

export interface Sentence {
  readonly standing: Standing | 'plain';
  readonly text: string;
}

/** `a  before.json: 2026-11-22 16:39 UTC, 7 rounds`. */
export function runLine(name: 'a' | 'b', { runs }: RunsComparison): string {
  const { file, startedAt, rounds, complete } = runs[name];
  const when = `${startedAt.slice(0, 16).replace('T', ' ')} UTC`;
  const end = complete ? '' : ', did not finish';
  return `${name}: ${printable(file, 200)}, ${printable(when, 40)}, ${plural(rounds, 'round')}${end}`;
}

/** What is the same, and a line for everything that isn't. */
export function differenceLines({ differences }: RunsComparison): readonly string[] {
  return differences.map(
    ({ what, a, b }) => `${printable(what, 80)}: ${printable(a, 160)} in a, ${printable(b, 160)} in b`,
  );
}

/** `streaming`, or `base (a) and head (b)`. */
export function pairName({ a, b }: RelayChange): string {
  return a === b ? printable(a, 40) : `${printable(a, 40)} (a) and ${printable(b, 40)} (b)`;
}

/** The verdicts on a relay, worst news about its answers first. */
export function relaySentences(relay: RelayChange): readonly Sentence[] {
  return [...endings(relay), ...answers(relay), ...relay.figures.map(figureSentence)];
}

function endings({ status }: RelayChange): readonly Sentence[] {
  return (['a', 'b'] as const).flatMap((run): Sentence[] =>
    status[run] === 'ok' ? [] : [{ standing: 'bad', text: `did not finish in ${run} (${status[run]})` }],
  );
}

function answers({ conformance: { a, b, onlyInA, onlyInB } }: RelayChange): readonly Sentence[] {
  const told = (one: typeof a): string =>
    one === null ? 'not checked' : `${one.failed} of ${plural(one.checked, 'check')} failed`;
  const news = onlyInB.map(
    (id): Sentence => ({ standing: 'bad', text: `${printable(id, 100)} fails in b and not in a` }),
  );
  const gone = onlyInA.map(
    (id): Sentence => ({ standing: 'good', text: `${printable(id, 100)} fails in a and not in b` }),
  );
  const isClean = a !== null && b !== null && a.failed === 0 && b.failed === 0;
  return [
    ...news,
    ...gone,
    { standing: isClean ? 'good' : 'unsure', text: `answers: ${told(a)} in a, ${told(b)} in b` },
  ];
}

function figureSentence(figure: BetweenFigure): Sentence {
  const naming = metricNaming(figure.metric).name;
  const labels = labelText(figure.labels);
  const subject = `${naming}${labels ? ` of ${labels}` : ''}, ${figure.statistic}`;
  const numbers = numbersOf(figure);
  switch (figure.verdict) {
    case 'not-measurable':
      return {
        standing: 'unsure',
        text: `${subject}: not measurable: ${printable(figure.reason ?? 'no figures', 400)}${numbers ? ` (${numbers})` : ''}`,
      };
    case 'equivalent':
      return { standing: 'plain', text: `${subject}: equal in a and b (${numbers})` };
    case 'undecided':
      return {
        standing: 'plain',
        text: `${subject}: a and b can't be told apart (${numbers}${detectableText(figure)})`,
      };
    case 'a-lower':
      return { standing: 'plain', text: `${subject}: ${sizeText(figure.ratio, 'higher')} in b (${numbers})` };
    case 'b-lower':
      return { standing: 'plain', text: `${subject}: ${sizeText(figure.ratio, 'lower')} in b (${numbers})` };
  }
}

function sizeText(ratio: number | null, word: 'higher' | 'lower'): string {
  if (ratio === null) return word;
  const factor = word === 'higher' ? ratio : 1 / ratio;
  if (factor >= FACTOR_FROM) return `${formatRatio(factor)}× ${word}`;
  return `${formatPercent(Math.abs(ratio - 1))} ${word}`;
}

function numbersOf({ a, b, unit, metric, ratio, ci95, floorRatio, rounds }: BetweenFigure): string {
  if (ratio === null) return '';
  const suffix = perSecond(metric);
  return [
    `${formatValue(a, unit)}${suffix} in a, ${formatValue(b, unit)}${suffix} in b`,
    `ratio ${ratio.toFixed(2)}`,
    ci95 ? `95\u00a0% interval ${ci95.map((bound) => bound.toFixed(2)).join('–')}` : '',
    floorRatio === null ? 'no null relay' : `null relay ${floorRatio.toFixed(2)}`,
    `${rounds.a} and ${rounds.b} rounds`,
  ]
    .filter(Boolean)
    .join(', ');
}

function detectableText({ detectable }: BetweenFigure): string {
  if (detectable === null) return '';
  const size = detectable >= FACTOR_FROM ? `${formatRatio(detectable)}×` : formatPercent(detectable - 1);
  return `, smallest difference that could have been found: ${size}`;
}

/** Rows of a table: figure, a, b, b / a. What must not be compared is left out: the sentences say why. */
export function pointRows({ points }: RelayChange): readonly (readonly string[])[] {
  return points.filter(isShown).map(({ metric, statistic, unit, a, b, ratio }) => {
    const suffix = perSecond(metric);
    const name = metricNaming(metric).name;
    return [
      isSampledLatency(unit, statistic) ? `${name} ${statistic}` : name,
      `${formatValue(a, unit)}${suffix}`,
      `${formatValue(b, unit)}${suffix}`,
      ratio === null ? '' : ratio.toFixed(2),
    ];
  });
}

export const POINT_HEAD = ['', 'a', 'b', 'b / a'] as const;

function isShown({ metric, reason }: PointFigure): boolean {
  return reason === undefined && SHOWN_POINTS.includes(metric);
}

function isSampledLatency(unit: string, statistic: string): boolean {
  return unit === 'ms' && statistic !== 'count';
}

/** Why figures of a relay are left out of the table, each reason once. */
export function leftOut({ points }: RelayChange): readonly string[] {
  const reasons = points.flatMap(({ metric, reason }) =>
    reason !== undefined && SHOWN_POINTS.includes(metric) ? [reason] : [],
  );
  return [...new Set(reasons)].map((reason) => printable(reason, 400));
}

/** Relays that are in one file alone; undefined where there is none. */
export function unmatchedLine({ unmatched }: RunsComparison): string | undefined {
  const parts = (['a', 'b'] as const).flatMap((run) =>
    unmatched[run].length > 0
      ? [`${listed(unmatched[run].map((name) => printable(name, 40)))} of ${run}`]
      : [],
  );
  return parts.length === 0 ? undefined : `Not compared: ${listed(parts)}`;
}

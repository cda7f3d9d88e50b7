import { closest } from 'fastest-levenshtein';
import {
  isMetricName,
  METRICS,
  type MetricName,
  type MetricShape,
  type MetricUnit,
} from '../measure/catalogue.js';
import { LABEL_NAMES } from '../measure/labels.js';
import type { MetricLabels } from '../results.js';
import { GateSyntaxError, Scanner } from './scanner.js';

/** Failed checks of the conformance report: an exact count that isn't a recorded metric. */
const CONFORMANCE_FAILED = 'conformance.failed';

export type TermMetric = MetricName | typeof CONFORMANCE_FAILED;

/** Those that a metric of the shape can be asked for; the first is the default. */
const STATISTICS = {
  distribution: ['p50', 'p90', 'p99', 'mean', 'count'],
  /** The round's value, which results write as its p50. */
  round: ['p50'],
  count: ['count'],
} as const satisfies Record<MetricShape, readonly string[]>;

export type Statistic = (typeof STATISTICS)[MetricShape][number];

/** A figure: `[relay:]metric[{req=timeline,client=reader}][.statistic]`. */
export interface MetricTerm {
  /** Undefined: every relay but null. */
  readonly relay: string | undefined;
  readonly metric: TermMetric;
  readonly labels: MetricLabels;
  readonly statistic: Statistic;
  /** Where the term begins in its text, from 0. */
  readonly offset: number;
}

export function termUnit({ metric, statistic }: Pick<MetricTerm, 'metric' | 'statistic'>): MetricUnit {
  return metric === CONFORMANCE_FAILED || statistic === 'count' ? 'count' : METRICS[metric].unit;
}

/**
 * Reads a term that stands alone.
 * @throws {GateSyntaxError}
 */
export function parseMetricTerm(text: string): MetricTerm {
  const scanner = new Scanner(text);
  scanner.skipSpaces();
  const term = scanTerm(scanner);
  scanner.skipSpaces();
  if (!scanner.atEnd) scanner.fail(`unexpected ${scanner.rest} after the metric`);
  return term;
}

/** A measured figure, not an exact count. */
export type ComparedTerm = MetricTerm & {
  readonly metric: MetricName;
  readonly statistic: Exclude<Statistic, 'count'>;
};

/**
 * Reads an entry of a scenario's `compare:`, which all relays are compared by.
 * @throws {GateSyntaxError}
 */
export function parseComparedTerm(text: string): ComparedTerm {
  const term = parseMetricTerm(text);
  const { metric, statistic } = term;
  if (term.relay !== undefined) {
    throw new GateSyntaxError(
      'a comparison is between all relays and names none',
      term.offset,
      'leave out the relay',
    );
  }
  if (metric === CONFORMANCE_FAILED || statistic === 'count') {
    throw new GateSyntaxError(
      'an exact count has no interval to compare by',
      term.offset,
      'compare a measured metric, or write a gate',
    );
  }
  return { ...term, metric, statistic };
}

/** Reads a term at the scanner's place. */
export function scanTerm(scanner: Scanner): MetricTerm {
  const { offset } = scanner;
  const head = scanner.take(/[^\s{}<>=*]+/y) ?? scanner.fail(`a metric is missing before ${scanner.rest}`);
  const nameStart = head.lastIndexOf(':') + 1;
  if (nameStart === 1) throw new GateSyntaxError('the name of the relay is missing before ":"', offset);
  const relay = nameStart === 0 ? undefined : head.slice(0, nameStart - 1);
  const name = { text: head.slice(nameStart), offset: offset + nameStart };
  const labels = scanLabels(scanner);
  if (labels === undefined) return { relay, labels: {}, offset, ...splitName(name) };
  const metric = metricOf(name);
  if (metric === CONFORMANCE_FAILED) {
    throw new GateSyntaxError(`${metric} has no labels`, name.offset + name.text.length, `write ${metric}`);
  }
  const dot = scanner.offset;
  const suffix = scanner.take(/\.[^\s<>=*]*/y)?.slice(1);
  return { relay, labels, offset, metric, statistic: statisticOf(metric, suffix, dot + 1) };
}

type Text = { readonly text: string; readonly offset: number };

/** A name with dots of its own, and perhaps a statistic behind the last one. */
function splitName(name: Text): Pick<MetricTerm, 'metric' | 'statistic'> {
  const dot = name.text.lastIndexOf('.');
  const before = name.text.slice(0, Math.max(0, dot));
  if (!isTermMetric(name.text) && isTermMetric(before)) {
    return {
      metric: before,
      statistic: statisticOf(before, name.text.slice(dot + 1), name.offset + dot + 1),
    };
  }
  const metric = metricOf(name);
  return { metric, statistic: statisticOf(metric, undefined, name.offset) };
}

function isTermMetric(name: string): name is TermMetric {
  return name === CONFORMANCE_FAILED || isMetricName(name);
}

function metricOf({ text, offset }: Text): TermMetric {
  if (isTermMetric(text)) return text;
  const dot = text.lastIndexOf('.');
  if (isTermMetric(text.slice(0, Math.max(0, dot)))) {
    const [metric, statistic] = [text.slice(0, dot), text.slice(dot + 1)];
    throw new GateSyntaxError(
      `"${statistic}" stands before the labels`,
      offset + dot + 1,
      `write ${metric}{…}.${statistic}`,
    );
  }
  throw new GateSyntaxError(`there is no metric "${text}"`, offset, `the nearest is ${nearestMetric(text)}`);
}

function nearestMetric(text: string): string {
  if (isStatistic(text)) return `req.eose.${text}`;
  const statistic = /\.(p50|p90|p99|mean|count)$/.exec(text)?.[0] ?? '';
  const name = text.slice(0, text.length - statistic.length);
  return closest(name, [...Object.keys(METRICS), CONFORMANCE_FAILED]) + statistic;
}

/** A name of a statistic where a metric was asked for: the metric was left out. */
function isStatistic(text: string): boolean {
  return STATISTICS.distribution.some((statistic) => statistic === text);
}

function statisticOf(metric: TermMetric, text: string | undefined, offset: number): Statistic {
  const shape = metric === CONFORMANCE_FAILED ? 'count' : METRICS[metric].shape;
  const statistics: readonly Statistic[] = STATISTICS[shape];
  if (text === undefined) return STATISTICS[shape][0];
  const found = shape === 'distribution' ? statistics.find((statistic) => statistic === text) : undefined;
  if (found) return found;
  if (shape === 'distribution') {
    const more = text === 'max' ? '; one largest sample has no interval' : '';
    throw new GateSyntaxError(
      `${metric} has no statistic "${text}"`,
      offset,
      `use ${statistics.join(', ')}${more}`,
    );
  }
  const why = shape === 'round' ? 'has one value a round' : 'is an exact count';
  throw new GateSyntaxError(`${metric} ${why} and takes no statistic`, offset, `write ${metric}`);
}

/** `{name=value,…}`; undefined when there is no bracket. */
function scanLabels(scanner: Scanner): MetricLabels | undefined {
  if (scanner.take(/\{/y) === undefined) return undefined;
  const labels: MetricLabels = {};
  do {
    scanner.skipSpaces();
    const { offset } = scanner;
    const text =
      scanner.take(/[^\s=,{}]+/y) ?? scanner.fail('a label is missing', `use ${LABEL_NAMES.join(', ')}`);
    const name = LABEL_NAMES.find((one) => one === text);
    if (name === undefined) {
      throw new GateSyntaxError(
        `there is no label "${text}"`,
        offset,
        `the nearest is ${closest(text, LABEL_NAMES)}`,
      );
    }
    if (labels[name] !== undefined) throw new GateSyntaxError(`the label ${name} is there twice`, offset);
    scanner.take(/\s*=\s*/y) ??
      scanner.fail(`"=" and a value are missing after ${name}`, `write {${name}=…}`);
    labels[name] =
      scanner.take(/[^,{}]*[^\s,{}]/y) ?? scanner.fail(`the value of the label ${name} is missing`);
    scanner.skipSpaces();
  } while (scanner.take(/,/y) !== undefined);
  if (scanner.take(/\}/y) === undefined) scanner.fail(`"}" is missing before ${scanner.rest}`);
  return labels;
}

import type { SourcePosition } from '../errors.js';
import { quantity, suffixesOf } from './quantity.js';
import { GateSyntaxError, Scanner } from './scanner.js';
import { type MetricTerm, scanTerm, termUnit } from './term.js';

const OPERATORS = ['<', '<=', '>', '>=', '='] as const;

export type GateOperator = (typeof OPERATORS)[number];

/** What a figure is held against. */
export type GateBound =
  /** In the metric's unit. */
  | { readonly kind: 'value'; readonly value: number }
  /** That many times another figure of the same run. */
  | { readonly kind: 'term'; readonly factor: number; readonly term: MetricTerm }
  /** The same figure of a baseline run, changed by a share of itself: +10 % is 0.1. */
  | { readonly kind: 'baseline'; readonly change: number };

/** A gate: `term operator bound` (contracts.md, "Gates"). */
export interface GateRule {
  /** As it was written. */
  readonly text: string;
  readonly figure: MetricTerm;
  readonly operator: GateOperator;
  readonly bound: GateBound;
  /** Where the bound begins in `text`, from 0. */
  readonly boundOffset: number;
}

/** A rule and where its text begins in the scenario. */
export interface PlacedRule {
  readonly rule: GateRule;
  readonly at?: SourcePosition | undefined;
}

/**
 * Reads a gate: `[relay:]metric[{req=timeline,client=reader}][.statistic] (< | <= | > | >= | =) value | k * term |
 * baseline ± p%`.
 * @throws {GateSyntaxError}
 */
export function parseGate(text: string): GateRule {
  const scanner = new Scanner(text);
  scanner.skipSpaces();
  const figure = scanTerm(scanner);
  scanner.skipSpaces();
  const operator = scanOperator(scanner, figure);
  scanner.skipSpaces();
  const boundOffset = scanner.offset;
  const bound = scanBound(scanner, figure);
  scanner.skipSpaces();
  if (!scanner.atEnd) scanner.fail(`unexpected ${scanner.rest} after the rule`);
  return { text, figure, operator, bound, boundOffset };
}

function scanOperator(scanner: Scanner, figure: MetricTerm): GateOperator {
  const { offset } = scanner;
  const text = scanner.take(/[<>=!~]+/y);
  const operator = OPERATORS.find((one) => one === text);
  if (operator === undefined) {
    throw new GateSyntaxError(
      text === undefined ? `a comparison is missing before ${scanner.rest}` : `"${text}" is no comparison`,
      offset,
      `use ${OPERATORS.join(' ')}`,
    );
  }
  if (operator === '=' && figure.statistic !== 'count') {
    throw new GateSyntaxError('a measured figure has an interval and equals nothing', offset, 'use <= or >=');
  }
  return operator;
}

function scanBound(scanner: Scanner, figure: MetricTerm): GateBound {
  if (scanner.take(/baseline\b/y) !== undefined) return scanBaseline(scanner);
  const { offset } = scanner;
  const number = scanner.take(/\d+(\.\d+)?/y);
  if (number === undefined) {
    return scanner.fail(
      `a bound is missing before ${scanner.rest}`,
      'write a value (250ms), a factor and another figure (1.5 * streaming:req.eose.p50), or baseline + 10%',
    );
  }
  if (scanner.take(/\s*\*\s*/y) !== undefined) return scanRelative(scanner, Number(number), figure);
  const unit = termUnit(figure);
  const written = scanner.take(/\s*[^\s\d]+/y)?.trim() ?? '';
  // Bytes per second are catalogued in bytes; a rate may be written as one.
  const suffix = unit === 'bytes' && figure.metric.endsWith('.rate') ? written.replace(/\/s$/, '') : written;
  const value = quantity(Number(number), suffix, unit);
  if (value !== undefined) return { kind: 'value', value };
  throw new GateSyntaxError(
    suffix === '' ? `${number} needs a unit` : `"${suffix}" is no unit of ${figure.metric}`,
    offset + number.length,
    `use ${suffixesOf(unit)}`,
  );
}

function scanRelative(scanner: Scanner, factor: number, figure: MetricTerm): GateBound {
  const term = scanTerm(scanner);
  if (termUnit(term) === termUnit(figure)) return { kind: 'term', factor, term };
  throw new GateSyntaxError(
    `${term.metric} is in ${termUnit(term)}, ${figure.metric} in ${termUnit(figure)}`,
    term.offset,
    'compare figures of one unit',
  );
}

function scanBaseline(scanner: Scanner): GateBound {
  scanner.skipSpaces();
  const hint = 'write baseline + 10% or baseline - 10%';
  const sign = scanner.take(/[+−-]/y) ?? scanner.fail(`+ or - is missing before ${scanner.rest}`, hint);
  scanner.skipSpaces();
  const percent =
    scanner.take(/\d+(\.\d+)?/y) ?? scanner.fail(`a percentage is missing before ${scanner.rest}`, hint);
  if (scanner.take(/\s*%/y) === undefined) scanner.fail(`"%" is missing before ${scanner.rest}`, hint);
  return { kind: 'baseline', change: ((sign === '+' ? 1 : -1) * Number(percent)) / 100 };
}

import { closest } from 'fastest-levenshtein';
import { InputError, type InputProblem, type SourcePosition } from '../errors.js';
import { contradictions } from './contradictions.js';
import { type LabelSpace, labelProblems } from './label-rules.js';
import type { GateRule, PlacedRule } from './parse.js';
import type { MetricTerm } from './term.js';

/** What a run has, so that a rule about nothing is found before it. Undefined: not known yet. */
export interface KnownNames {
  readonly relays?: readonly string[] | undefined;
  readonly labels?: LabelSpace | undefined;
  /** Whether there is a baseline to hold figures against. */
  readonly baseline?: boolean | undefined;
}

/**
 * Refuses, before anything runs, what could not be evaluated after it: names that the run doesn't have, rules against a
 * baseline without one, and rules that no figure can keep together.
 * @throws {InputError} with every problem
 */
export function checkGates(rules: readonly PlacedRule[], known: KnownNames = {}): void {
  const problems = [...rules.flatMap((placed) => ruleProblems(placed, known)), ...contradictions(rules)];
  const [first, ...others] = problems;
  if (first) throw new InputError([first, ...others]);
}

function ruleProblems({ rule, at }: PlacedRule, known: KnownNames): InputProblem[] {
  const terms = rule.bound.kind === 'term' ? [rule.figure, rule.bound.term] : [rule.figure];
  return [...terms.flatMap((term) => nameProblems(term, known, at)), ...boundProblems(rule, known, at)];
}

function boundProblems(
  { text, bound, boundOffset }: GateRule,
  { baseline }: KnownNames,
  at: SourcePosition | undefined,
): InputProblem[] {
  if (bound.kind !== 'baseline' || baseline !== false) return [];
  return [
    {
      message: `the gate "${text}" needs a baseline`,
      at: shifted(at, boundOffset),
      hint: 'give the results.json of an earlier run: --baseline FILE',
    },
  ];
}

/** The names in a term that the run doesn't have. */
export function nameProblems(
  { relay, metric, labels, offset }: MetricTerm,
  known: KnownNames,
  at: SourcePosition | undefined,
): InputProblem[] {
  const place = shifted(at, offset);
  const ofLabels = known.labels ? labelProblems(metric, labels, known.labels) : [];
  return [...relayProblems(relay, known.relays), ...ofLabels].map((problem) => ({ ...problem, at: place }));
}

function relayProblems(
  name: string | undefined,
  names: readonly string[] | undefined,
): readonly InputProblem[] {
  if (name === undefined || names === undefined || names.includes(name)) return [];
  const hint = names.length === 0 ? 'there is no relay' : `the nearest is ${closest(name, names)}`;
  return [{ message: `this run has no relay "${name}"`, hint }];
}

/** The place `offset` characters behind one; only within a line whose column is known. */
function shifted(at: SourcePosition | undefined, offset: number): SourcePosition | undefined {
  return at?.column === undefined ? at : { ...at, column: at.column + offset };
}

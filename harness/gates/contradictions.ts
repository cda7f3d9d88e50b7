import type { InputProblem } from '../errors.js';
import type { GateRule, PlacedRule } from './parse.js';
import type { MetricTerm } from './term.js';

/** Pairs of absolute rules about one figure that nothing can keep at once, each named at the second one's place. */
export function contradictions(rules: readonly PlacedRule[]): InputProblem[] {
  return rules.flatMap((second, index) =>
    rules.slice(0, index).flatMap((first): InputProblem[] => {
      if (!areOfOneFigure(first.rule.figure, second.rule.figure)) return [];
      if (canBothHold(first.rule, second.rule)) return [];
      const line = first.at?.line === undefined ? '' : ` in line ${first.at.line}`;
      return [
        {
          message: `the gate "${second.rule.text}" contradicts "${first.rule.text}"${line}`,
          at: second.at,
          hint: 'no figure can keep both: change one of them',
        },
      ];
    }),
  );
}

/** A rule without a relay is about each. */
function areOfOneFigure(a: MetricTerm, b: MetricTerm): boolean {
  const isOneRelay = a.relay === undefined || b.relay === undefined || a.relay === b.relay;
  const labels = (term: MetricTerm) => JSON.stringify(Object.entries(term.labels).toSorted());
  return isOneRelay && a.metric === b.metric && a.statistic === b.statistic && labels(a) === labels(b);
}

function canBothHold(a: GateRule, b: GateRule): boolean {
  const [ofA, ofB] = [rangeOf(a), rangeOf(b)];
  if (!ofA || !ofB) return true;
  const [low, high] = ofA.from > ofB.from ? [ofA, ofB] : [ofB, ofA];
  const [from, to] = [low.from, Math.min(low.to, high.to)];
  if (from !== to) return from < to;
  return [ofA, ofB].every(({ from: start, to: end, closed }) => closed || (start < from && end > from));
}

/** The values that keep an absolute rule; `closed`: its bound itself does. */
function rangeOf({
  operator,
  bound,
}: GateRule): { readonly from: number; readonly to: number; readonly closed: boolean } | undefined {
  if (bound.kind !== 'value') return undefined;
  const { value } = bound;
  const closed = operator !== '<' && operator !== '>';
  switch (operator) {
    case '<':
    case '<=':
      return { from: Number.NEGATIVE_INFINITY, to: value, closed };
    case '>':
    case '>=':
      return { from: value, to: Number.POSITIVE_INFINITY, closed };
    case '=':
      return { from: value, to: value, closed };
  }
}

import type { FigureUnit } from './bench-case.js';
import { type FigureResult, median } from './figures.js';

/** A goal of the design for one figure of a case. */
export interface Goal {
  readonly case: string;
  readonly figure: string;
  /** Undefined: all but the basis. */
  readonly subject?: string | undefined;
  /** What is held against the bound: the value, its ratio to the basis, or what it exceeds the basis by. */
  readonly of: 'value' | 'ratio' | 'excess';
  readonly atLeast?: number | undefined;
  readonly atMost?: number | undefined;
  /** What is asked, in words. */
  readonly what: string;
  readonly goal: string;
}

const BARE_VERIFICATION = 0.85;

/** What the design asks of the relays and of the harness, and what is published of strfry in the same measures. */
export const GOALS: readonly Goal[] = [
  {
    case: 'stored-out',
    figure: 'rate',
    of: 'ratio',
    atLeast: 0.5,
    what: 'stored events out',
    goal: '≥ 50 % of the bare corked `ws` server',
  },
  {
    case: 'eose',
    figure: 'limit500',
    of: 'value',
    atMost: 0.84,
    what: 'time to EOSE, limit 500',
    goal: '≤ 0.84 ms (strfry)',
  },
  {
    case: 'eose',
    figure: 'authors150',
    of: 'value',
    atMost: 0.76,
    what: 'time to EOSE, 150 authors',
    goal: '≤ 0.76 ms (strfry)',
  },
  {
    case: 'fan-out',
    figure: 'rate',
    of: 'ratio',
    atLeast: 0.75,
    what: 'live fan-out to 500 subscribers',
    goal: '≥ 75 % of the bare broadcast',
  },
  {
    case: 'fan-out',
    figure: 'latency',
    of: 'ratio',
    atMost: 2,
    what: 'publish → delivery, 500 subscribers, p50',
    goal: '≤ 2 × the bare broadcast',
  },
  {
    case: 'live-matching',
    figure: 'ratio',
    of: 'value',
    atMost: 1.2,
    what: 'live latency with 10,000 unrelated subscriptions',
    goal: '< 1.2 × the latency with none',
  },
  ...[1, 2, 4].map(
    (threads): Goal => ({
      case: 'ingest',
      figure: `rate${threads}`,
      of: 'ratio',
      atLeast: BARE_VERIFICATION,
      what: `EVENT ingest, ${threads} verifying`,
      goal: '≥ 85 % of bare verification',
    }),
  ),
  {
    case: 'memory-events',
    figure: 'event',
    of: 'value',
    atMost: 1_500,
    what: 'memory per stored event of 600 B',
    goal: '< 1,500 B',
  },
  {
    case: 'memory-connections',
    figure: 'connection',
    of: 'excess',
    atMost: 3_000,
    what: 'memory per idle connection',
    goal: '< 3,000 B over bare `ws`',
  },
  ...['again', 'first'].flatMap((figure): readonly Goal[] => [
    {
      case: 'harness-ceiling',
      figure,
      subject: 'harness, invariants on',
      of: 'ratio',
      atLeast: 0.4,
      what: `harness receiving, events ${figure === 'again' ? 'seen before' : 'for the first time'}`,
      goal: '≥ 40 % of a bare client',
    },
    {
      case: 'harness-ceiling',
      figure,
      subject: 'harness, on, re-serialised',
      of: 'ratio',
      atLeast: 0.25,
      what: `harness receiving, events ${figure === 'again' ? 'seen before' : 'for the first time'}`,
      goal: '≥ 25 % of a bare client',
    },
  ]),
  {
    case: 'engines',
    figure: 'authors150',
    of: 'ratio',
    atMost: 3,
    what: 'LMDB: time to EOSE, 150 authors',
    goal: '≤ 3 × the memory store',
  },
  {
    case: 'engines',
    figure: 'limit500',
    of: 'ratio',
    atMost: 3,
    what: 'LMDB: time to EOSE, limit 500',
    goal: '≤ 3 × the memory store',
  },
  ...['pages', 'otherAuthors', 'otherIds', 'otherTags'].map(
    (figure): Goal => ({
      case: 'engines',
      figure,
      of: 'ratio',
      atMost: 3,
      what: `LMDB: time to EOSE, another REQ each time (${figure})`,
      goal: '≤ 3 × the memory store',
    }),
  ),
];

/** A goal held against what was measured of one subject. */
export interface Verdict {
  readonly what: string;
  readonly subject: string;
  readonly goal: string;
  readonly unit: FigureUnit;
  /** Median over the repetitions. */
  readonly reached: number;
  /** Least and largest. */
  readonly spread: readonly [number, number];
  /** Of the median; `reachedIn` says in how many of the repetitions. */
  readonly verdict: 'met' | 'missed';
  readonly reachedIn: number;
  readonly repetitions: number;
}

/** The verdicts on the figures of one case. */
export function verdictsOn(name: string, figures: readonly FigureResult[]): readonly Verdict[] {
  return GOALS.filter((goal) => goal.case === name).flatMap((goal) =>
    figures
      .filter(({ figure, subject }) => figure.name === goal.figure && isMeant(goal, subject))
      .flatMap((result) => verdictOn(goal, result, figures)),
  );
}

function isMeant(goal: Goal, subject: string): boolean {
  return goal.subject === undefined || goal.subject === subject;
}

function verdictOn(goal: Goal, result: FigureResult, figures: readonly FigureResult[]): readonly Verdict[] {
  const basis = figures.find((each) => each.figure.name === goal.figure && each.subject === result.basis);
  const values = valuesOf(goal, result, basis);
  if (values.length === 0) return [];
  const reached = median(values);
  return [
    {
      what: goal.what,
      subject: result.subject,
      goal: goal.goal,
      unit: goal.of === 'ratio' ? 'ratio' : result.figure.unit,
      reached,
      spread: [Math.min(...values), Math.max(...values)],
      verdict: isReached(goal, reached) ? 'met' : 'missed',
      reachedIn: values.filter((value) => isReached(goal, value)).length,
      repetitions: values.length,
    },
  ];
}

/** What is held against the bound, for each repetition; nothing for the basis itself. */
function valuesOf(goal: Goal, { values, subject }: FigureResult, basis: FigureResult | undefined): number[] {
  if (goal.of === 'value') return subject === 'bare' ? [] : [...values];
  if (basis === undefined) return [];
  return values.map((value, i) => {
    const compared = basis.values[i] ?? Number.NaN;
    return goal.of === 'ratio' ? value / compared : value - compared;
  });
}

function isReached({ atLeast, atMost }: Goal, value: number): boolean {
  return value >= (atLeast ?? Number.NEGATIVE_INFINITY) && value <= (atMost ?? Number.POSITIVE_INFINITY);
}

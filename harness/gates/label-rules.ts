import { closest } from 'fastest-levenshtein';
import type { InputProblem } from '../errors.js';
import type { MetricName } from '../measure/catalogue.js';
import { LABEL_NAMES } from '../measure/labels.js';
import type { MetricLabels } from '../results.js';
import { type LabelledStep, labelledSteps } from '../scenario/labelled-steps.js';
import type { Scenario } from '../scenario/loader.js';
import type { TermMetric } from './term.js';

/** What the labels of a run's figures can be. */
export interface LabelSpace {
  readonly steps: readonly LabelledStep[];
  readonly clients: readonly string[];
  /** Of the measured phases. */
  readonly phases: readonly string[];
}

/** The labels that figures of a scenario can have. */
export function labelSpaceOf({ clients, phases }: Pick<Scenario, 'clients' | 'phases'>): LabelSpace {
  return {
    steps: labelledSteps(clients),
    clients: Object.keys(clients),
    phases: phases.filter(({ measure }) => measure).map(({ name }) => name),
  };
}

type Kinds = readonly LabelledStep['kind'][];

/** The steps whose label a metric has as its `req`; none: its samples have client and phase alone. */
const STEPS_OF: Partial<Record<TermMetric, Kinds>> = {
  connect: [],
  auth: [],
  'req.ttfe': ['req'],
  'req.eose': ['req'],
  'event.delivery': ['req'],
  'count.latency': ['count'],
  'event.ok': ['publish'],
  'http.latency': ['http'],
  'http.errors': ['http'],
  'http.unexpected': ['http'],
  refused: ['req', 'count', 'publish'],
  lateness: ['req', 'count', 'publish', 'http', 'raw'],
} satisfies Partial<Record<MetricName, Kinds>>;

/** Labels that no figure of the metric can have, one by one, or else together; without places. */
export function labelProblems(
  metric: TermMetric,
  labels: MetricLabels,
  space: LabelSpace,
): readonly InputProblem[] {
  const given = LABEL_NAMES.filter((name) => labels[name] !== undefined);
  if (given.length === 0) return [];
  const kinds = STEPS_OF[metric];
  if (kinds === undefined) return [{ message: `${metric} has no labels`, hint: `write ${metric}` }];
  const steps = space.steps.filter(({ kind }) => kinds.includes(kind));
  const known = { client: space.clients, req: steps.map(({ as }) => as), phase: space.phases };
  const unknown = given.flatMap((name) => unknownLabel(metric, name, labels[name], known[name]));
  if (unknown.length > 0) return unknown;
  // Not so for phases: a step belongs to the phase in which it is due, not to the one in which its client arrived.
  const { client, req } = labels;
  if (client === undefined || req === undefined) return [];
  if (steps.some((step) => step.client === client && step.as === req)) return [];
  const having = steps.filter(({ as }) => as === req).map((step) => step.client);
  return [
    { message: `client "${client}" has no "${req}"`, hint: `it is of ${[...new Set(having)].join(', ')}` },
  ];
}

function unknownLabel(
  metric: TermMetric,
  name: (typeof LABEL_NAMES)[number],
  value: string | undefined,
  known: readonly string[],
): readonly InputProblem[] {
  if (value === undefined || known.includes(value)) return [];
  const what = name === 'phase' ? 'measured phase' : name;
  const message = `this run has no ${what} "${value}" for ${metric}`;
  const names = [...new Set(known)];
  if (names.length === 0) return [{ message, hint: `there is no ${what} for ${metric}` }];
  const others = names.filter((one) => one !== closest(value, names));
  const all = others.length === 0 ? '' : `; the others: ${others.join(', ')}`;
  return [{ message, hint: `the nearest is ${closest(value, names)}${all}` }];
}

import type { MetricLabels, Warning } from './results.js';

/** A figure of a relay, as gates and comparisons name it. */
export interface FigureName {
  readonly relay: string;
  readonly metric: string;
  readonly labels: MetricLabels;
  /** Undefined: the metric with all its statistics. */
  readonly statistic?: string | undefined;
}

/** `mine:req.eose{req=timeline}.mean`: as gates write it, and as `spoils` of a warning names it. */
export function figureText({ relay, metric, labels, statistic }: FigureName): string {
  const pairs = Object.entries(labels).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}=${value}`,
  );
  const braces = pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
  return `${relay}:${metric}${braces}${statistic === undefined ? '' : `.${statistic}`}`;
}

/** Whether a warning spoils a figure: by naming its relay, its metric, or the metric of one of its labels. */
export function isSpoiledBy({ spoils }: Warning, { relay, metric, labels, statistic }: FigureName): boolean {
  if (spoils.length === 0) return false;
  const labelSets = [{}, labels, ...Object.entries(labels).map(([name, value]) => ({ [name]: value }))];
  const names = labelSets.flatMap((set) => [
    figureText({ relay, metric, labels: set }),
    figureText({ relay, metric, labels: set, statistic }),
  ]);
  return spoils.includes(relay) || names.some((name) => spoils.includes(name));
}

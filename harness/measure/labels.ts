import type { MetricLabels } from '../results.js';

/** The labels that a metric can have, in the order in which they are written. */
export const LABEL_NAMES = ['client', 'req', 'phase'] as const;

/** One text for one set of labels, whatever the order of the keys; not for display. */
export function labelKey(labels: MetricLabels): string {
  return JSON.stringify(LABEL_NAMES.map((name) => labels[name] ?? null));
}

/** True when `labels` has every label of `wanted`, with the same value. */
export function labelsInclude(labels: MetricLabels, wanted: MetricLabels): boolean {
  return LABEL_NAMES.every((name) => wanted[name] === undefined || wanted[name] === labels[name]);
}

/** The labels of `names` alone. */
export function pickLabels(
  labels: MetricLabels,
  names: readonly (typeof LABEL_NAMES)[number][],
): MetricLabels {
  return Object.fromEntries(
    LABEL_NAMES.filter((name) => names.includes(name) && labels[name] !== undefined).map((name) => [
      name,
      labels[name],
    ]),
  );
}

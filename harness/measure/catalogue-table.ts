import { METRICS, type MetricDefinition, type MetricShape } from './catalogue.js';

const SHAPES: Readonly<Record<MetricShape, string>> = {
  distribution: 'many samples a round',
  round: 'one value a round',
  count: 'exact count',
};

/** The metrics as a Markdown table, for docs/method.md; a test holds the two together. */
export function metricsTable(): string {
  const rows = Object.entries<MetricDefinition>(METRICS).map(
    ([name, { unit, shape, definition }]) => `| \`${name}\` | ${unit} | ${SHAPES[shape]} | ${definition} |`,
  );
  return ['| metric | unit | samples | definition |', '|---|---|---|---|', ...rows].join('\n');
}

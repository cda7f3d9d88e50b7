import type { RelayResult, Results, Warning } from '../../harness/results.js';
import { isSpoiledBy } from '../../harness/spoiled.js';
import { formatValue } from '../../reports/format.js';
import { inert } from '../../reports/markdown-text.js';

const MOST_SAID = 500;

export type Statistic = 'p50' | 'p90' | 'mean' | 'count';

/** What a figure is called, the metric and its statistic. */
export type Column = readonly [title: string, metric: string, statistic: Statistic];

/** Behind a figure that a warning of its run doubts. */
export const DOUBTED = '~';
/** Behind a figure of a relay that did not answer as the oracle does, or broke a rule. */
export const WRONG = '✗';

export function figure(relay: RelayResult, [, metric, statistic]: Column): number | null {
  return wholeOf(relay, metric)?.[statistic] ?? null;
}

/** A figure with its unit, and the mark of a doubt about it. */
export function shown(relay: RelayResult, column: Column, warnings: readonly Warning[]): string {
  const value = figure(relay, column);
  if (value === null) return '–';
  const [, metric, statistic] = column;
  const isDoubted = warnings.some((warning) =>
    isSpoiledBy(warning, { relay: relay.name, metric, labels: {}, statistic }),
  );
  return `${withUnit(value, wholeOf(relay, metric)?.unit)}${isDoubted ? ` ${DOUBTED}` : ''}`;
}

/** Checks of level MUST, SHOULD or POLICY that failed while the scenario was played. */
export function failedChecks({ conformance }: RelayResult) {
  return conformance?.checks.filter(({ result, level }) => result === 'failed' && level !== 'INFO') ?? [];
}

/** Whether a relay did the work of the scenario as the others did: only then its speed is one of this work. */
export function isRight(relay: RelayResult): boolean {
  const { status, work } = relay;
  return status === 'ok' && failedChecks(relay).length === 0 && work?.equal === work?.judged;
}

export function warningsOf(relay: RelayResult, { warnings }: Results): readonly Warning[] {
  return warnings.filter(({ spoils }) =>
    spoils.some((spoilt) => spoilt === relay.name || spoilt.startsWith(`${relay.name}:`)),
  );
}

/** Text of relays, for Markdown. */
export function cell(text: string): string {
  return inert(text, MOST_SAID);
}

function wholeOf({ metrics }: RelayResult, name: string) {
  return metrics.find(({ metric, labels }) => metric === name && Object.keys(labels).length === 0);
}

function withUnit(value: number, unit: string | undefined): string {
  if (unit === 'bytes') return `${(value / 1024 ** 2).toPrecision(3)} MiB`;
  if (unit === 'ms') return formatValue(value, unit).replaceAll('\u00a0', ' ');
  if (unit === 's') return `${value.toPrecision(3)} ${unit}`;
  return String(Math.round(value));
}

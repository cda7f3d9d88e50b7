import type { RelayResult } from '../../harness/results.js';
import { tableOf } from '../../reports/markdown-text.js';
import { type Column, cell, DOUBTED, failedChecks, isRight, shown, WRONG } from './figure.js';
import type { ComparedScenario } from './text.js';

/** The figure that a scenario is about. */
const MAIN: Readonly<Record<string, Column>> = {
  'live-fanout': ['delivery p50', 'event.delivery', 'p50'],
  ingest: ['OK p50', 'event.ok', 'p50'],
};
const OTHERWISE: Column = ['EOSE p50', 'req.eose', 'p50'];

/** One row a relay: the main figure of each scenario, and what it got wrong in any of them. */
export function glance(played: readonly ComparedScenario[]): string {
  const names = [...new Set(played.flatMap(({ results }) => results.relays.map(({ name }) => name)))];
  const header = [
    'relay',
    ...played.map(({ name }) => `${name}, ${mainOf(name)[0]}`),
    'answered as the oracle',
    'checks that failed',
  ];
  const rows = names.map((name) => {
    const parts = played.flatMap(({ results }) => results.relays.filter((relay) => relay.name === name));
    return [
      cell(name),
      ...played.map((scenario) => mainFigure(scenario, name)),
      answered(parts),
      [...new Set(parts.flatMap(failedChecks).map(({ id }) => id))].map(cell).join(', '),
    ];
  });
  return tableOf(header, rows, '--:').join('\n');
}

export const MARKS =
  `${WRONG}: an answer of it in that scenario was wrong, or a check failed, so its speed is not that of the same work. ` +
  `${DOUBTED}: the run itself doubts the figure; the section of the scenario says why. Without a mark nothing stands against it; ` +
  'two such figures of one run that lie close may still change places in the next.';

function mainOf(scenario: string): Column {
  return MAIN[scenario] ?? OTHERWISE;
}

function mainFigure({ name, results }: ComparedScenario, relayName: string): string {
  const relay = results.relays.find((one) => one.name === relayName);
  if (!relay) return '–';
  const text = shown(relay, mainOf(name), results.warnings);
  return isRight(relay) ? text : `${text} ${WRONG}`;
}

/** REQs whose stored answer was right, over all scenarios. */
function answered(parts: readonly RelayResult[]): string {
  const judged = parts.reduce((sum, { work }) => sum + (work?.judged ?? 0), 0);
  const equal = parts.reduce((sum, { work }) => sum + (work?.equal ?? 0), 0);
  if (judged === 0) return '–';
  return equal === judged ? `all ${judged} REQs` : `${equal} of ${judged} REQs`;
}

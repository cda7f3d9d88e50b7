import { createHash } from 'node:crypto';
import { mergeConformance } from '../conformance/merge.js';
import type { GateResult, RelayResult, Results, SweepResult, Warning } from '../results.js';

/** The results of a run at one value of a sweep. */
export interface SweptRun {
  /** The value, as reports show it. */
  readonly value: string;
  /** Where its own results are, relative to those of the sweep. */
  readonly folder: string;
  readonly results: Results;
}

/**
 * One file of a sweep's runs. `sweep` has the figures at every value; checks, gates, warnings and status are those of all
 * values; metrics, series, comparisons and rounds are those of the last value that was played.
 *
 * @param isComplete false: values are left that were not played
 */
export function combineSweep(
  parameter: string,
  runs: readonly [SweptRun, ...SweptRun[]],
  { isComplete, strict }: { readonly isComplete: boolean; readonly strict: boolean },
): Results {
  const last = runs.at(-1) ?? runs[0];
  const all = runs.map(({ results }) => results);
  const place = ({ value }: SweptRun) => placeOf(parameter, value);
  return {
    ...last.results,
    complete: isComplete && all.every(({ complete }) => complete),
    startedAt: runs[0].results.startedAt,
    warnings: runs.flatMap((run) =>
      run.results.warnings.map((warning) => placed(warning, place(run), run === last)),
    ),
    scenario: { ...last.results.scenario, planFingerprint: fingerprintOf(all) },
    relays: last.results.relays.map((relay) => relayOfAll(relay, runs, strict)),
    gates: runs.flatMap((run) => run.results.gates.map((gate) => placedGate(gate, parameter, run.value))),
    sweep: { parameter, points: runs.map(pointOf) },
  };
}

/** A gate that was held at one value of a sweep. */
export function placedGate(gate: GateResult, parameter: string, value: string): GateResult {
  return { ...gate, rule: `${gate.rule} ${placeOf(parameter, value)}` };
}

function placeOf(parameter: string, value: string): string {
  return `at ${parameter} = ${value}`;
}

/** What a warning of another value spoils is not among the figures of the last. */
function placed(warning: Warning, place: string, isLast: boolean): Warning {
  return { ...warning, text: `${place}: ${warning.text}`, spoils: isLast ? warning.spoils : [] };
}

function fingerprintOf(all: readonly Results[]): string {
  return createHash('sha256')
    .update(JSON.stringify(all.map(({ scenario }) => scenario.planFingerprint)))
    .digest('hex');
}

/** The relay at the last value, with its status and checks over all of them. */
function relayOfAll(relay: RelayResult, runs: readonly SweptRun[], strict: boolean): RelayResult {
  const each = runs.flatMap(({ results }) => results.relays.filter(({ name }) => name === relay.name));
  const troubled = each.find(({ status }) => status !== 'ok');
  const judged = each.flatMap(({ conformance }, index) =>
    conformance ? [{ round: index + 1, conformance }] : [],
  );
  return {
    ...relay,
    ...(troubled ? { status: troubled.status, ...(troubled.error ? { error: troubled.error } : {}) } : {}),
    conformance: judged.length === 0 ? null : mergeConformance(judged, { strict }),
  };
}

function pointOf({ value, folder, results }: SweptRun): SweepResult['points'][number] {
  const { complete, scenario, relays, comparisons, warnings } = results;
  return {
    value,
    folder,
    complete,
    planFingerprint: scenario.planFingerprint,
    warnings: warnings.length,
    relays: relays.map(({ name, status, metrics, conformance }) => ({
      name,
      status,
      metrics: metrics.map(({ histogram: _histogram, perRound: _perRound, ...figures }) => figures),
      conformance: conformance && { checked: conformance.checked, failed: conformance.failed },
    })),
    comparisons,
  };
}

/** What a reader has to know before any figure: were the answers right, and can the figures be believed? */
import {
  type CheckResult,
  type Conformance,
  type GateResult,
  NULL_RELAY,
  type RelayResult,
  type Results,
  wrongAnswerCount,
} from '../harness/results.js';
import { formatCount, formatPercent, formatRatio, formatValue, listed, plural } from './format.js';
import { printable } from './printable.js';
import { contenders, isAnySpoiled } from './select.js';

/** `good`: as it should be. `bad`: something is wrong. `unsure`: nobody can tell. */
/** The name under which the conformance suite writes its results. */
const SUITE = 'conform';

export type Standing = 'good' | 'bad' | 'unsure';

export interface Finding {
  readonly standing: Standing;
  readonly text: string;
  /** Anchor of the part of the report that says more. */
  readonly anchor: string;
}

/** Anchor of a check: `check-nip01-req-eose-once`. The same in every report. */
export function checkAnchor(id: string): string {
  return `check-${slug(id)}`;
}

/** Lower-case letters and digits, hyphens between them; safe in an id and a link. */
export function slug(text: string): string {
  const kept = text.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return kept.replace(/^-+|-+$/g, '').slice(0, 80) || 'unnamed';
}

/** Failed checks of a relay: those that count as failed, and SHOULD findings, apart. */
export function failedChecks(relay: RelayResult): readonly CheckResult[] {
  return (relay.conformance?.checks ?? []).filter(({ result }) => result === 'failed');
}

/** Whether a failed check counts as failed: MUST and POLICY do; SHOULD only where the run was strict. */
export function countsAsFailed({ level, result }: CheckResult, { checks, failed }: Conformance): boolean {
  if (result !== 'failed') return false;
  if (level === 'MUST' || level === 'POLICY') return true;
  const binding = checks.filter((check) => check.result === 'failed' && /^(MUST|POLICY)$/.test(check.level));
  return level === 'SHOULD' && failed > binding.length;
}

/** Code of the warning that the load generator, and not the relay, set the figures. */
const HARNESS_BOUND = 'harness-bound';

/** Holds every stored answer against the oracle. */
const ANSWERS_CHECK = 'nip01/req/stored-set';

/** One sentence a relay about its answers. */
function answersOf(relay: RelayResult): Finding {
  const name = printable(relay.name, 40);
  const conformance = relay.conformance;
  const anchor = 'conformance';
  if (!conformance || conformance.checked === 0) {
    return { standing: 'unsure', text: `${name}: no check was judged`, anchor };
  }
  const failed = failedChecks(relay);
  const first = failed[0];
  if (!first) {
    const passed = `${plural(conformance.checked, 'check')}, all passed`;
    // An attached relay that nobody loaded: its messages were right, whether its answers were is not known.
    return relay.target.kind === 'attached' && !relay.loaded
      ? { standing: 'unsure', text: `${name}: stored answers not judged (of the rest ${passed})`, anchor }
      : { standing: 'good', text: `${name}: answers right (${passed})`, anchor };
  }
  const counted = failed.filter((check) => countsAsFailed(check, conformance));
  const others = failed.filter((check) => !counted.includes(check));
  const parts = [
    counted.length
      ? `${counted.length} of ${plural(conformance.checked, 'check')} failed: ${idsOf(counted)}`
      : '',
    others.length
      ? `${plural(others.length, 'SHOULD finding')} (counted with --strict alone): ${idsOf(others)}`
      : '',
  ].filter(Boolean);
  const standing = counted.length ? 'bad' : 'unsure';
  return { standing, text: `${name}: ${parts.join('; ')}`, anchor: checkAnchor((counted[0] ?? first).id) };
}

function idsOf(checks: readonly CheckResult[]): string {
  const named = checks.slice(0, 3).map(({ id }) => printable(id, 60));
  return listed(checks.length > 3 ? [...named, `${checks.length - 3} more`] : named);
}

/** What ended a relay's part, in a sentence; undefined when nothing did. */
export function endingOf(relay: RelayResult): string | undefined {
  const name = printable(relay.name, 40);
  const why = relay.error ? `: ${printable(relay.error.message, 300)}` : '';
  switch (relay.status) {
    case 'ok':
      return undefined;
    case 'failed-to-start':
      return `${name} did not start${why}`;
    case 'died':
      return `${name} did not last the run${why}`;
    case 'interrupted':
      return `${name} was interrupted${why}`;
  }
}

/** What speaks against the figures, worst first. Empty: nothing that the harness looks for. */
export function doubts(results: Results): readonly Finding[] {
  const endings = results.relays.flatMap((relay): Finding[] => {
    const text = endingOf(relay);
    return text === undefined ? [] : [{ standing: 'bad', text, anchor: `relay-${slug(relay.name)}` }];
  });
  const warnings = results.warnings.map(({ code, text, spoils }): Finding => {
    const unnamed = spoils.filter((part) => !text.includes(part));
    const spoiled = unnamed.length ? ` (spoils ${listed(unnamed.map((part) => printable(part, 60)))})` : '';
    const standing = code === HARNESS_BOUND ? 'bad' : 'unsure';
    return { standing, text: `${printable(text, 400)}${spoiled}`, anchor: 'warnings' };
  });
  return [
    ...endings,
    ...wrongAnswers(results),
    ...unjudged(results),
    ...(results.complete ? [] : [unfinished(results)]),
    ...bounds(results),
    ...warnings,
  ];
}

/** How many stored answers are not what the oracle expects, of how many; undefined where their check has not failed. */
export function wrongStoredAnswers({
  conformance,
  work,
}: RelayResult): { readonly wrong: number; readonly all: number } | undefined {
  const failed = conformance?.checks.find(({ id, failedCases }) => id === ANSWERS_CHECK && failedCases > 0);
  if (!failed) return undefined;
  // One that a cap may have cut short fails by no check.
  return work
    ? { wrong: wrongAnswerCount(work), all: work.judged }
    : { wrong: failed.failedCases, all: failed.seen };
}

/** Relays whose answers are not what the oracle expects: SHOULD by NIP-01, and yet no speed to speak of. */
function wrongAnswers(results: Results): readonly Finding[] {
  return contenders(results).flatMap((relay): Finding[] => {
    const answers = wrongStoredAnswers(relay);
    if (!answers) return [];
    const { wrong, all } = answers;
    const text = `${printable(relay.name, 40)} gives wrong answers: ${formatCount(wrong)} of ${formatCount(all)} are not what the oracle expects`;
    return [{ standing: 'bad', text, anchor: checkAnchor(ANSWERS_CHECK) }];
  });
}

/** Whether a rule could judge less than half of its cases. What is INFO accuses nobody. */
export function hasJudgedFew({ level, seen, setAside }: CheckResult): boolean {
  return level !== 'INFO' && seen < setAside;
}

/** Rules that could judge none or few of their cases: a relay that breaks them all could look like that. */
function unjudged(results: Results): readonly Finding[] {
  if (!isMeasured(results)) return [];
  return contenders(results).flatMap(({ name, target, conformance }) =>
    (conformance?.checks ?? []).filter(hasJudgedFew).flatMap(({ id, seen, setAside }): Finding[] => {
      // Said of an attached relay where its answers stand.
      if (target.kind === 'attached' && id === ANSWERS_CHECK) return [];
      const judged = seen === 0 ? 'none' : `only ${formatCount(seen)}`;
      const unknown = seen === 0 ? 'nobody knows' : 'nobody knows of the others';
      const cases = `${plural(seen + setAside, 'case')} of ${printable(id, 60)}`;
      const text = `${printable(name, 40)}: ${judged} of ${cases} could be judged: right or wrong, ${unknown}`;
      return [{ standing: 'unsure', text, anchor: checkAnchor(id) }];
    }),
  );
}

function unfinished(results: Results): Finding {
  const { length } = results.rounds;
  const rounds = length === 0 ? 'no round was measured' : `${plural(length, 'round')} had begun`;
  return { standing: 'unsure', text: `The run did not finish: ${rounds}.`, anchor: 'environment' };
}

/** Says it when the generator, not a relay, set the figures, unless a warning does so with the reason. */
function bounds({ harness, warnings }: Results): readonly Finding[] {
  if (warnings.some(({ code }) => code === HARNESS_BOUND)) return [];
  const bound = harness.perRelay
    .filter(({ relay, bound }) => bound && relay !== NULL_RELAY)
    .map(({ relay }) => printable(relay, 40));
  if (!harness.bound && bound.length === 0) return [];
  const where = bound.length ? ` with ${listed(bound)}` : '';
  const text = `Harness-bound: the load generator was saturated${where}; it set the figures, not the relay.`;
  return [{ standing: 'bad', text, anchor: 'generator' }];
}

/** Whether there should be figures: the conformance suite takes none. */
export function isMeasured({ relays, scenario }: Results): boolean {
  return scenario.name !== SUITE || relays.some(({ metrics }) => metrics.length > 0);
}

/** What was looked at to believe the figures: the floor, the generator, the rounds; without figures, how it was asked. */
export function evidence(results: Results): readonly string[] {
  if (!isMeasured(results)) {
    return [
      'each probe on connections, keys and events of its own',
      'the invariants on every message of them',
    ];
  }
  const { headroom, lateness } = results.harness;
  const hasFloor = results.relays.some(({ name, status }) => name === NULL_RELAY && status === 'ok');
  return [
    hasFloor ? 'null relay measured in the same rounds: the floor' : 'no null relay: the floor is unknown',
    headroom === null ? '' : `the generator could have carried ${formatRatio(headroom)}× the load`,
    lateness.p99 === null
      ? ''
      : `99\u00a0% of steps went out within ${formatValue(lateness.p99, 'ms')} of their time`,
    results.rounds.length ? `${plural(results.rounds.length, 'paired round')}, order changed each time` : '',
    calibrationEvidence(results),
    isAnySpoiled(results) ? 'figures marked ! are spoiled, as the warnings say' : '',
  ].filter(Boolean);
}

/** What the machine's calibration says of a gate between two relays of this run; empty where nobody looked. */
function calibrationEvidence({ calibration }: Results): string {
  if (calibration === undefined) return '';
  if (calibration === null) return 'this machine is not calibrated (reqbench calibrate)';
  const { measuredAt, scenario, recorded, rounds, rates } = calibration;
  const ofMedian = rates.find(({ statistic }) => statistic === 'p50');
  if (!ofMedian) return '';
  const { falseAlarms, found } = ofMedian;
  const largest = found.at(-1);
  const parts = [
    `this machine, calibrated on ${printable(measuredAt.slice(0, 10), 10)} with ${plural(recorded, 'round')} of ${printable(scenario, 60)}: a gate between two relays over ${plural(rounds, 'round')} is wrong about equal ones in ${formatPercent(falseAlarms.rate)} (≤ ${formatPercent(falseAlarms.atMost)})`,
    largest
      ? `finds +${formatPercent(largest.slowdown)} on the median time to EOSE in ${formatPercent(largest.rate)} (≥ ${formatPercent(largest.atLeast)})`
      : '',
  ];
  return parts.filter(Boolean).join(', ');
}

/** All gates in a sentence; undefined when the scenario has none. */
export function gatesFinding(gates: readonly GateResult[]): Finding | undefined {
  if (gates.length === 0) return undefined;
  const failed = gates.filter(({ result }) => result === 'failed').length;
  const unmeasured = gates.filter(({ result }) => result === 'not-measurable').length;
  const passed = gates.length - failed - unmeasured;
  if (passed === gates.length) {
    return { standing: 'good', text: `${plural(gates.length, 'gate')}, all passed`, anchor: 'gates' };
  }
  const parts = [
    failed ? `${failed} failed` : '',
    unmeasured ? `${unmeasured} not measurable` : '',
    passed ? `${passed} passed` : '',
  ].filter(Boolean);
  const standing = failed ? 'bad' : 'unsure';
  return { standing, text: `${plural(gates.length, 'gate')}: ${parts.join(', ')}`, anchor: 'gates' };
}

/** The standing of all answers together. */
export function answersFindings(results: Results): readonly Finding[] {
  return contenders(results).map(answersOf);
}

import { isDeepStrictEqual } from 'node:util';
import type { RelayResult, Results } from '../results.js';
import { type Differing, machineOf } from '../same-question.js';
import type { RelayPair } from './relay-pairs.js';

/** Warnings of what a whole run was told to do, and what they are called as a circumstance. */
const RUN_WARNINGS = { 'network-shaped': 'network', traced: 'tracing', unchecked: 'checking' } as const;

/** Everything that the results know to differ between two runs of the same question. */
export function circumstances(a: Results, b: Results, pairs: readonly RelayPair[]): Differing[] {
  const rows: readonly (readonly [string, string, string])[] = [
    ['seed', String(a.scenario.seed), String(b.scenario.seed)],
    ['machine', machineOf(a), machineOf(b)],
    ['Node', a.environment.node, b.environment.node],
    ['reqbench', a.environment.reqbench, b.environment.reqbench],
    ['calibration', calibrationOf(a), calibrationOf(b)],
    ['Node flags', listOf(a.environment.flags), listOf(b.environment.flags)],
    ['relays in the run', listOf(namesOf(a)), listOf(namesOf(b))],
    ['rounds', String(a.rounds.length), String(b.rounds.length)],
    ...Object.entries(RUN_WARNINGS).map(
      ([code, what]) => [what, warningText(a, code), warningText(b, code)] as const,
    ),
    ...pairs.flatMap(relayRows),
  ];
  return rows.flatMap(([what, ofA, ofB]) => (ofA === ofB ? [] : [{ what, a: ofA, b: ofB }]));
}

/**
 * What no file of two runs can tell, in sentences.
 * @param gapMs between the starts of the two
 */
export function limits(a: Results, b: Results, hasFloor: boolean): string[] {
  if (isDeepStrictEqual(a, b)) {
    return ['Anything: both files hold the same run, so nothing can differ. Give the results of two runs.'];
  }
  return [
    `The runs began ${gapText(a, b)} apart. What became of the machine in between (heat, neighbours, kernel, other programs) is in every ratio, and no statistic takes it out.`,
    hasFloor
      ? 'The null relay, which does the same in both runs, shows a part of that: no verdict is given that its own change could explain.'
      : 'Not both runs have the null relay, so nothing shows how far the machine itself has changed.',
    'Rounds of different runs are not paired: intervals are those of two independent samples, wider than those of one interleaved run.',
    'Settings that change neither the plan nor the corpus, such as limits of the relay, are not in the files; they may differ unseen.',
  ];
}

function relayRows({ a, b }: RelayPair): (readonly [string, string, string])[] {
  const name = a.name === b.name ? a.name : `${a.name}/${b.name}`;
  return [
    [`${name}: command`, commandOf(a), commandOf(b)],
    [`${name}: program`, programOf(a), programOf(b)],
    [`${name}: software`, softwareOf(a), softwareOf(b)],
  ];
}

/** How it was started, or where it is; the port that a started relay was given is not told. */
function commandOf({ target: { kind, command, url } }: RelayResult): string {
  return command ?? (kind === 'attached' ? url : undefined) ?? kind;
}

function programOf({ target }: RelayResult): string {
  return target.process?.sha256 ?? target.process?.program ?? 'unknown';
}

/** Software and version of the NIP-11 document; the relay's own words, hostile. */
function softwareOf({ target: { nip11 } }: RelayResult): string {
  const document: { readonly software?: unknown; readonly version?: unknown } =
    typeof nip11 === 'object' && nip11 !== null ? nip11 : {};
  const words = [document.software, document.version].filter((word) => typeof word === 'string');
  return words.length === 0 ? 'unknown' : words.join(' ');
}

/** By when it was made: the machine's own noise may be another one since. */
function calibrationOf({ calibration }: Results): string {
  return calibration?.measuredAt ?? 'none';
}

function warningText({ warnings }: Results, code: string): string {
  return warnings.find((warning) => warning.code === code)?.text ?? 'nothing special';
}

function namesOf({ relays }: Results): string[] {
  return relays.map(({ name }) => name);
}

function listOf(words: readonly string[]): string {
  return words.length === 0 ? 'none' : words.join(', ');
}

function gapText(a: Results, b: Results): string {
  const minutes = Math.round(Math.abs(Date.parse(b.startedAt) - Date.parse(a.startedAt)) / 60_000);
  if (!Number.isFinite(minutes)) return 'at unknown times';
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

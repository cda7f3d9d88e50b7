import { closest } from 'fastest-levenshtein';
import { InputError, type InputProblem } from '../errors.js';
import { NULL_RELAY, type RelayResult, type Results } from '../results.js';

/** The same relay, or what is to be compared with it, in either run. */
export interface RelayPair {
  readonly a: RelayResult;
  readonly b: RelayResult;
}

/** Results and the file that they were read from. */
export interface SavedRun {
  readonly file: string;
  readonly results: Results;
}

/**
 * Which relay of a belongs to which of b: those that were asked for (`name`, or `nameInA=nameInB`), else all that have
 * the same name. The null relay is the floor and no pair.
 * @throws {InputError} for a name that a run doesn't have, one that is given twice, and where nothing matches
 */
export function relayPairs(a: SavedRun, b: SavedRun, asked: readonly string[]): RelayPair[] {
  const specs =
    asked.length > 0 ? asked : contenders(a.results).filter((name) => contenders(b.results).includes(name));
  if (specs.length === 0) {
    throw new InputError([
      {
        message: `no relay is in both files: ${named(a)}; ${named(b)}`,
        hint: 'say which belongs to which: --relay NAME-IN-A=NAME-IN-B',
      },
    ]);
  }
  const twice = specs.find((spec, index) => specs.indexOf(spec) !== index);
  if (twice !== undefined) {
    throw new InputError([{ message: `--relay ${twice} is given twice`, hint: 'name a pair once' }]);
  }
  const found = specs.map((spec) => {
    const [ofA = '', ofB = ofA] = spec.split('=');
    return [lookUp(a, ofA), lookUp(b, ofB)] as const;
  });
  const problems = found.flat().filter((one) => 'message' in one);
  const [first, ...rest] = problems;
  if (first) throw new InputError([first, ...rest]);
  return found.flatMap(([ofA, ofB]) => ('message' in ofA || 'message' in ofB ? [] : [{ a: ofA, b: ofB }]));
}

/** Names of a run's relays, the floor apart. */
export function contenders({ relays }: Results): string[] {
  return relays.map(({ name }) => name).filter((name) => name !== NULL_RELAY);
}

function lookUp({ file, results }: SavedRun, name: string): RelayResult | InputProblem {
  const relay = results.relays.find((one) => one.name === name);
  if (relay && name !== NULL_RELAY) return relay;
  const names = contenders(results);
  const nearest = names.length === 0 ? 'it has none' : `the nearest is ${closest(name, names)}`;
  return {
    message: relay
      ? 'the null relay is the floor, and not compared'
      : `there is no relay ${JSON.stringify(name)}`,
    at: { file },
    hint: nearest,
  };
}

function named({ file, results }: SavedRun): string {
  return `${file} has ${contenders(results).join(', ') || 'none'}`;
}
